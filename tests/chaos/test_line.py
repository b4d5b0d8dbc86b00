"""What stands in line is handed over in order, each in its time."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import pytest

from longwire.chaos.fault import Parcel
from longwire.chaos.line import Line
from longwire.chaos.side import accepted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@contextlib.asynccontextmanager
async def line_to_a_socket() -> AsyncIterator[tuple[Line, socket.socket]]:
    """A line that delivers, and the other end of its connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        other = socket.create_connection(listener.getsockname())
        connection, _ = listener.accept()
    other.setblocking(False)
    connection.setblocking(False)
    side = await accepted(connection, None)
    line = Line(side)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(line.deliver())
        with other:
            yield line, other
        task.cancel()
        side.close()


async def read(other: socket.socket) -> bytes:
    async with asyncio.timeout(10):
        return await asyncio.get_running_loop().sock_recv(other, 2**20)


async def test_in_order_and_in_its_time() -> None:
    """What is due later holds back what is behind it."""
    loop = asyncio.get_running_loop()
    async with line_to_a_socket() as (line, other):
        due = loop.time() + 0.05
        line.join(Parcel(b"late ", due))
        line.join(Parcel(b"behind it"))
        assert await read(other) == b"late behind it"
        assert loop.time() >= due


async def test_all_of_it_at_once_in_a_hurry() -> None:
    """Nobody waits for his moment any more."""
    async with line_to_a_socket() as (line, other):
        line.join(Parcel(b"in an hour", asyncio.get_running_loop().time() + 3600))
        await asyncio.sleep(0)
        line.hurry()
        assert await read(other) == b"in an hour"


async def test_nothing_while_it_is_held() -> None:
    """Not even what is due; and there is no room for more."""
    async with line_to_a_socket() as (line, other):
        line.hold()
        line.join(Parcel(b"x"))
        waiting = asyncio.create_task(line.wait_for_room())
        for _ in range(5):
            await asyncio.sleep(0)
        assert (len(line), waiting.done()) == (1, False)
        line.release()
        assert await read(other) == b"x"
        await waiting


async def test_calls_stand_in_line() -> None:
    """Behind what was in front of them, and at once where all is delivered."""
    async with line_to_a_socket() as (line, other):
        made = asyncio.Event()
        line.hold()
        line.join(Parcel(b"x"))
        line.behind(made.set)
        await asyncio.sleep(0)
        assert not made.is_set()
        line.release()
        assert await read(other) == b"x"
        await made.wait()
        line.ended = True
        line.join(Parcel(b"too late"))
        line.behind(made.clear)
        again = asyncio.Event()
        line.behind(again.set)
        await again.wait()
        assert not made.is_set()
        assert len(line) == 0


@pytest.mark.parametrize(("pieces", "size"), [(2, 2**20), (5_000, 1)])
async def test_there_is_room_for_so_much(pieces: int, size: int) -> None:
    """Bytes and pieces."""
    async with line_to_a_socket() as (line, _):
        line.hold()
        for _ in range(pieces):
            assert line.has_room or len(line) > 1
            line.join(Parcel(bytes(size)))
        assert not line.has_room
