"""Both sides of the handshake against each other, and when the library behind them is imported."""

from __future__ import annotations

import itertools
import logging
import subprocess
import sys
from typing import Any

import pytest
from websockets.utils import accept_key

from longwire.core.compression import Deflate
from longwire.errors import ConnectError
from longwire.link.address import parse_address
from longwire.link.client_opening import ClientOpening
from longwire.link.deflate import DeflateParameters
from longwire.link.server_opening import ServerOpening


def shake(client: ClientOpening, server: ServerOpening, **accept: Any) -> tuple[Any, Any]:
    """Let both sides open; returns the answer and the request."""
    request = server.feed(client.request_bytes())
    assert request is not None
    server.check()
    answer = client.feed(server.accept(**accept))
    assert answer is not None
    return answer, request


def test_both_sides_agree() -> None:
    """What one side takes for ours is the other side's theirs."""
    client = ClientOpening(parse_address("ws://h/a?b=c"), subprotocols=["x", "y"])
    server = ServerOpening()
    answer, request = shake(client, server, subprotocol="y", headers={"X-Hello": "you"})
    assert answer.subprotocol == "y"
    assert answer.headers["x-hello"] == "you"
    assert request.target == "/a?b=c"
    assert answer.deflate == DeflateParameters(local_max_window_bits=12, remote_max_window_bits=12)
    assert server.deflate == answer.deflate


@pytest.mark.parametrize(("ours", "theirs"), [(None, "deflate"), ("deflate", None), (None, None)])
def test_compression_needs_both(ours: Any, theirs: Any) -> None:
    """One side that does not want compression is enough."""
    client = ClientOpening(parse_address("ws://h/"), compression=ours)
    server = ServerOpening(compression=theirs)
    answer, _ = shake(client, server)
    assert answer.deflate is None
    assert server.deflate is None


WINDOWS: tuple[dict[str, Any], ...] = (
    {},
    {"server_max_window_bits": 10},
    {"client_max_window_bits": 11},
    {"server_max_window_bits": 15, "client_max_window_bits": 9},
)
SIDES = [
    Deflate(server_no_context_takeover=own, client_no_context_takeover=other, **windows)
    for own, other in itertools.product((False, True), repeat=2)
    for windows in WINDOWS
]
"""Every parameter of RFC 7692, asked for and not, in groups that make sense on either side."""


def agreed(client: Deflate, server: Deflate) -> dict[str, Any]:
    """What both must come to, by RFC 7692, 7.1: whoever asks for less gets it."""
    server_bits = min(client.server_max_window_bits or 15, server.server_max_window_bits or 12)
    client_bits = min(client.client_max_window_bits or 15, server.client_max_window_bits or 12)
    return {
        "server_no_context_takeover": client.server_no_context_takeover
        or server.server_no_context_takeover,
        "client_no_context_takeover": client.client_no_context_takeover
        or server.client_no_context_takeover,
        "server_max_window_bits": server_bits,
        "client_max_window_bits": client_bits,
    }


@pytest.mark.parametrize("theirs", SIDES, ids=repr)
@pytest.mark.parametrize("ours", SIDES, ids=repr)
def test_all_terms_meet(ours: Deflate, theirs: Deflate) -> None:
    """What either side asks for holds for both, and both say the same of it."""
    client = ClientOpening(parse_address("ws://h/"), compression=ours)
    server = ServerOpening(compression=theirs)
    answer, _ = shake(client, server)
    expected = agreed(ours, theirs)
    assert answer.deflate == DeflateParameters(
        local_no_context_takeover=expected["client_no_context_takeover"],
        remote_no_context_takeover=expected["server_no_context_takeover"],
        local_max_window_bits=expected["client_max_window_bits"],
        remote_max_window_bits=expected["server_max_window_bits"],
    )
    assert server.deflate == DeflateParameters(
        local_no_context_takeover=expected["server_no_context_takeover"],
        remote_no_context_takeover=expected["client_no_context_takeover"],
        local_max_window_bits=expected["server_max_window_bits"],
        remote_max_window_bits=expected["client_max_window_bits"],
    )


