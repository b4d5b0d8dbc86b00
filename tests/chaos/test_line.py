"""Bytes and calls leave a line in order, each in its moment."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, cast

import pytest

from longwire.chaos.fault import Parcel
from longwire.chaos.line import Line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from longwire.chaos.side import Side


class Target:
    """A side that notes what it gets, and may be slow to take it."""

    def __init__(self) -> None:
        self.got: list[bytes | str] = []
        self.takes = asyncio.Event()
        self.takes.set()

    async def write(self, data: bytes) -> None:
        self.got.append(data)
        await self.takes.wait()

    async def drain(self) -> None:
        await self.takes.wait()


@contextlib.asynccontextmanager
async def working(line: Line) -> AsyncIterator[None]:
    """Let a line deliver; at the end it has ended, and delivered everything."""
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(line.deliver())
        yield
        line.ended = True
        line.behind(lambda: None)
    assert not len(line)
    assert line.waiting == 0


@pytest.fixture
def target() -> Target:
    """Takes everything at once."""
    return Target()


@pytest.fixture
def line(target: Target) -> Line:
    """In front of it."""
    return Line(cast("Side", target))


async def test_what_may_go_on_goes_on_in_one_piece(target: Target, line: Line) -> None:
    """But for parcels that are to be alone, and around calls."""
    for data in (b"a", b"b"):
        line.join(Parcel(data))
    line.join(Parcel(b"c", alone=True))
    line.join(Parcel(b"d"))
    line.behind(lambda: target.got.append("called"))
    line.join(Parcel(b"e"))
    assert line.waiting == 5
    async with working(line):
        pass
    assert target.got == [b"ab", b"c", b"d", "called", b"e"]


async def test_nothing_overtakes(target: Target, line: Line) -> None:
    """What may go on at once waits behind what may not, and neither is early."""
    loop = asyncio.get_running_loop()
    due = loop.time() + 0.1
    line.join(Parcel(b"late", due))
    line.join(Parcel(b"behind"))
    assert 0 < line.delay <= 0.1
    async with working(line):
        pass
    assert loop.time() >= due
    assert line.delay == 0
    assert target.got == [b"latebehind"]


async def test_hurry(target: Target, line: Line) -> None:
    """Nothing waits for its moment any more, nor does what comes then."""
    called = asyncio.Event()
    async with working(line):
        line.join(Parcel(b"in an hour", asyncio.get_running_loop().time() + 3600))
        line.behind(called.set)
        await asyncio.sleep(0)
        assert target.got == []
        line.hurry()
        await called.wait()
        line.join(Parcel(b"at once"))
    assert target.got == [b"in an hour", b"at once"]


async def test_hold_and_release(target: Target, line: Line) -> None:
    """As often as it was held; meanwhile there is no room for more."""
    async with working(line):
        line.hold()
        line.hold()
        line.join(Parcel(b"x"))
        line.release()
        waits = asyncio.ensure_future(line.room())
        await asyncio.sleep(0)
        assert target.got == []
        assert not waits.done()
        line.release()
        await waits
    assert target.got == [b"x"]


async def test_room(target: Target, line: Line) -> None:
    """It is bounded in bytes and in pieces, and there is room again as it empties."""
    for _ in range(5000):
        line.join(Parcel(b""))
    assert not line.has_room
    async with working(line):
        await line.room()
        target.takes.clear()
        line.join(Parcel(bytes(2**20)))
        line.join(Parcel(b"x", alone=True))
        line.join(Parcel(bytes(2**20)))
        assert not line.has_room
        target.takes.set()
        await line.room()


async def test_when_it_is_sealed(target: Target, line: Line) -> None:
    """Nothing comes in, and nobody waits for room; what stood in it goes on."""
    line.join(Parcel(bytes(2**20)))
    line.join(Parcel(b"x"))
    waits = asyncio.ensure_future(line.room())
    await asyncio.sleep(0)
    assert not waits.done()
    line.seal(True)
    await waits
    line.join(Parcel(b"lost"))
    async with working(line):
        pass
    assert len(b"".join(one for one in target.got if isinstance(one, bytes))) == 2**20 + 1
    line.seal(False)
    assert not line.sealed


async def test_when_it_has_ended(target: Target, line: Line) -> None:
    """What comes then is lost, and what is to be called is called at once."""
    async with working(line):
        line.ended = True
        line.join(Parcel(b"lost"))
    line.behind(lambda: target.got.append("called"))
    assert target.got == ["called"]
