"""The clients of the scoreboard that are not written in Python keep its contract."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from longwire.testing import PATIENCE, NumberedFeed
from tests.interop import toolchains
from tests.interop.needs import need
from tests.interop.toolchains import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

pytestmark = pytest.mark.timeout(700)  # a first build is part of it

Event = dict[str, Any]
BOTH = pytest.mark.parametrize("build", [toolchains.tungstenite, toolchains.reconnecting])


class Running:
    """A program that runs, and what it tells."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def event(self) -> Event:
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = await self.process.stdout.readline()
        return dict(json.loads(line))

    async def told(self, *wanted: str) -> list[Event]:
        """The next events, which are those."""
        events = [await self.event() for _ in wanted]
        assert [one["event"] for one in events] == list(wanted)
        return events

    async def numbers(self, count: int) -> list[int]:
        return [one["seq"] for one in await self.told(*["message"] * count)]


@pytest.fixture
async def feed() -> AsyncIterator[NumberedFeed]:
    """Sends what a scoreboard's feed sends, once it is subscribed to."""

    def encode(number: int) -> str:
        return json.dumps({"seq": number})

    async with NumberedFeed(encode=encode, subscription="ack") as running:
        yield running


@pytest.fixture
async def program(
    feed: NumberedFeed, build: Callable[[], toolchains.Command]
) -> AsyncIterator[Running]:
    """One that has subscribed."""
    command = await asyncio.to_thread(need, build)
    process = await asyncio.create_subprocess_exec(
        *command, feed.url, "--subscribe", "numbers", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        await feed.live()
        yield Running(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@BOTH
async def test_what_comes_is_told_with_the_time(program: Running, feed: NumberedFeed) -> None:
    """Times are those of the clock that all processes share; what has no number is left out."""
    began = time.monotonic()
    await program.told("up")
    feed.emit(3)
    messages = await program.told(*["message"] * 3)
    assert [one["seq"] for one in messages] == [0, 1, 2]
    times = [one["t"] for one in messages]
    assert began <= times[0] <= times[1] <= times[2] <= time.monotonic()


@BOTH
@pytest.mark.parametrize("code", [1000, 1012])
async def test_an_end_is_told_and_mended(program: Running, feed: NumberedFeed, code: int) -> None:
    """After a goodbye it connects and subscribes again, by itself."""
    await program.told("up")
    (await feed.live()).send_close(code)
    await program.told("down", "up")
    await feed.link(2)
    feed.emit(1)
    assert await program.numbers(1) == [0]


@BOTH
async def test_a_reset_is_told_and_mended(program: Running, feed: NumberedFeed) -> None:
    """An end without a goodbye is one, too; some call it an error as well."""
    await program.told("up")
    (await feed.live()).reset()
    events = [await program.event()]
    while events[-1]["event"] != "up":
        events.append(await program.event())
    kinds = [one["event"] for one in events if one["event"] != "error"]
    assert kinds == ["down", "up"]


@BOTH
async def test_who_is_refused_says_so_and_goes_on(program: Running, feed: NumberedFeed) -> None:
    """An attempt that fails is an error with its reason, and no end."""
    await program.told("up")
    await feed.stop_listening()
    (await feed.live()).send_close(1012)
    _, refused = await program.told("down", "error")
    assert "refused" in refused["what"].lower()
    await feed.listen()
    event = refused
    while event["event"] == "error":
        event = await program.event()
    assert event["event"] == "up"


@BOTH
async def test_it_ends_when_it_is_told_to(program: Running, feed: NumberedFeed) -> None:
    """SIGTERM ends it, in the midst of receiving."""
    await program.told("up")
    feed.emit(1)
    await program.told("message")
    program.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        assert await program.process.wait() == -signal.SIGTERM
