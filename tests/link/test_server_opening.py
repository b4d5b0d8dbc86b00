"""The server's side of the opening, without a network."""

from __future__ import annotations

from typing import Any

import pytest

from longwire.link.deflate import DeflateParameters
from longwire.link.headers import Headers
from longwire.link.routing import OpeningRequest, Refusal, Response
from longwire.link.server_opening import ServerOpening

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # both from RFC 6455, 1.3

ALL_FOUR = (
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
    "server_max_window_bits=9; client_max_window_bits=10"
)

FIREFOX = (
    "GET /feed?x=1 HTTP/1.1\r\n"
    "Host: localhost:8000\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
    "Accept: */*\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Origin: http://localhost:8000\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    f"Sec-WebSocket-Key: {KEY}\r\n"
    "Connection: keep-alive, Upgrade\r\n"
    "Sec-Fetch-Dest: empty\r\n"
    "Sec-Fetch-Mode: websocket\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Pragma: no-cache\r\n"
    "Cache-Control: no-cache\r\n"
    "Upgrade: websocket\r\n"
    "\r\n"
).encode()


def request(*more: str, without: str = "", first: str = "GET / HTTP/1.1") -> bytes:
    lines = [
        first,
        "Host: h",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {KEY}",
        "Sec-WebSocket-Version: 13",
    ]
    kept = [line for line in lines if not (without and line.startswith(without))]
    return ("\r\n".join([*kept, *more]) + "\r\n\r\n").encode("latin-1")


def fed(opening: ServerOpening, data: bytes) -> OpeningRequest:
    result = opening.feed(data)
    assert result is not None
    return result


def refusal(data: bytes, **options: Any) -> Response:
    """What this request is refused with, while it is read or while it is checked."""
    opening = ServerOpening(**options)
    try:
        opening.feed(data)
        opening.check()
    except Refusal as refused:
        return refused.response
    raise AssertionError("it was accepted")


def accepted(opening: ServerOpening, data: bytes, **options: Any) -> Headers:
    """The fields of the 101 to this request."""
    fed(opening, data)
    opening.check()
    raw = opening.accept(**options)
    head, end, rest = raw.decode("latin-1").partition("\r\n\r\n")
    assert (end, rest) == ("\r\n\r\n", "")
    first, *lines = head.split("\r\n")
    assert first == "HTTP/1.1 101 Switching Protocols"
    return Headers([(name, value) for name, _, value in (line.partition(": ") for line in lines)])


def test_firefox_is_accepted() -> None:
    """``Connection: keep-alive, Upgrade`` is what Firefox sends (trap 5)."""
    opening = ServerOpening(peer="[::1]:9")
    headers = accepted(opening, FIREFOX)
    assert headers["sec-websocket-accept"] == ACCEPT
    assert headers["upgrade"] == "websocket"
    assert headers["connection"] == "Upgrade"
    assert "sec-websocket-protocol" not in headers


def test_the_request_is_described() -> None:
    """Method, target, path, fields, peer, and whether it asks for a WebSocket."""
    found = fed(ServerOpening(peer="[::1]:9"), FIREFOX)
    assert (found.method, found.target, found.path) == ("GET", "/feed?x=1", "/feed")
    assert found.headers["host"] == "localhost:8000"
    assert found.origin == "http://localhost:8000"
    assert found.peer == "[::1]:9"
    assert found.upgrade


def test_dripped_with_early_bytes() -> None:
    """A request byte by byte; what comes behind it is kept for the link."""
    opening = ServerOpening()
    whole = request()
    for position in range(len(whole) - 1):
        assert opening.feed(whole[position : position + 1]) is None
    assert opening.feed(whole[-1:] + b"\x81\x80") is not None
    opening.feed(b"abcd")
    assert opening.early == b"\x81\x80abcd"


