"""Silence, and the canary that tells a quiet feed from a deaf link."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

import longwire

QUICK = longwire.Retry(first=0.01, cap=0.05)
BEAT = longwire.Heartbeat(every=0.1, within=0.5, silence=0.3)


def tolerant(handler: Any) -> Any:
    """A handler that does not mind that its link is cut."""

    async def run(link: Any) -> None:
        try:
            await handler(link)
        except longwire.LinkClosed:
            return

    return run


async def hold(link: Any) -> None:
    """Read until the end."""
    async for _ in link:
        pass


async def test_a_deaf_link_is_replaced(serving: Any, isolate: bool, within: Any) -> None:
    """The canary hears data again and again: it becomes the link, and the zombie is named."""
    links = itertools.count()

    async def handler(link: Any) -> None:
        assert await link.recv() == "sub"
        if next(links) == 0:
            await link.send("old")
            await hold(link)
        for number in itertools.count():
            await link.send(f"new {number}")
            await asyncio.sleep(0.02)

    async with serving(tolerant(handler)) as url, within():
        async with longwire.connect(
            url, subscribe=["sub"], retry=QUICK, heartbeat=BEAT, isolate=isolate
        ) as client:
            events: list[Any] = [await anext(client.events()) for _ in range(23)]
            stats = client.stats()
    kinds = [type(event).__name__ for event in events]
    assert kinds == ["Message", "Interrupted", "Recovered", *["Message"] * 20]
    assert [event.data for event in (events[0], *events[3:])] == [
        "old",
        *(f"new {number}" for number in range(20)),
    ]
    interruption = events[2].interruption
    assert interruption.cause.id == "zombie-stream"
    assert interruption.evidence.canary == "data"
    assert interruption.outcome == "recovered"
    assert stats.links == 2


async def test_a_quiet_feed_is_left_alone(serving: Any, isolate: bool, within: Any) -> None:
    """The canary hears nothing either: the link stays, and an alert says that the feed is quiet."""
    links: list[Any] = []

    async def handler(link: Any) -> None:
        links.append(link)
        await link.recv()
        if len(links) == 1:
            await link.send("only")
        await hold(link)

    async with serving(tolerant(handler)) as url, within():
        async with longwire.connect(
            url, subscribe=["sub"], retry=QUICK, heartbeat=BEAT, isolate=isolate
        ) as client:
            assert await client.recv() == "only"
            while not any(alert.kind == "quiet-feed" for alert in client.alerts):
                with pytest.raises(TimeoutError):
                    await client.recv(0.05)
            assert client.interruptions == []
            await links[0].send("later")
            assert await client.recv() == "later"
            assert client.state in {"live", "probing"}


async def test_what_every_new_link_hears_is_no_proof(
    serving: Any, isolate: bool, within: Any
) -> None:
    """Greeting, acknowledgement and snapshot on each link, and no news: the feed is quiet."""
    links: list[Any] = []

    async def handler(link: Any) -> None:
        links.append(link)
        await link.send("hello")
        await link.recv()
        for word in ("subscribed", "snapshot 1", "snapshot 2"):
            await link.send(word)
        await hold(link)

    async with serving(tolerant(handler)) as url, within():
        async with longwire.connect(
            url, subscribe=["sub"], retry=QUICK, heartbeat=BEAT, isolate=isolate
        ) as client:
            assert [await client.recv() for _ in range(4)][-1] == "snapshot 2"
            while not any(alert.kind == "quiet-feed" for alert in client.alerts):
                with pytest.raises(TimeoutError):
                    await client.recv(0.05)
            assert client.interruptions == []
            assert links[0].closure is None
            assert client.state in {"live", "probing"}


async def test_the_old_link_has_time_to_bring_the_same_news(
    serving: Any, isolate: bool, within: Any
) -> None:
    """News of a quiet feed reach the canary first, and the old link a moment later: it is not deaf.

    Half of the silence is the canary's opening, a quarter the time that the old link has.
    """
    heartbeat = longwire.Heartbeat(every=0.1, within=5.0, silence=2.0)
    links: list[Any] = []
    canary_subscribed = asyncio.Event()

    async def handler(link: Any) -> None:
        links.append(link)
        await link.recv()
        await link.send("snapshot")
        if len(links) == 2:
            canary_subscribed.set()
        await hold(link)

    async with serving(tolerant(handler)) as url, within():
        async with longwire.connect(
            url, subscribe=["sub"], retry=QUICK, heartbeat=heartbeat, isolate=isolate
        ) as client:
            assert await client.recv() == "snapshot"
            await canary_subscribed.wait()
            await asyncio.sleep(1.2)
            await links[1].send("news")
            await links[1].ping()
            await links[0].send("news")
            assert await client.recv() == "news"
            await links[1].wait_closed()
            assert client.interruptions == []
            assert client.stats().links == 1


async def test_data_on_the_old_link_ends_the_probe(
    serving: Any, isolate: bool, within: Any
) -> None:
    """The old link speaks while the canary is asked: the canary goes, nothing comes twice."""
    links: list[Any] = []
    second = asyncio.Event()

    async def handler(link: Any) -> None:
        links.append(link)
        await link.recv()
        if len(links) == 1:
            await link.send("1")
        else:
            second.set()
        await hold(link)

    async with serving(tolerant(handler)) as url, within():
        async with longwire.connect(
            url, subscribe=["sub"], retry=QUICK, heartbeat=BEAT, isolate=isolate
        ) as client:
            assert await client.recv() == "1"
            await second.wait()
            await links[0].send("2")
            assert await client.recv() == "2"
            await links[1].wait_closed()
            assert client.interruptions == []


async def test_a_canary_that_cannot_be_opened(isolate: bool, within: Any) -> None:
    """A canary that fails decides nothing: the link stays, and the alert says so."""

    async def handler(link: Any) -> None:
        await link.recv()
        await link.send("only")
        await hold(link)

    server = longwire.serve(tolerant(handler), "127.0.0.1", 0, max_connections=1)
    async with server, within():
        async with longwire.connect(
            f"ws://127.0.0.1:{server.port}/",
            subscribe=["sub"],
            retry=QUICK,
            heartbeat=BEAT,
            isolate=isolate,
        ) as client:
            assert await client.recv() == "only"
            while not client.alerts:
                with pytest.raises(TimeoutError):
                    await client.recv(0.05)
            assert "could not be opened" in client.alerts[0].text
            assert client.interruptions == []


async def test_close_while_a_canary_is_asked(serving: Any, isolate: bool, within: Any) -> None:
    """Closing in the middle of a probe leaves neither link."""
    links: list[Any] = []
    second = asyncio.Event()

    async def handler(link: Any) -> None:
        links.append(link)
        await link.recv()
        if len(links) == 1:
            await link.send("1")
        else:
            second.set()
        await hold(link)

    async with serving(tolerant(handler)) as url, within():
        async with longwire.connect(
            url, subscribe=["sub"], retry=QUICK, heartbeat=BEAT, isolate=isolate
        ) as client:
            await client.recv()
            await second.wait()
        for link in links:
            await link.wait_closed()
