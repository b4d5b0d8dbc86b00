"""The two connections of a crossing can end in every way."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

import pytest

from longwire.chaos.side import Side, accepted


async def pair() -> tuple[Side, socket.socket]:
    """A side, and the other end of its connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        other = socket.create_connection(listener.getsockname())
        connection, _ = listener.accept()
    connection.setblocking(False)
    other.setblocking(False)
    return await accepted(connection, None), other


async def read(other: socket.socket) -> bytes:
    async with asyncio.timeout(10):
        return await asyncio.get_running_loop().sock_recv(other, 100)


async def test_what_is_written_is_handed_over() -> None:
    """And then it ends; writing behind that is nothing."""
    side, other = await pair()
    with other:
        await side.write(b"hello")
        side.finish()
        side.finish()
        assert (await read(other), await read(other)) == (b"hello", b"")
        side.close()
        await side.write(b"too late")
        side.finish()
        await asyncio.sleep(0)


async def test_a_reset_is_one() -> None:
    """The other end is told by an error."""
    side, other = await pair()
    with other:
        side.reset()
        with pytest.raises(ConnectionResetError):
            await read(other)
        side.reset()


async def test_writing_to_who_is_gone_raises_nothing() -> None:
    """Whoever reads from it learns of the end."""
    side, other = await pair()
    other.close()
    for _ in range(3):
        await side.write(b"x" * 100_000)
    with contextlib.suppress(ConnectionError):
        assert await side.reader.read(100) == b""
    side.close()
    await asyncio.sleep(0)


async def test_finishing_behind_a_reset_raises_nothing() -> None:
    """The other end may have reset the connection before asyncio has told anybody."""
    side, other = await pair()
    other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    other.close()
    side.finish()
    with contextlib.suppress(ConnectionError):
        assert await side.reader.read(100) == b""
    side.close()
    await asyncio.sleep(0)