def test_plain_requests_are_described_too() -> None:
    """A health check is no upgrade; it may come in HTTP/1.0, and as HEAD."""
    for first in ("GET /health HTTP/1.1", "GET /health HTTP/1.0", "HEAD /health HTTP/1.1"):
        found = fed(ServerOpening(), f"{first}\r\nHost: h\r\n\r\n".encode())
        assert not found.upgrade
        assert found.path == "/health"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (request(without="Upgrade"), 426),
        (request(without="Connection"), 426),
        (request("Upgrade: h2c", without="Upgrade"), 426),
        (request(without="Sec-WebSocket-Key"), 400),
        (request("Sec-WebSocket-Key: short", without="Sec-WebSocket-Key"), 400),
        (request("Sec-WebSocket-Key: c2hvcnQ=", without="Sec-WebSocket-Key"), 400),
        (request(f"Sec-WebSocket-Key: {KEY}"), 400),
        (request(without="Sec-WebSocket-Version"), 400),
        (request("Sec-WebSocket-Version: 8", without="Sec-WebSocket-Version"), 426),
        (request("Origin: a", "Origin: b"), 400),
        (request("Content-Length: 5"), 400),
        (request("Content-Length: 0", "Content-Length: 5"), 400),
        (request("Content-Length: x"), 400),
        (request("Transfer-Encoding: chunked"), 400),
        (request("Sec-WebSocket-Protocol: ,"), 400),
        (request("Sec-WebSocket-Extensions: ;"), 400),
        (request("no colon"), 400),
        (request("a\0b: c"), 400),
        (request(first="GET / HTTP/1.0"), 505),
        (request(first="HEAD / HTTP/1.1"), 405),
        (request(first="POST / HTTP/1.1"), 405),
        (request("Content-Length: 5", first="POST / HTTP/1.1"), 405),
        (request(first="G=T / HTTP/1.1"), 405),
        (request(first="GET /"), 400),
        (request(first="GET / HTTP/2.0"), 400),
        (request(first="GET /ä HTTP/1.1"), 400),
        (request(first="GET * HTTP/1.1"), 400),
        (request(first="GET h:80 HTTP/1.1"), 400),
        (request(first="GET feed HTTP/1.1"), 400),
        (request(first="GET ?a=b HTTP/1.1"), 400),
        (request(first="GET /a#b HTTP/1.1"), 400),
        (request(first="GET ws://h/a#b HTTP/1.1"), 400),
        (request(first="GET http:///a HTTP/1.1"), 400),
        (request(first="GET http://:80/a HTTP/1.1"), 400),
        (request(first="GET http://u:p@h/a HTTP/1.1"), 400),
        (request(first="GET http://h:a/ HTTP/1.1"), 400),
        (request(first="GET ftp://h/a HTTP/1.1"), 400),
        (request(first="GET http:/a HTTP/1.1"), 400),
        (request(without="Host"), 400),
        (request("Host: h"), 400),
        (request("host: other"), 400),
        (request("Host: a, b", without="Host"), 400),
        (request("Host: a b", without="Host"), 400),
        (request("Host: u@h", without="Host"), 400),
        (request("Host: h/path", without="Host"), 400),
        (request("Host: h:port", without="Host"), 400),
        (request("Host: ::1", without="Host"), 400),
        (request("Host: [::1", without="Host"), 400),
        (request("Host: hä", without="Host"), 400),
        (request("Host: http://h", without="Host"), 400),
        (request(first="GET http://h/ HTTP/1.1", without="Host"), 400),
        (b"GET /health HTTP/1.1\r\n\r\n", 400),
        (b"GET /health HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (request(first=f"GET /{'a' * 9000} HTTP/1.1"), 414),
        (request(f"X: {'a' * 9000}"), 431),
        (request(*[f"X: {n}" for n in range(200)]), 431),
        (request(*[f"X: {'a' * 1000}" for _ in range(20)]), 431),
        (b"\x16\x03\x01\x02\x00\x01", 400),
        (b"\x00", 400),
        (b"\r\n", 400),
    ],
)
def test_refused(data: bytes, status: int) -> None:
    """Whatever is wrong with a request has its status."""
    assert refusal(data).status == status


@pytest.mark.parametrize(
    "host",
    ["h", "h:80", "h:", "sub.h.example", "my_container:1", "127.0.0.1", "[::1]", "[::1]:9", "a-b"],
)
def test_hosts(host: str) -> None:
    """A name, an address or an IPv6 address in brackets, with a port or without."""
    found = fed(ServerOpening(), request(f"Host: {host}", without="Host"))
    assert found.headers["host"] == host


def test_an_old_plain_request_has_no_host() -> None:
    """HTTP/1.0 did not know the field yet; load balancers still ask so."""
    found = fed(ServerOpening(), b"GET /health HTTP/1.0\r\n\r\n")
    assert "host" not in found.headers


@pytest.mark.parametrize(
    ("target", "host", "found"),
    [
        ("http://a.example/feed?x=1", "a.example", "/feed?x=1"),
        ("https://a.example:8443/feed", "a.example:8443", "/feed"),
        ("ws://a.example/feed", "a.example", "/feed"),
        ("WSS://[::1]:9/feed", "[::1]:9", "/feed"),
        ("http://a.example", "a.example", "/"),
        ("http://a.example?x=http://b/", "a.example", "/?x=http://b/"),
        ("/http://a.example/feed", "h", "/http://a.example/feed"),
        ("//a.example/feed", "h", "//a.example/feed"),
    ],
)
def test_absolute_targets(target: str, host: str, found: str) -> None:
    """A whole URL on the request line is taken apart, and goes before Host (RFC 9112, 3.2.2)."""
    opening = ServerOpening()
    described = fed(opening, request("X: y", first=f"GET {target} HTTP/1.1"))
    assert described.target == found
    assert described.path == found.partition("?")[0]
    assert described.headers.get_all("host") == (host,)
    assert described.headers["x"] == "y"
    opening.check()
    assert opening.accept().startswith(b"HTTP/1.1 101 ")


