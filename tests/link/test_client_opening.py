"""The client's side of the opening, byte by byte and without a network."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from longwire.errors import ConnectError
from longwire.link.address import parse_address
from longwire.link.client_opening import MAX_BODY, MAX_HEAD, ClientOpening
from longwire.link.deflate import DeflateParameters
from longwire.version import __version__

if TYPE_CHECKING:
    from longwire.link.client_opening import Answer

URL = "ws://host:9/path?token=s3cr3t"


def opening(url: str = URL, **options: Any) -> ClientOpening:
    return ClientOpening(parse_address(url), **options)


def accept_key(client: ClientOpening) -> str:
    key = client.request_headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()


def answer(client: ClientOpening, *more: str, without: str = "", first: str = "") -> bytes:
    """A 101 for this client: without our line that begins so, with more lines."""
    lines = [
        first or "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {accept_key(client)}",
    ]
    kept = [line for line in lines if not (without and line.startswith(without))]
    return ("\r\n".join([*kept, *more]) + "\r\n\r\n").encode("latin-1")


def fed(client: ClientOpening, data: bytes) -> Answer:
    result = client.feed(data)
    assert result is not None
    return result


def fault(client: ClientOpening, data: bytes) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        client.feed(data)
    assert "s3cr3t" not in f"{caught.value} {caught.value!r}"
    return caught.value


# ---------------------------------------------------------------- the request


def test_request() -> None:
    """Request line, Host first, the fields of RFC 6455, our User-Agent."""
    raw = opening().request_bytes()
    lines = raw.decode("latin-1").split("\r\n")
    assert lines[0] == "GET /path?token=s3cr3t HTTP/1.1"
    assert lines[1] == "Host: host:9"
    assert "Upgrade: websocket" in lines
    assert "Connection: Upgrade" in lines
    assert "Sec-WebSocket-Version: 13" in lines
    assert "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits" in lines
    assert f"User-Agent: longwire/{__version__}" in lines
    assert raw.endswith(b"\r\n\r\n")
    assert raw.count(b"\r\n\r\n") == 1
    assert b"Origin" not in raw
    assert b"Sec-WebSocket-Protocol" not in raw


def test_keys_are_fresh() -> None:
    """Each opening has its own key of 16 bytes."""
    keys = {opening().request_headers["sec-websocket-key"] for _ in range(20)}
    assert len(keys) == 20
    assert all(len(base64.b64decode(key)) == 16 for key in keys)


def test_options_of_the_request() -> None:
    """Origin, subprotocols in order, no compression, more fields."""
    headers = opening(
        origin="https://a.example",
        subprotocols=["b", "a"],
        compression=None,
        headers=[("X-One", "1"), ("X-One", "2")],
    ).request_headers
    assert headers["origin"] == "https://a.example"
    assert headers["sec-websocket-protocol"] == "b, a"
    assert "sec-websocket-extensions" not in headers
    assert headers.get_all("x-one") == ("1", "2")


def test_basic_authentication_from_the_url() -> None:
    """User and password of the URL, percent-decoded, become basic authentication."""
    headers = opening("ws://b%40b:p%3Aw@host/").request_headers
    scheme, _, code = headers["authorization"].partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(code) == b"b@b:p:w"


def test_own_fields_replace_ours_once() -> None:
    """Host, Authorization and User-Agent of the user are sent instead of ours, not beside them."""
    client = opening(
        "ws://bob:pw@host/",
        headers={"host": "virtual.example", "authorization": "Bearer x", "user-agent": "me"},
    )
    headers = client.request_headers
    for name, value in (
        ("host", "virtual.example"),
        ("authorization", "Bearer x"),
        ("user-agent", "me"),
    ):
        assert headers.get_all(name) == (value,)
    assert client.request_bytes().split(b"\r\n")[1] == b"Host: virtual.example"


@pytest.mark.parametrize(
    "name",
    [
        "Upgrade",
        "connection",
        "Sec-WebSocket-Key",
        "sec-websocket-version",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions",
        "Content-Length",
        "Transfer-Encoding",
    ],
)
def test_fields_of_the_handshake_are_refused(name: str) -> None:
    """What makes the opening what it is cannot be overridden."""
    with pytest.raises(ConnectError, match=name.lower()) as caught:
        opening(headers={name: "x"})
    assert (caught.value.kind, caught.value.retryable, caught.value.blame) == (
        "local",
        False,
        "local",
    )


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"X": "a\r\nEvil: s3cr3t"}},
        {"headers": {"X\r\nEvil": "s3cr3t"}},
        {"headers": {"X": "s3cr3t\0"}},
        {"headers": [("Host", "a"), ("host", "b")]},
        {"headers": {"Origin": "a"}, "origin": "b"},
        {"origin": "https://a\r\nEvil: s3cr3t"},
        {"subprotocols": ["a\r\nEvil"]},
        {"subprotocols": ["a b"]},
        {"subprotocols": [""]},
        {"subprotocols": ["a", "a"]},
        {"subprotocols": "chat"},
        {"subprotocols": [b"chat"]},
        {"compression": "gzip"},
        {"headers": "X: s3cr3t"},
        {"headers": [("X", 1)]},
    ],
)
def test_nothing_can_be_injected(options: dict[str, Any]) -> None:
    """Line ends and NUL are refused wherever they may come from, before anything is sent."""
    with pytest.raises(ConnectError) as caught:
        opening(**options)
    assert caught.value.kind == "local"
    assert "s3cr3t" not in f"{caught.value} {caught.value!r}"


# ---------------------------------------------------------------- 101


def test_accepted() -> None:
    """A right answer, whole."""
    client = opening()
    result = fed(client, answer(client, "X-Served-By: me"))
    assert (result.status, result.body, result.early) == (101, b"", b"")
    assert (result.subprotocol, result.deflate) == (None, None)
    assert result.headers["x-served-by"] == "me"
    assert not result.redirects


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_dripped(size: int) -> None:
    """An answer in pieces of any size; only the last one makes an answer, with what is behind."""
    client = opening()
    whole = answer(client)
    for position in range(0, len(whole) - size, size):
        assert client.feed(whole[position : position + size]) is None
    rest = whole[(len(whole) - 1) // size * size :]
    assert fed(client, rest + b"\x81\x00").early == b"\x81\x00"


def test_bytes_behind_the_blank_line_are_early() -> None:
    """The first frames come with the answer; they are not the handshake's to read."""
    client = opening()
    early = b"\x81\x05hello\r\n\r\nHTTP/1.1 400 Bad\r\n\r\n"
    assert fed(client, answer(client) + early).early == early


