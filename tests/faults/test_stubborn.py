"""Peers that do not let go: one that never closes, one that never reads, one that never answers."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

import longwire
from longwire.testing import NumberedFeed, frames, misbehave

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.testing.ledger import Ledger

    Receive = Callable[..., Ledger]

DEADLINE = 10.0


async def test_closing_does_not_wait_for_ever(options: dict[str, Any]) -> None:
    """A peer that answers no close frame costs ``close_timeout``, not more."""
    async with NumberedFeed() as feed:
        client = longwire.connect(feed.url, close_timeout=0.1, **options)
        async with client as entered:
            await entered.wait_live(DEADLINE)
            link = await feed.link(1)
            misbehave.ignore_close(link)
            async with asyncio.timeout(DEADLINE):
                await entered.close()
        await link.changes.until(lambda: link.received_close is not None, what="a close frame")


async def test_closing_a_frozen_peer(options: dict[str, Any]) -> None:
    """A peer that reads nothing costs ``close_timeout``, too, even behind megabytes unsent."""
    async with NumberedFeed() as feed:
        client = longwire.connect(feed.url, close_timeout=0.1, **options)
        async with client as entered:
            await entered.wait_live(DEADLINE)
            (await feed.link(1)).freeze()
            stuck = asyncio.Event()
            sending = asyncio.create_task(flood(entered, stuck))
            async with asyncio.timeout(DEADLINE):
                await stuck.wait()
            async with asyncio.timeout(DEADLINE):
                await entered.close()
            await asyncio.wait_for(sending, DEADLINE)


async def flood(client: longwire.Client, stuck: asyncio.Event) -> None:
    """Send until the client ends; tell when eight megabytes wait that no link takes."""
    try:
        while True:
            await client.send(bytes(1 << 20))
            if client.stats().unsent >= 8:
                stuck.set()
    except longwire.LongwireError:
        return


async def test_cancelled_in_mid_connect(options: dict[str, Any]) -> None:
    """A program that is cancelled while nothing has answered leaves nothing behind."""
    from longwire.testing import openings

    async with NumberedFeed(opening=openings.never_answer) as feed:

        async def program() -> None:
            async with longwire.connect(feed.url, **options) as client:
                await client.recv()

        task = asyncio.create_task(program())
        link = await feed.attempt(1)
        await link.read_head(DEADLINE)
        task.cancel()
        await asyncio.wait([task], timeout=DEADLINE)
        assert task.cancelled()
        await link.wait_ended()


def kilobyte(number: int) -> str:
    """Long messages fill the kernels' buffers sooner."""
    return f"{number} {'x' * 1_000}"


async def test_a_flood_is_bounded_and_nothing_of_it_is_lost(options: dict[str, Any]) -> None:
    """The consumer reads late: the inbox keeps its bound, the peer waits, the order has no hole."""
    inbox = longwire.Inbox(messages=1_000)
    async with (
        NumberedFeed(rate=math.inf, encode=kilobyte) as feed,
        longwire.connect(feed.url, inbox=inbox, **options) as client,
    ):
        link = await feed.link(1)
        await link.changes.until(lambda: not link.writable, what="back-pressure", timeout=15)
        assert client.stats().queued <= 1_000
        for number in range(20_000):
            assert await client.recv(DEADLINE) == kilobyte(number)
        assert len(client.interruptions) == 0


async def test_a_paused_link_is_not_declared_dead(options: dict[str, Any]) -> None:
    """The pong lies behind data that nobody takes: that is not the peer's fault."""
    inbox = longwire.Inbox(messages=100)
    heartbeat = longwire.Heartbeat(every=0.1, within=0.1)
    async with (
        NumberedFeed(rate=math.inf, encode=kilobyte) as feed,
        longwire.connect(
            feed.url, close_timeout=0.2, **{**options, "inbox": inbox, "heartbeat": heartbeat}
        ) as client,
    ):
        link = await feed.link(1)
        await link.changes.until(lambda: not link.writable, what="back-pressure", timeout=15)
        # Six beats go by, each longer than the bound, and no pong can be read.
        pings = sum(one.opcode == frames.PING for one in link.frames)
        await link.wait_pings(pings + 6)
        for number in range(1_000):
            assert await client.recv(DEADLINE) == kilobyte(number)
        assert len(client.interruptions) == 0
        assert len(feed.links) == 1