@pytest.mark.parametrize("status", [400, 426])
def test_refusals_say_which_version_is_spoken(status: int) -> None:
    """RFC 6455, 4.4: a client that speaks another version learns which one is spoken here."""
    data = request(without="Sec-WebSocket-Key" if status == 400 else "Upgrade")
    response = refusal(data)
    assert response.status == status
    assert response.headers["sec-websocket-version"] == "13"
    assert ("upgrade" in response.headers) == (status == 426)


def test_limit() -> None:
    """A request over the limit is refused, whether or not it has an end."""
    size = len(request())
    fed(ServerOpening(max_request_bytes=size), request())
    assert refusal(request(), max_request_bytes=size - 1).status == 431
    assert refusal(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 100, max_request_bytes=100).status == 431


@pytest.mark.parametrize(
    ("origins", "sent", "passes"),
    [
        (None, None, True),
        (None, "https://evil.example", True),
        (["https://a.example"], "https://a.example", True),
        (["https://a.example"], "https://evil.example", False),
        (["https://a.example"], None, False),
        (["https://a.example", None], None, True),
        ([], "https://a.example", False),
    ],
)
def test_origins(origins: list[str | None] | None, sent: str | None, passes: bool) -> None:
    """Only origins of the list pass; None in it stands for programs that are no browsers."""
    data = request(*([] if sent is None else [f"Origin: {sent}"]))
    if passes:
        accepted(ServerOpening(origins=origins), data)
    else:
        response = refusal(data, origins=origins)
        assert response.status == 403
        assert b"evil" not in response.body


@pytest.mark.parametrize(
    ("offer", "answered", "expected"),
    [
        (
            "permessage-deflate",
            "permessage-deflate; server_max_window_bits=12",
            DeflateParameters(local_max_window_bits=12),
        ),
        (
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12",
            DeflateParameters(local_max_window_bits=12, remote_max_window_bits=12),
        ),
        (
            ALL_FOUR,
            ALL_FOUR,
            DeflateParameters(
                local_no_context_takeover=True,
                remote_no_context_takeover=True,
                local_max_window_bits=9,
                remote_max_window_bits=10,
            ),
        ),
        (
            "permessage-deflate; server_max_window_bits=8, permessage-deflate",
            "permessage-deflate; server_max_window_bits=12",
            DeflateParameters(local_max_window_bits=12),
        ),
        ("permessage-deflate; server_max_window_bits=8", None, None),
        ("x-unheard-of", None, None),
    ],
)
def test_compression(offer: str, answered: str | None, expected: DeflateParameters | None) -> None:
    """The first offer that can be obeyed is accepted, seen from our side; others are declined."""
    opening = ServerOpening()
    headers = accepted(opening, request(f"Sec-WebSocket-Extensions: {offer}"))
    assert headers.get("sec-websocket-extensions") == answered
    assert opening.deflate == expected


def test_no_compression_here() -> None:
    """``compression=None`` declines every offer."""
    opening = ServerOpening(compression=None)
    headers = accepted(opening, request("Sec-WebSocket-Extensions: permessage-deflate"))
    assert "sec-websocket-extensions" not in headers
    assert opening.deflate is None


def test_subprotocols() -> None:
    """What is offered is told in its order; what is chosen must be among it."""
    lines = ("Sec-WebSocket-Protocol: b, a", "Sec-WebSocket-Protocol: c")
    opening = ServerOpening()
    found = fed(opening, request(*lines))
    assert found.subprotocols == ("b", "a", "c")
    opening.check()
    assert b"\r\nSec-WebSocket-Protocol: a\r\n" in opening.accept(subprotocol="a")
    with pytest.raises(ValueError):
        opening.accept(subprotocol="other")
    with pytest.raises(ValueError):
        opening.accept(headers={"X": "a\r\nb"})


def test_order_of_calls() -> None:
    """Nothing is accepted unchecked."""
    opening = ServerOpening()
    with pytest.raises(RuntimeError):
        opening.check()
    fed(opening, request())
    with pytest.raises(RuntimeError):
        opening.accept()


def test_rejecting() -> None:
    """A plain answer can be given at any time; HEAD gets no body."""
    assert ServerOpening().reject(Response(408)).startswith(b"HTTP/1.1 408 ")
    opening = ServerOpening()
    fed(opening, b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert opening.reject(Response(200, body="body")).endswith(b"\r\n\r\n")
    opening = ServerOpening()
    with pytest.raises(Refusal) as caught:
        opening.feed(b"HEAD / HTTP/1.1\r\n\r\n")
    assert opening.reject(caught.value.response).endswith(b"\r\n\r\n")