@pytest.mark.parametrize(
    "line",
    [
        "Connection: keep-alive, Upgrade",
        "Connection: upgrade",
        "connection: Keep-Alive, UPGRADE",
        "Connection: Upgrade, keep-alive",
        "Connection: keep-alive\r\nConnection: Upgrade",
    ],
)
def test_several_connection_tokens(line: str) -> None:
    """``Connection`` may have more than one token, in any case (trap 6)."""
    client = opening()
    assert fed(client, answer(client, line, without="Connection: U")).status == 101


@pytest.mark.parametrize("first", ["HTTP/1.1 101 ", "HTTP/1.1 101", "HTTP/1.1 101 Anything else"])
def test_reason_phrases_do_not_matter(first: str) -> None:
    """No client should depend on the phrase, or on there being one (RFC 9112, 4)."""
    client = opening()
    assert fed(client, answer(client, first=first)).status == 101


def test_informational_answers_are_skipped() -> None:
    """Early hints and their like come before the answer proper (RFC 9110, 15.2)."""
    client = opening()
    assert (
        client.feed(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n") is None
    )
    assert fed(client, b"\r\n" + answer(client)).status == 101


def test_subprotocol() -> None:
    """The chosen one is reported."""
    client = opening(subprotocols=["a", "b"])
    assert fed(client, answer(client, "Sec-WebSocket-Protocol: b")).subprotocol == "b"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("", DeflateParameters()),
        ("; server_no_context_takeover", DeflateParameters(remote_no_context_takeover=True)),
        ("; client_no_context_takeover", DeflateParameters(local_no_context_takeover=True)),
        ("; server_max_window_bits=8", DeflateParameters(remote_max_window_bits=8)),
        ("; client_max_window_bits=9", DeflateParameters(local_max_window_bits=9)),
        ("; client_max_window_bits=8", DeflateParameters(local_max_window_bits=8)),
        (
            (
                "; server_no_context_takeover; client_no_context_takeover; "
                "server_max_window_bits=10; client_max_window_bits=11"
            ),
            DeflateParameters(
                local_no_context_takeover=True,
                remote_no_context_takeover=True,
                local_max_window_bits=11,
                remote_max_window_bits=10,
            ),
        ),
    ],
)
def test_compression(parameters: str, expected: DeflateParameters) -> None:
    """All four parameters of RFC 7692, seen from our side."""
    client = opening()
    line = f"Sec-WebSocket-Extensions: permessage-deflate{parameters}"
    assert fed(client, answer(client, line)).deflate == expected


