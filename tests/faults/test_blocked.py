"""The user's own code blocks its event loop while the server pings strictly."""

from __future__ import annotations

import asyncio
import functools
import math
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.testing import FeedThread, NumberedFeed, StrictPinger, block_loop, check_cause

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.testing.ledger import Ledger
    from longwire.testing.standstill import How

    Receive = Callable[..., Ledger]

pytestmark = pytest.mark.blocking


SHORT = StrictPinger(every=0.3, within=0.3)
LONG = StrictPinger(every=1.0, within=1.0)

CASES = [
    pytest.param("sleep", 1.5, SHORT, id="sleep"),
    pytest.param("spin", 1.5, SHORT, id="spin"),
    pytest.param("sleep", 5.0, LONG, id="sleep-5s", marks=pytest.mark.slow),
    pytest.param("spin", 5.0, LONG, id="spin-5s", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("how", "seconds", "pinger"), CASES)
async def test_blocked_loop(
    receive: Receive,
    isolate: bool,
    how: How,
    seconds: float,
    pinger: StrictPinger,
) -> None:
    """Isolated: the link survives. Inline: it is cut, and the blocked loop is named."""
    with FeedThread(lambda: NumberedFeed(rate=100, watchers=[pinger])) as feed:
        async with receive(feed.url) as ledger:
            await ledger.until(lambda: len(ledger.numbers) >= 5, "five numbers")
            block_loop(seconds, how)
            behind = feed.do(lambda feed: feed.next_number)
            await ledger.reached(behind)
            if isolate:
                assert feed.do(lambda feed: len(feed.links)) == 1
                assert len(ledger.client.interruptions) == 0
                alerts = [
                    alert for alert in ledger.client.alerts if alert.cause == "blocked-event-loop"
                ]
                assert alerts, "the blocked loop is told"
                assert "test_blocked_loop" in alerts[0].text
            else:
                await ledger.until(lambda: bool(ledger.recovered), "Recovered")
                first = ledger.client.interruptions[0]
                check_cause(
                    first, "blocked-event-loop", blame="local", because="recently stood still for"
                )
                assert first.evidence.received_reason == pinger.reason
                assert first.evidence.io_lag is not None
                assert first.evidence.io_lag >= seconds / 2
            ledger.check_order()
            first_link = feed.do(lambda feed: feed.links[0])
            ledger.check_link(first_link, at_least=5)
            ledger.check_sum()


@pytest.mark.parametrize("how", ["sleep", "spin"])
async def test_our_own_lateness_is_not_the_peers_fault(receive: Receive, how: How) -> None:
    """The pong came in time and lies in the socket behind a megabyte: read first, judge later."""
    heartbeat = longwire.Heartbeat(every=0.2, within=0.2)
    with FeedThread(lambda: NumberedFeed(rate=2_000, encode=kilobyte)) as feed:
        async with receive(feed.url, heartbeat=heartbeat) as ledger:
            await ledger.until(lambda: len(ledger.numbers) >= 5, "five numbers")
            block_loop(1.0, how)
            await ledger.reached(feed.do(lambda feed: feed.next_number) - 1)
            assert feed.do(lambda feed: len(feed.links)) == 1
            assert len(ledger.client.interruptions) == 0


def kilobyte(number: int) -> str:
    return f"{number} {'x' * 1_000}"


async def test_a_consumer_that_takes_nothing_is_named(options: dict[str, Any]) -> None:
    """Reading is paused, so the server's pings lie unread and it hangs up: not the peer's fault."""
    inbox = longwire.Inbox(messages=100)
    pinger = StrictPinger(every=0.2, within=0.2)
    make = functools.partial(NumberedFeed, rate=math.inf, encode=kilobyte, watchers=[pinger])
    with FeedThread(make) as feed:
        async with longwire.connect(feed.url, inbox=inbox, **options) as client:
            first = await asyncio.wrap_future(feed.submit(lambda feed: feed.link(1)))
            await asyncio.wrap_future(feed.submit(closed_by_the_peer))
            sent = feed.do(lambda feed: list(feed.links[0].sent))
            for number in sent:
                assert await client.recv(10) == kilobyte(number)
            async for event in client.events():
                if isinstance(event, longwire.Interrupted):
                    break
            (interruption, *_) = client.interruptions
            assert first.sent_close
            check_cause(
                interruption,
                "slow-handler-inline",
                blame="local",
                because="paused for",
            )


async def closed_by_the_peer(feed: NumberedFeed) -> None:
    link = feed.links[0]
    await link.changes.until(lambda: link.sent_close or link.ended, what="the server hangs up")


async def test_many_short_blocks_are_no_fault(receive: Receive) -> None:
    """A loop that is late again and again but never for long keeps its link, inline too."""
    pinger = StrictPinger(every=0.2, within=2.0)
    with FeedThread(lambda: NumberedFeed(rate=200, watchers=[pinger])) as feed:
        async with receive(feed.url) as ledger:
            for _ in range(10):
                count = len(ledger.numbers)
                await ledger.until(lambda count=count: len(ledger.numbers) > count, "one more")  # type: ignore[misc]  # a bound default
                block_loop(0.05)
            assert feed.do(lambda feed: len(feed.links)) == 1
            assert len(ledger.client.interruptions) == 0
