"""All numbers of a client at one instant."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

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


@pytest.mark.blocking
async def test_sums_hold_while_messages_fly(isolate: bool, within: Any) -> None:
    """Whenever it is asked, from the loop or beside it, the parts make up the whole."""
    wrong: list[Any] = []
    stop = threading.Event()

    def look(client: longwire.Client) -> None:
        stats = client.stats()
        if stats.delivered + stats.dropped + stats.queued != stats.received:
            wrong.append(stats)
        if not 0 <= stats.delivered <= stats.received:
            wrong.append(stats)

    def look_on(client: longwire.Client) -> None:
        while not stop.is_set():
            look(client)

    async with NumberedFeed() as feed, within():
        async with longwire.connect(feed.url, isolate=isolate, inbox=50) as client:
            await feed.live()
            thread = threading.Thread(target=look_on, args=(client,))
            thread.start()
            try:
                for _ in range(40):
                    feed.emit(50)
                    for _ in range(50):
                        await client.recv()
                        look(client)
            finally:
                stop.set()
                await asyncio.to_thread(thread.join)
            assert client.stats().delivered == 2000
    assert wrong == []


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