@pytest.mark.parametrize(
    "line",
    [
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=7",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        (
            "Sec-WebSocket-Extensions: permessage-deflate; "
            "client_max_window_bits=8; client_max_window_bits=8"
        ),
        "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=16",
        "Sec-WebSocket-Extensions: permessage-deflate; unheard_of",
        "Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate",
        "Sec-WebSocket-Extensions: x-unheard-of",
        "Sec-WebSocket-Extensions: ;;;",
        "Sec-WebSocket-Protocol: unheard-of",
    ],
)
def test_what_was_not_offered_is_refused(line: str) -> None:
    """An extension or subprotocol that was not offered so ends the opening (RFC 6455, 4.1)."""
    client = opening()
    error = fault(client, answer(client, line))
    assert (error.kind, error.retryable, error.blame) == ("handshake", False, "peer")
    assert error.hint


def test_compression_that_was_not_offered() -> None:
    """Without an offer there is nothing to accept."""
    client = opening(compression=None)
    error = fault(client, answer(client, "Sec-WebSocket-Extensions: permessage-deflate"))
    assert error.kind == "handshake"


@pytest.mark.parametrize("name", ["Upgrade", "Connection", "Sec-WebSocket-Accept"])
def test_missing_fields(name: str) -> None:
    """Without one of the three it is no handshake, and the text names the field."""
    client = opening()
    error = fault(client, answer(client, without=name))
    assert error.kind == "handshake"
    assert name in str(error)


@pytest.mark.parametrize(
    "line",
    [
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        "Sec-WebSocket-Accept: s3cr3t",
        "Sec-WebSocket-Accept:",
    ],
)
def test_wrong_accept_key(line: str) -> None:
    """The answer to another client's key is not taken for ours."""
    client = opening()
    error = fault(client, answer(client, line, without="Sec-WebSocket-Accept"))
    assert error.kind == "handshake"
    assert "Sec-WebSocket-Accept" in str(error)


def test_accept_key_twice() -> None:
    """Two keys are none."""
    client = opening()
    line = f"Sec-WebSocket-Accept: {accept_key(client)}"
    assert fault(client, answer(client, line)).kind == "handshake"


def test_switching_in_http_1_0() -> None:
    """HTTP/1.0 knows no upgrade."""
    client = opening()
    assert fault(client, answer(client, first="HTTP/1.0 101 OK")).kind == "handshake"


# ---------------------------------------------------------------- what is no answer


