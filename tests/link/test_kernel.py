"""What the kernel says of a socket."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import TYPE_CHECKING, cast

import pytest

from longwire.link.address import parse_address
from longwire.link.kernel import kernel_view, way_out
from longwire.link.transport import open_transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from longwire.core.causes.evidence import Kernel

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="TCP_INFO is Linux's")
pytestmark = pytest.mark.both_loops


class Silent(asyncio.Protocol):
    """Reads nothing."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        cast("asyncio.Transport", transport).pause_reading()


@pytest.fixture
async def pair(engine: str) -> AsyncIterator[tuple[asyncio.Transport, socket.socket]]:
    """A transport that does not read, and the other end of its connection."""
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = parse_address(f"ws://127.0.0.1:{listener.getsockname()[1]}/")
        opening = asyncio.ensure_future(open_transport(address, Silent, tls=None, loop=loop))
        other, _ = await loop.sock_accept(listener)
        transport, _ = await opening
        with other:
            other.setblocking(False)
            yield transport, other
        transport.abort()
        await asyncio.sleep(0)


async def view_once(transport: asyncio.Transport, wanted: str, value: int) -> Kernel:
    """The view, as soon as a field has a value: loopback delivers in its own time."""
    async with asyncio.timeout(5):
        while True:
            view = kernel_view(transport)
            assert view is not None
            if getattr(view, wanted) == value:
                return view
            await asyncio.sleep(0)


@linux_only
async def test_unread_bytes_are_counted(pair: tuple[asyncio.Transport, socket.socket]) -> None:
    """Bytes that arrived and nobody read are in the view."""
    transport, other = pair
    await asyncio.get_running_loop().sock_sendall(other, b"x" * 1000)
    view = await view_once(transport, "unread", 1000)
    assert (view.unsent, view.unacked, view.retransmits) == (0, 0, 0)
    assert view.rtt is not None
    assert 0 < view.rtt < 1


@linux_only
async def test_unsent_bytes_are_counted(pair: tuple[asyncio.Transport, socket.socket]) -> None:
    """Bytes that the peer does not read stay unsent."""
    transport, _other = pair
    transport.write(b"x" * 2**25)
    view = kernel_view(transport)
    assert view is not None
    assert view.unsent is not None
    assert view.unsent > 0


async def test_a_closed_socket_says_nothing(
    pair: tuple[asyncio.Transport, socket.socket],
) -> None:
    """After the end there is no view, and no exception."""
    transport, other = pair
    transport.abort()
    await asyncio.get_running_loop().sock_recv(other, 1)
    assert kernel_view(transport) is None


@pytest.mark.parametrize("answer", [None, object(), socket])
async def test_what_is_no_socket_says_nothing(answer: object) -> None:
    """Transports without a TCP socket have no view."""

    class Odd(asyncio.BaseTransport):
        def get_extra_info(self, name: str, default: object = None) -> object:
            return answer

    assert kernel_view(Odd()) is None


async def test_other_sockets_say_nothing() -> None:
    """A Unix socket has no TCP_INFO; that is no error."""
    first, second = socket.socketpair()
    with first, second:

        class Unix(asyncio.BaseTransport):
            def get_extra_info(self, name: str, default: object = None) -> object:
                return first

        assert kernel_view(Unix()) is None


@linux_only
async def test_the_way_out_is_told(pair: tuple[asyncio.Transport, socket.socket]) -> None:
    """What the peer's system has taken, and what waits for it."""
    transport, peer = pair
    before = way_out(transport)
    assert before is not None
    transport.write(bytes(1_000))
    async with asyncio.timeout(10):
        while (after := way_out(transport)) is None or after.waiting:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0)
    assert after.acknowledged - before.acknowledged == 1_000
    peer.close()


async def test_the_way_out_of_what_is_no_socket() -> None:
    """Nothing, and no error."""

    class Nothing(asyncio.BaseTransport):
        def get_extra_info(self, name: str, default: object = None) -> object:
            return None

    assert way_out(Nothing()) is None
