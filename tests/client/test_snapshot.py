"""All numbers of a client at one instant."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from typing import Any, Self

import pytest

import longwire
from longwire.client.snapshot import age
from longwire.testing import NumberedFeed


def test_an_age_is_never_negative() -> None:
    """Clocks that are read at different moments must not make nonsense."""
    assert age(None, 5.0) is None
    assert age(3.0, 5.0) == 2.0
    assert age(5.001, 5.0) == 0.0


async def test_without_a_link_there_are_no_ages(isolate: bool, within: Any) -> None:
    """Before the first link and after the end: no clock, and the counters stay."""
    async with NumberedFeed() as feed, within():
        async with longwire.connect(feed.url, isolate=isolate) as client:
            before = client.stats()
            await feed.live()
            feed.emit(3)
            assert [await client.recv() for _ in range(3)]
            await client.ping()
            live = client.stats()
        after = client.stats()
    assert (before.byte_age, before.rtt, before.links, before.received) == (None, None, 0, 0)
    assert live.byte_age is not None
    assert live.data_age is not None
    assert live.rtt is not None
    assert live.paused_for is None
    assert (live.state, live.links, live.delivered) == ("live", 1, 3)
    assert (after.byte_age, after.pong_age, after.data_age, after.rtt) == (None,) * 4
    assert (after.state, after.received, after.delivered) == ("closed", 3, 3)
    assert after.loop_lag < 5


LAST = 6_000
"""The last number of the feed below."""


async def gappy(link: Any) -> None:
    """Two streams of numbers; one in fifty never comes, and one in seventy comes twice."""
    for number in range(LAST + 1):
        if number % 50 != 1:
            await link.send(f"{number % 2}:{number // 2}")
        if number % 70 == 2:
            await link.send(f"{number % 2}:{number // 2}")
    await link.wait_closed()


def stream(message: Any) -> str:
    """What is in front of the colon."""
    return str(message).partition(":")[0]


def number(message: Any) -> int:
    """What is behind it."""
    return int(str(message).partition(":")[2])


class Onlooker:
    """Asks for the numbers all the time, in a thread of its own, and compares with the consumer's.

    Attributes:
        got: What the consumer has taken, by its own count.
    """

    def __init__(self, client: longwire.Client) -> None:
        self.got = 0
        self.looks = 0
        self.wrong: list[Any] = []
        self._client = client
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look_on)

    async def __aenter__(self) -> Self:
        self._before = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await asyncio.to_thread(self._thread.join)
        sys.setswitchinterval(self._before)

    def _look_on(self) -> None:
        last = 0
        while not self._stop.is_set():
            before = self.got
            stats = self._client.stats()
            # One may have been handed over that the consumer has not counted yet.
            known = before <= stats.delivered <= self.got + 1
            whole = stats.delivered + stats.dropped + stats.repeated + stats.queued
            if not known or stats.delivered < last or whole != stats.received or stats.queued < 0:
                self.wrong.append((before, self.got, last, stats))
            last = stats.delivered
            self.looks += 1


async def bring(gap: longwire.Gap) -> list[str]:
    """A refill that brings everything."""
    await asyncio.sleep(0)
    return [f"{gap.stream}:{each}" for each in range(gap.first or 0, (gap.last or 0) + 1)]


POLICIES: dict[str, longwire.Inbox] = {
    "wait": longwire.Inbox(messages=50),
    "drop-oldest": longwire.Inbox(messages=50, when_full="drop-oldest"),
    "drop-newest": longwire.Inbox(messages=50, when_full="drop-newest"),
    "conflate": longwire.Inbox(messages=50, when_full="conflate", key=stream),
}


@pytest.mark.blocking
@pytest.mark.parametrize("sequence", [None, "told", "refilled"])
@pytest.mark.parametrize("policy", POLICIES)
async def test_delivered_is_what_the_consumer_got(
    serving: Any, isolate: bool, within: Any, policy: str, sequence: str | None
) -> None:
    """Whenever it is asked, from the loop or beside it: the parts make up the whole, and are true.

    ``delivered`` is derived from all the rest, so the consumer's own count shows whether they fit.
    """
    options = None
    if sequence is not None:
        refill = bring if sequence == "refilled" else None
        options = longwire.Sequence(number, stream, refill=refill)
    async with serving(gappy) as url, within():
        async with longwire.connect(
            url, isolate=isolate, inbox=POLICIES[policy], sequence=options
        ) as client:
            async with Onlooker(client) as onlooker:
                while client.stats().received < LAST * 0.9 or client.stats().queued:
                    # What is left may be dropped or held back, and then nothing comes any more.
                    with contextlib.suppress(TimeoutError):
                        await client.recv(0.5)
                        onlooker.got += 1
            assert client.stats().delivered == onlooker.got > 0
    assert onlooker.looks > 1
    assert onlooker.wrong == []


async def test_a_subscription_has_a_clock_of_its_own(isolate: bool, within: Any) -> None:
    """``data_ages`` names each subscription with ``matches``; the other one gets older."""
    subscribe = [
        longwire.Subscription(
            "even", name="even", matches=lambda data: int(str(data).split()[0]) % 2 == 0
        ),
        longwire.Subscription(
            "odd", name="odd", matches=lambda data: int(str(data).split()[0]) % 2 == 1
        ),
    ]
    async with NumberedFeed(subscription="silent") as feed, within():
        async with longwire.connect(feed.url, subscribe=subscribe, isolate=isolate) as client:
            await feed.live()
            for _ in range(2):
                feed.emit()
                await client.recv()
            ages = client.stats().data_ages
    assert ages["even"] >= ages["odd"] >= 0