@pytest.mark.parametrize(
    "data",
    [
        b"S",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"\x15\x03\x01\x00\x02\x02\x28",
        b"\x81\x05hello",
        b"HTTP/2 200\r\n",
        b"HTTP/1.1 101 Switching\n",
        b"\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 abc Nothing\r\n\r\n",
        b"HTTP/1.1 1010 Nothing\r\n\r\n",
        b"HTTP/1.1 600 Nothing\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nno colon\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nname : value\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\n folded: value\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nname: \0\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\n" + b"a: b\r\n" * 300 + b"\r\n",
        b"HTTP/1.1 101 Switching\r\na: " + b"b" * 10_000 + b"\r\n\r\n",
    ],
)
def test_garbage_is_refused_at_once(data: bytes) -> None:
    """What cannot become an answer is refused as soon as that is known, not after a time limit."""
    error = fault(opening(), data)
    assert (error.kind, error.retryable, error.blame) == ("handshake", False, "peer")


def test_endless_head() -> None:
    """A head has a limit, in one piece or dripped."""
    client = opening()
    assert client.feed(b"HTTP/1.1 101 Switching\r\n") is None
    line = b"a: " + b"b" * 1000 + b"\r\n"
    for _ in range(MAX_HEAD // len(line)):
        assert client.feed(line) is None
    assert str(MAX_HEAD) in str(fault(client, line))
    assert "65536" in str(fault(opening(), b"HTTP/1.1 101 S\r\n" + line * 100 + b"\r\n"))


def test_endless_informational_answers() -> None:
    """Heads that come before the answer proper count together against the limit of a head."""
    client = opening()
    one = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    for _ in range(MAX_HEAD // len(one)):
        assert client.feed(one) is None
    assert str(MAX_HEAD) in str(fault(client, one))


def test_end_before_and_inside_the_answer() -> None:
    """A connection that ends early is worth another attempt (trap 4)."""
    client = opening()
    with pytest.raises(ConnectError, match="before any answer") as caught:
        client.eof()
    assert (caught.value.kind, caught.value.retryable, caught.value.blame) == ("eof", True, "peer")
    client.feed(b"HTTP/1.1 101 Swi")
    assert client.received == 16
    with pytest.raises(ConnectError, match="after 16 bytes"):
        client.eof()


# ---------------------------------------------------------------- rejections and redirects


def test_rejection_with_length() -> None:
    """Complete with the last byte of its body, whose start can be had before."""
    client = opening()
    assert client.feed(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nno") is None
    assert client.partial is not None
    assert client.partial.body == b"no"
    result = fed(client, b"peX")
    assert (result.status, result.body) == (404, b"nope")


def test_rejection_until_the_end() -> None:
    """Without a length the body ends with the connection."""
    client = opening()
    assert client.feed(b"HTTP/1.0 503 Down\r\nRetry-After: 7\r\n\r\nsorry") is None
    result = client.eof()
    assert (result.status, result.body, result.headers["retry-after"]) == (503, b"sorry", "7")


def test_rejection_without_limit() -> None:
    """Of an endless body 64 KiB are kept, and it is waited for no longer."""
    client = opening()
    result = fed(client, b"HTTP/1.1 500 Oops\r\n\r\n" + b"x" * (MAX_BODY + 1))
    assert len(result.body) == MAX_BODY


def test_huge_length_is_no_fault() -> None:
    """A page of gigabytes is still a rejection, and not an error of ours."""
    client = opening()
    assert client.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n") is None
    assert client.partial is not None
    assert client.partial.status == 200


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_need_no_body(status: int) -> None:
    """A redirect is complete with its head."""
    client = opening()
    head = f"HTTP/1.1 {status} Go\r\nLocation: /x\r\nContent-Length: 1000\r\n\r\n"
    result = fed(client, head.encode())
    assert result.redirects
    assert result.headers["location"] == "/x"


@pytest.mark.parametrize("status", [300, 304, 305])
def test_other_3xx_are_rejections(status: int) -> None:
    """Not everything with a 3 says where to go."""
    client = opening()
    head = f"HTTP/1.1 {status} Hm\r\nContent-Length: 0\r\n\r\n"
    assert not fed(client, head.encode()).redirects
