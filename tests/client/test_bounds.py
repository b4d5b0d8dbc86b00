"""Memory is bounded whatever the peer does, over however many links, and nothing goes silently."""

from __future__ import annotations

import asyncio
import itertools
import zlib
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.core.overflow import LEAST_HEADER
from longwire.link.lender import READ_BUFFER
from longwire.testing import NumberedFeed, frames, openings
from longwire.testing.rawlink import message_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.testing.rawlink import Opening, RawLink

QUICK = longwire.Retry(first=0.01, cap=0.02)

BEAT = longwire.Heartbeat(every=0.02, within=5)
"""Finds out by writing that a link has ended on which nothing is read."""

PACKED = {"Sec-WebSocket-Extensions": "permessage-deflate; server_no_context_takeover"}


def flapping(make: Any, headers: dict[str, str] | None = None) -> Opening:
    """Every link brings what ``make`` gives, right behind the handshake, and ends."""

    async def opening(link: RawLink) -> None:
        head = await link.read_head()
        link.write(openings.answer(head, headers=headers) + make())
        link.open()
        link.drop()

    return opening


def told(events: list[Any]) -> tuple[list[Any], int]:
    """Messages in order, and how many the overflow gaps say are missing."""
    data = [event.data for event in events if isinstance(event, longwire.Message)]
    gaps = [event for event in events if isinstance(event, longwire.Gap)]
    assert {gap.kind for gap in gaps} <= {"overflow"}
    return data, sum(gap.count or 0 for gap in gaps)


@pytest.mark.parametrize("when_full", ["wait", "conflate"])
async def test_a_flapping_server_does_not_fill_the_memory(
    isolate: bool, within: Any, when_full: Any
) -> None:
    """Link after link ends with data unread: one read's worth stays, the rest is told in place."""
    numbers = itertools.count()
    per_link, size = 1000, 40

    def make() -> bytes:
        some = itertools.islice(numbers, per_link)
        return b"".join(message_frame(f"{number:0{size}}") for number in some)

    inbox = longwire.Inbox(
        messages=10, when_full=when_full, key=str if when_full == "conflate" else None
    )
    limit = 10 + READ_BUFFER // (size + LEAST_HEADER) + 1
    async with NumberedFeed(opening=flapping(make)) as feed, within():
        async with longwire.connect(
            feed.url, isolate=isolate, inbox=inbox, retry=QUICK, heartbeat=BEAT
        ) as client:
            for count in range(1, 12):
                await feed.attempt(count)
                assert client.stats().queued <= limit
            stats = client.stats()
        events = [event async for event in client.events()]
        after = client.stats()
    data, lost = told(events)
    assert stats.received > limit
    assert stats.queued > 10
    assert [int(text) for text in data] == sorted({int(text) for text in data})
    assert len(data) == after.delivered
    assert len(data) + lost == after.received
    assert lost == after.dropped > 0
    # In their place: the first link's messages are whole, and then something is missing.
    assert [int(text) for text in data[:per_link]] == list(range(per_link))


async def test_a_rest_that_inflates_does_not_fill_the_memory(isolate: bool, within: Any) -> None:
    """A thousand times its size, but the bound holds, also on the first link."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_SYNC_FLUSH)
    bomb = frames.frame(frames.BINARY, packed.removesuffix(b"\x00\x00\xff\xff"), rsv=4)
    limit = 3 * 2**20 + READ_BUFFER
    opening = flapping(lambda: bomb * 20, PACKED)
    async with NumberedFeed(opening=opening) as feed, within():
        async with longwire.connect(
            feed.url,
            isolate=isolate,
            inbox=longwire.Inbox(bytes=2**20),
            retry=QUICK,
            heartbeat=BEAT,
        ) as client:
            for count in range(1, 6):
                await feed.attempt(count)
                assert client.stats().queued_bytes <= limit
        events = [event async for event in client.events()]
        after = client.stats()
    data, lost = told(events)
    assert all(each == bytes(2**20) for each in data)
    assert len(data) == after.delivered
    assert len(data) + lost == after.received
    assert lost == after.dropped > 0


async def test_a_full_inbox_holds_a_new_link_back(isolate: bool, within: Any) -> None:
    """Nothing is read of it before there is room, so nothing of it can be lost meanwhile."""
    async with NumberedFeed() as feed, within():
        async with longwire.connect(
            feed.url, isolate=isolate, inbox=2, retry=QUICK, heartbeat=BEAT
        ) as client:
            first = await feed.live()
            feed.emit(4)
            await until(lambda: client.stats().paused_for is not None)
            first.drop()
            await feed.link(2)
            await until(lambda: client.stats().links == 2)
            await until(lambda: client.stats().paused_for is not None)
            feed.emit(3)
            before = client.stats()
            assert [await client.recv() for _ in range(7)] == texts(range(7))
            await until(lambda: client.stats().paused_for is None)
    assert (before.received, before.queued) == (4, 4)


def texts(numbers: range) -> list[str]:
    """The feed's messages."""
    return [f"{number} of the feed" for number in numbers]


async def until(true: Callable[[], bool]) -> None:
    """Wait for what the client tells nobody."""
    while not true():  # noqa: ASYNC110 - a counter has no event
        await asyncio.sleep(0.005)
