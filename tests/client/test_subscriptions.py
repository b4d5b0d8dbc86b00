"""Subscriptions: sent anew on every link, and nothing is live before their first data."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

import longwire
from longwire.client.subscriptions import Settling, asked, normalized

QUICK = longwire.Retry(first=0.01, cap=0.05)


async def test_sent_on_every_link_in_order(serving: Any, isolate: bool, within: Any) -> None:
    """Each new link gets every subscription, in order, before anything the user sends."""
    seen: list[list[Any]] = []
    go = asyncio.Event()

    async def handler(link: Any) -> None:
        messages = [await link.recv() for _ in range(2)]
        seen.append(messages)
        await link.send("data")
        await link.ping()
        if len(seen) < 3:
            link.abort()
        else:
            messages.append(await link.recv())
            go.set()
            async for _ in link:
                pass

    async with serving(handler) as url, within():
        async with longwire.connect(
            url, subscribe=["one", b"two"], retry=QUICK, isolate=isolate
        ) as client:
            for _ in range(3):
                await client.recv()
            await client.send("mine")
            await go.wait()
    assert seen == [["one", b"two"], ["one", b"two"], ["one", b"two", "mine"]]


async def test_an_acknowledgement_does_not_make_live(
    serving: Any, isolate: bool, within: Any
) -> None:
    """Live is after the first data, not after the handshake and not after the answer."""
    proceed = asyncio.Event()

    async def handler(link: Any) -> None:
        await link.recv()
        await link.send("ack")
        await proceed.wait()
        await link.send("data")
        async for _ in link:
            pass

    subscription = longwire.Subscription("sub", is_ack=lambda message: message == "ack")
    async with serving(handler) as url, within():
        async with longwire.connect(url, subscribe=[subscription], isolate=isolate) as client:
            assert await client.recv() == "ack"
            assert client.state == "settling"
            with pytest.raises(TimeoutError):
                await client.wait_live(0.01)
            proceed.set()
            await client.wait_live()
            assert client.state == "live"
            assert await client.recv() == "data"


async def test_a_refusal_is_seen_by_the_user(serving: Any, isolate: bool, within: Any) -> None:
    """A refused first subscription raises, after the peer's own words were handed over."""

    async def handler(link: Any) -> None:
        await link.recv()
        await link.send("error: no such channel")
        async for _ in link:
            pass

    subscription = longwire.Subscription(
        "sub", name="trades", is_refusal=lambda message: str(message).startswith("error")
    )
    async with serving(refusing(handler)) as url, within():
        async with longwire.connect(url, subscribe=[subscription], isolate=isolate) as client:
            assert await client.recv() == "error: no such channel"
            with pytest.raises(longwire.SubscriptionRefused) as caught:
                await client.recv()
    assert caught.value.name == "trades"
    assert caught.value.answer == "error: no such channel"


def refusing(handler: Any) -> Any:
    """A handler that does not mind that its link is cut."""

    async def run(link: Any) -> None:
        try:
            await handler(link)
        except longwire.LinkClosed:
            return

    return run


async def test_no_data_after_the_subscription(serving: Any, isolate: bool, within: Any) -> None:
    """With a bound on silence, a link that never settles is replaced, and the cause named."""
    links = itertools.count()

    async def handler(link: Any) -> None:
        await link.recv()
        if next(links):
            await link.send("data")
        async for _ in link:
            pass

    async with serving(refusing(handler)) as url, within():
        async with longwire.connect(
            url,
            subscribe=["sub"],
            retry=QUICK,
            isolate=isolate,
            heartbeat=longwire.Heartbeat(silence=0.2),
        ) as client:
            assert await client.recv() == "data"
            (interruption,) = client.interruptions
    assert interruption.evidence.end == "settle-timeout"
    assert interruption.outcome == "recovered"


async def test_a_function_is_asked_for_every_link(serving: Any, isolate: bool, within: Any) -> None:
    """A coroutine function gives fresh subscriptions, on the user's loop."""
    tokens = itertools.count(1)
    loop = asyncio.get_running_loop()
    seen = []

    async def subscribe() -> list[str]:
        assert asyncio.get_running_loop() is loop
        return [f"login {next(tokens)}"]

    async def handler(link: Any) -> None:
        seen.append(await link.recv())
        await link.send("x")
        await link.ping()
        link.abort()

    async with serving(refusing(handler)) as url, within():
        async with longwire.connect(
            url, subscribe=subscribe, retry=QUICK, isolate=isolate
        ) as client:
            await client.recv()
            await client.recv()
    assert seen[:2] == ["login 1", "login 2"]


async def test_data_clocks_of_named_subscriptions(serving: Any, isolate: bool, within: Any) -> None:
    """A subscription with ``matches`` has a data clock of its own."""

    async def handler(link: Any) -> None:
        await link.send("a1")
        async for _ in link:
            pass

    subscriptions = [
        longwire.Subscription("a", name="A", matches=lambda message: message[0] == "a"),
        longwire.Subscription("b", name="B", matches=lambda message: message[0] == "b"),
    ]
    async with serving(handler) as url, within():
        async with longwire.connect(url, subscribe=subscriptions, isolate=isolate) as client:
            await client.recv()
            ages = client.stats().data_ages
    assert set(ages) == {"A"}
    assert ages["A"] >= 0


def test_one_bare_message_is_a_mistake() -> None:
    """``subscribe="text"`` would subscribe to its letters; it is refused with the mend."""
    with pytest.raises(TypeError, match="list"):
        longwire.connect("ws://localhost/", subscribe="text")
    with pytest.raises(TypeError, match="int"):
        normalized([1])  # type: ignore[list-item] # the very mistake


def test_labels() -> None:
    """A subscription without a name is called by the beginning of its message."""
    assert longwire.Subscription("short").label == "short"
    assert longwire.Subscription("x" * 50).label == "x" * 37 + "..."
    assert longwire.Subscription(b"\x00", name="zero").label == "zero"


async def test_asked_accepts_all_forms() -> None:
    """None, a sequence, a function and a coroutine function give the same kind of answer."""

    async def later() -> list[str]:
        return ["x"]

    wanted = (longwire.Subscription("x"),)
    assert await asked(None) == ()
    assert await asked(["x"]) == wanted
    assert await asked(lambda: [longwire.Subscription("x")]) == wanted
    assert await asked(later) == wanted


def test_settling_without_subscriptions() -> None:
    """Without subscriptions a link is settled from the start."""
    assert Settling((), "ws://x/").settled
