"""Peers that do not let go: one that never closes, one that never reads, one that never answers."""

from __future__ import annotations

import asyncio
import itertools
import math
from typing import TYPE_CHECKING, Any

import pytest

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
            link = await feed.link(1)
            link.freeze()
            much = asyncio.Event()
            sending = asyncio.create_task(flood(entered, much))
            async with asyncio.timeout(DEADLINE):
                # A dozen fit into the outbox, however little the kernels take.
                await much.wait()
                await entered.close()
            await asyncio.wait_for(sending, DEADLINE)
            assert link.bytes_received < 12 << 20


async def flood(client: longwire.Client, much: asyncio.Event) -> None:
    """Send a MiB after the other; ``much`` is set after a dozen."""
    try:
        for count in itertools.count(1):
            await client.send(bytes(1 << 20))
            if count == 12:
                much.set()
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
        await link.changes.until(
            lambda: sum(one.opcode == frames.PING for one in link.frames) >= 6,
            what="six pings, none of whose pongs can be read in time",
        )
        for number in range(1_000):
            assert await client.recv(DEADLINE) == kilobyte(number)
        assert len(client.interruptions) == 0
        assert len(feed.links) == 1


async def test_thrown_out_with_a_full_inbox(options: dict[str, Any]) -> None:
    """What the server said before it cut the connection is told, though our heartbeat fails."""
    noticed = asyncio.Event()
    own = {
        "inbox": longwire.Inbox(messages=100),
        "heartbeat": longwire.Heartbeat(every=0.05, within=DEADLINE),
        "sequence": None,
        "retry": None,
        "on_interruption": lambda _: noticed.set(),
    }
    async with (
        NumberedFeed(encode=kilobyte) as feed,
        longwire.connect(feed.url, compression=None, **{**options, **own}) as client,
    ):
        link = await feed.link(1)
        feed.emit(200)
        await feed.reached(199)
        link.send_close(1008, "too slow")
        beats = len(link.frames)
        await link.changes.until(lambda: len(link.frames) >= beats + 2, what="two heartbeats")
        link.reset()
        async with asyncio.timeout(DEADLINE):
            await noticed.wait()
        for number in range(200):
            assert await client.recv(DEADLINE) == kilobyte(number)
        with pytest.raises(longwire.LongwireError):
            await client.recv(DEADLINE)
        (interruption,) = client.interruptions
        assert interruption.closure.received_code == 1008
        assert interruption.cause.id == "slow-consumer-eviction"
