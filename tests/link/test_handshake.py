"""Both sides of the handshake against each other, and when the library behind them is imported."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import Any

import pytest

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