@pytest.mark.parametrize(
    ("options", "offer"),
    [
        (Deflate(), "permessage-deflate; client_max_window_bits"),
        (Deflate(server_max_window_bits=15), "permessage-deflate; client_max_window_bits"),
        (
            Deflate(client_max_window_bits=10),
            "permessage-deflate; client_max_window_bits=10",
        ),
        (
            Deflate(
                server_no_context_takeover=True,
                client_no_context_takeover=True,
                server_max_window_bits=8,
            ),
            (
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
                "server_max_window_bits=8; client_max_window_bits"
            ),
        ),
    ],
    ids=repr,
)
def test_what_a_client_offers(options: Deflate, offer: str) -> None:
    """Just what was asked for, in the words of RFC 7692."""
    client = ClientOpening(parse_address("ws://h/"), compression=options)
    assert client.request_headers["sec-websocket-extensions"] == offer


def answered(options: Deflate, extension: str) -> Any:
    """The client's answer to a 101 with this extension."""
    client = ClientOpening(parse_address("ws://h/"), compression=options)
    key = client.request_headers["sec-websocket-key"]
    return client.feed(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept_key(key).encode() + b"\r\n"
        b"Sec-WebSocket-Extensions: " + extension.encode() + b"\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("options", "extension"),
    [
        (Deflate(server_no_context_takeover=True), "permessage-deflate"),
        (Deflate(server_max_window_bits=10), "permessage-deflate"),
        (Deflate(server_max_window_bits=10), "permessage-deflate; server_max_window_bits=11"),
        (Deflate(client_max_window_bits=10), "permessage-deflate; client_max_window_bits=11"),
        (Deflate(), "permessage-deflate; client_max_window_bits"),
        (Deflate(), "permessage-deflate; client_max_window_bits=7"),
        (Deflate(), "permessage-deflate; server_max_window_bits=16"),
        (Deflate(), "permessage-deflate; server_max_window_bits"),
        (Deflate(), "permessage-deflate; server_no_context_takeover=1"),
        (Deflate(), "permessage-deflate; speed=1"),
        (Deflate(), "permessage-deflate; server_no_context_takeover; server_no_context_takeover"),
        (Deflate(), "permessage-deflate, permessage-deflate"),
        (Deflate(), "x-other"),
    ],
)
def test_illegal_answers(options: Deflate, extension: str) -> None:
    """Less than was asked for, more than there is, or something else: the link is not made."""
    with pytest.raises(ConnectError) as caught:
        answered(options, extension)
    assert (caught.value.kind, caught.value.blame) == ("handshake", "peer")
    assert not caught.value.retryable
    assert "compression=None" in str(caught.value)


def test_how_we_compress_is_told_to_the_link() -> None:
    """What is no matter of the peer's goes the same way as what was agreed on, on either side."""
    ours = Deflate(send=False, level=1, memory=2, min_bytes=3)
    client = ClientOpening(parse_address("ws://h/"), compression=ours)
    server = ServerOpening(compression=Deflate(level=9, memory=8, min_bytes=0))
    answer, _ = shake(client, server)
    deflate = answer.deflate
    assert (deflate.send, deflate.level, deflate.memory, deflate.min_bytes) == (False, 1, 2, 3)
    assert server.deflate is not None
    assert (server.deflate.send, server.deflate.level) == (True, 9)
    assert (server.deflate.memory, server.deflate.min_bytes) == (8, 0)


@pytest.mark.parametrize(("required", "compressed"), [(False, True), (True, False)])
def test_a_client_that_does_not_offer_to_obey(required: bool, compressed: bool) -> None:
    """Its window is 32 KiB, or the server declines, whichever was asked for."""
    server = ServerOpening(compression=Deflate(require_client_max_window_bits=required))
    client = ClientOpening(parse_address("ws://h/"))
    request = client.request_bytes().replace(b"; client_max_window_bits", b"")
    assert server.feed(request) is not None
    server.check()
    assert (server.deflate is not None) is compressed
    if server.deflate is not None:
        assert server.deflate.remote_max_window_bits == 15


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The library logs requests when debugging is on, with their secrets; here it does not."""
    caplog.set_level(logging.DEBUG)
    address = parse_address("ws://bob:s3cr3t@h/?token=s3cr3t")
    client = ClientOpening(address, headers={"X-Api-Key": "s3cr3t"})
    shake(client, ServerOpening())
    assert not caplog.records


@pytest.mark.parametrize("module", ["dial", "listen", "handshake", "client_opening", "transport"])
def test_libraries_are_imported_at_first_use(module: str) -> None:
    """Importing our modules loads neither websockets nor aiofastnet."""
    code = (
        f"import sys, longwire.link.{module}; "
        "print([name for name in ('websockets', 'aiofastnet') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
