"""A tap is told everything, as it came, and can make the proxy wait."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from longwire.chaos import Proxy
from longwire.chaos.frames import CLOSE, TEXT, frame, make_frame
from longwire.testing import PATIENCE
from tests.chaos.rawclient import MASK, RawClient

if TYPE_CHECKING:
    from longwire.chaos.crossing import Crossing
    from longwire.chaos.fault import Direction
    from longwire.chaos.tap import End
    from longwire.testing import NumberedFeed


class Listener:
    """A tap that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.bytes: dict[str, bytes] = {"c2s": b"", "s2c": b""}
        self.over_with = asyncio.Event()
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.held = asyncio.Event()

    async def ready(self) -> None:
        if not self.may_read.is_set():
            self.held.set()
        await self.may_read.wait()

    def asked(self, crossing: Crossing) -> None:
        self.told.append(f"asked for {crossing.target}")

    def answered(self, crossing: Crossing, head: bytes) -> None:
        self.told.append(f"answered {head.split()[1].decode()}")

    def received(self, crossing: Crossing, direction: Direction, data: bytes) -> None:
        self.bytes[direction] += data

    def ended(self, crossing: Crossing, direction: Direction, how: End) -> None:
        self.told.append(f"{direction} {how}")

    def over(self, crossing: Crossing) -> None:
        self.told.append("over")
        self.over_with.set()


async def test_a_life_is_told_in_order(feed: NumberedFeed) -> None:
    """Opening, frames of both directions as they came from their source, the ends."""
    tap = Listener()
    async with Proxy(feed.url, ["drop-every n=1"], tap=tap) as proxy:
        async with RawClient(proxy.url + "?key=1") as client:
            await client.open()
            link = await feed.link()
            client.send(b"hello")
            assert await link.wait_message() == "hello"
            feed.emit(2)
            link.write(make_frame(CLOSE).raw)
            link.reset()
            assert await client.ending() == "reset"
        async with asyncio.timeout(PATIENCE):
            await tap.over_with.wait()
    assert tap.told[:3] == ["asked for /?key=1", "answered 101", "s2c reset"]
    assert tap.told[-1] == "over"
    assert tap.bytes["c2s"] == frame(TEXT, b"hello", mask=MASK)
    # What the fault has dropped had come.
    expected = [frame(TEXT, f"{n} of the feed".encode()) for n in range(2)]
    assert tap.bytes["s2c"] == b"".join(expected) + frame(CLOSE)


async def test_the_proxys_own_answers_are_told() -> None:
    """Where there is no server, and where a fault answers in its place."""
    tap = Listener()
    async with Proxy("ws://127.0.0.1:1/", tap=tap) as proxy:
        async with RawClient(proxy.url) as client:
            await client.open()
        proxy.strike("reject-opening status=401")
        async with RawClient(proxy.url) as client:
            await client.open()
    answers = [one for one in tap.told if one.startswith("answered")]
    assert answers == ["answered 502", "answered 401"]


async def test_the_proxy_waits_until_a_tap_is_ready(feed: NumberedFeed) -> None:
    """What the tap cannot take is not read."""
    tap = Listener()
    async with Proxy(feed.url, tap=tap) as proxy, RawClient(proxy.url) as client:
        await client.open()
        await feed.link()
        tap.may_read.clear()
        # One read was under way already.
        feed.emit(1)
        assert await client.texts(1) == ["0 of the feed"]
        async with asyncio.timeout(PATIENCE):
            await tap.held.wait()
        before = tap.bytes["s2c"]
        feed.emit(1)
        async with RawClient(feed.url) as direct:
            # Time enough, if the proxy were reading.
            await direct.open()
            await feed.link(2)
            feed.emit(1)
            assert await direct.texts(1) == ["2 of the feed"]
        assert tap.bytes["s2c"] == before
        tap.may_read.set()
        assert await client.texts(2) == ["1 of the feed", "2 of the feed"]
        assert tap.bytes["s2c"] != before
