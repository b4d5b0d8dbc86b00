"""Subscriptions: sent anew on every link, and nothing is live before their first data."""

from __future__ import annotations

import asyncio
import itertools
import logging
from typing import Any

import pytest

import longwire
from longwire.client.subscriptions import Answers, asked, normalized
from longwire.testing import NumberedFeed, frames, openings

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


@pytest.mark.parametrize("inbox", [1, 1000])
async def test_what_came_before_the_subscription_does_not_make_live(
    isolate: bool, within: Any, inbox: int
) -> None:
    """A greeting that comes with the handshake answers no subscription: nobody had read one."""
    early = b"".join(frames.frame(frames.TEXT, b"hello %d" % number) for number in range(5))
    async with (
        NumberedFeed(opening=openings.accept_with({}, early=early), subscription="silent") as feed,
        within(),
        longwire.connect(feed.url, subscribe=["sub"], isolate=isolate, inbox=inbox) as client,
    ):
        assert [await client.recv() for _ in range(5)] == [f"hello {number}" for number in range(5)]
        link = await feed.link()
        await link.ping()
        assert client.state == "settling"
        feed.emit()
        await client.wait_live()
        assert await client.recv() == "0 of the feed"


async def test_with_matches_only_what_matches_is_data(
    serving: Any, isolate: bool, within: Any
) -> None:
    """A greeting that crosses the subscription on its way is told from data where that is known."""

    async def handler(link: Any) -> None:
        await link.recv()
        await link.send("hello")
        assert await link.recv() == "go"
        await link.send("trade 1")
        async for _ in link:
            pass

    subscription = longwire.Subscription("sub", matches=lambda message: str(message)[:5] == "trade")
    async with serving(refusing(handler)) as url, within():
        async with longwire.connect(url, subscribe=[subscription], isolate=isolate) as client:
            assert await client.recv() == "hello"
            assert client.state == "settling"
            await client.send("go")
            await client.wait_live()
            assert await client.recv() == "trade 1"


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


async def cut(link: Any) -> None:
    """Cut a link without a word, after the other side has read what was sent."""
    await link.ping()
    link.abort()


async def to_the_end(client: longwire.Client) -> tuple[list[Any], longwire.LongwireError]:
    """All that a client hands over, and the error that ends it."""
    seen = []
    try:
        while True:
            seen.append(await client.recv())
    except longwire.LongwireError as error:
        return seen, error


def refusing(handler: Any) -> Any:
    """A handler that does not mind that its link is cut."""

    async def run(link: Any) -> None:
        try:
            await handler(link)
        except longwire.LinkClosed:
            return

    return run


async def test_a_refusal_after_another_ones_data_is_seen(
    serving: Any, isolate: bool, within: Any
) -> None:
    """Two subscriptions: the data of one does not hide that the other is refused."""

    async def handler(link: Any) -> None:
        await link.recv()
        await link.recv()
        await link.send("A 1")
        await link.ping()
        await link.send("error: no B")
        async for _ in link:
            pass

    subscriptions = [
        longwire.Subscription("A", is_refusal=lambda message: message == "error: no A"),
        longwire.Subscription("B", name="B", is_refusal=lambda message: message == "error: no B"),
    ]
    async with serving(refusing(handler)) as url, within():
        async with longwire.connect(url, subscribe=subscriptions, isolate=isolate) as client:
            assert [await client.recv(), await client.recv()] == ["A 1", "error: no B"]
            with pytest.raises(longwire.SubscriptionRefused) as caught:
                await client.recv()
            assert caught.value.name == "B"
            assert [each.cause.id for each in client.interruptions] == [
                "subscription-not-confirmed"
            ]
            assert [alert.kind for alert in client.alerts] == ["subscription-refused"]


@pytest.mark.parametrize("inbox", [1, 1000])
async def test_data_behind_a_refusal_does_not_outweigh_it(
    serving: Any, isolate: bool, within: Any, inbox: int
) -> None:
    """Refusal and data in one read, however few messages the inbox takes at a time."""

    async def handler(link: Any) -> None:
        await link.recv()
        for message in ("no", "data", "more"):
            await link.send(message)
        async for _ in link:
            pass

    subscription = longwire.Subscription("sub", is_refusal=lambda message: message == "no")
    async with serving(refusing(handler)) as url, within():
        async with longwire.connect(
            url, subscribe=[subscription], isolate=isolate, inbox=inbox
        ) as client:
            seen, error = await to_the_end(client)
    assert isinstance(error, longwire.SubscriptionRefused)
    assert seen == ["no", "data", "more"][: len(seen)]
    assert seen


async def test_a_refusal_on_a_later_link_is_told(
    serving: Any, isolate: bool, within: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A token that expired while we were away: cause, alert and log say so, while it is retried."""
    caplog.set_level(logging.DEBUG, logger="longwire.client")
    links = itertools.count()

    async def handler(link: Any) -> None:
        await link.recv()
        if not next(links):
            await link.send("data")
            await cut(link)
            return
        await link.send("denied")
        async for _ in link:
            pass

    subscription = longwire.Subscription(
        "sub", name="trades", is_refusal=lambda message: message == "denied"
    )
    async with serving(refusing(handler)) as url, within():
        async with longwire.connect(
            url, subscribe=[subscription], retry=QUICK, isolate=isolate
        ) as client:
            assert [await client.recv() for _ in range(3)] == ["data", "denied", "denied"]
            (interruption,) = client.interruptions
            assert interruption.outcome == "pending"
            assert interruption.cause.id == "subscription-not-confirmed"
            (alert,) = client.alerts
    assert (alert.kind, alert.cause) == ("subscription-refused", "subscription-not-confirmed")
    assert "trades" in alert.text
    failed = [record for record in caplog.records if "attempt failed" in record.message]
    assert failed
    assert {vars(record)["longwire_cause"] for record in failed} == {"subscription-not-confirmed"}


async def test_a_refusal_that_ends_with_a_close_is_a_refusal(
    serving: Any, isolate: bool, within: Any
) -> None:
    """A server that refuses and closes at once: the refusal is the cause, not the close code."""

    async def handler(link: Any) -> None:
        await link.recv()
        await link.send("A 1")
        await link.ping()
        await link.send("denied")
        await link.close(1011)

    subscription = longwire.Subscription("sub", is_refusal=lambda message: message == "denied")
    async with serving(refusing(handler)) as url, within():
        async with longwire.connect(url, subscribe=[subscription], isolate=isolate) as client:
            seen, error = await to_the_end(client)
            (interruption,) = client.interruptions
    assert seen == ["A 1", "denied"]
    assert isinstance(error, longwire.SubscriptionRefused)
    assert interruption.evidence.end == "subscription-refused"
    assert interruption.cause.id == "subscription-not-confirmed"


async def test_a_refusal_after_a_stable_life_is_retried(
    serving: Any, isolate: bool, within: Any
) -> None:
    """What had worked for `Retry.stable_after` and is refused then: no end, but an interruption."""

    async def handler(link: Any) -> None:
        await link.recv()
        await link.send("data")
        await link.ping()
        await link.send("revoked")
        async for _ in link:
            pass

    retry = longwire.Retry(first=0.01, cap=0.02, stable_after=0)
    subscription = longwire.Subscription("sub", is_refusal=lambda message: message == "revoked")
    async with serving(refusing(handler)) as url, within():
        async with longwire.connect(
            url, subscribe=[subscription], retry=retry, isolate=isolate
        ) as client:
            seen = [await client.recv() for _ in range(3)]
            first = client.interruptions[0]
    assert seen == ["data", "revoked", "data"]
    assert (first.cause.id, first.outcome) == ("subscription-not-confirmed", "recovered")


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


def test_names() -> None:
    """A subscription without a name is called by its place, never by what may be a secret in it."""
    given: list[Any] = [
        "key",
        longwire.Subscription("key", name="mine"),
        longwire.Subscription(b"key"),
    ]
    assert [each.name for each in normalized(given)] == ["#1", "mine", "#3"]


async def test_asked_accepts_all_forms() -> None:
    """None, a sequence, a function and a coroutine function give the same kind of answer."""

    async def later() -> list[str]:
        return ["x"]

    wanted = (longwire.Subscription("x", name="#1"),)
    assert await asked(None) == ()
    assert await asked(["x"]) == wanted
    assert await asked(lambda: [longwire.Subscription("x")]) == wanted
    assert await asked(later) == wanted


# -- one link's answers ----------------------------------------------------------------------


def told(word: str) -> Any:
    """A predicate for messages with this word in them."""
    return lambda message: word in message


def heard(answers: Answers, *messages: str) -> tuple[bool, str | None, bool]:
    """What the messages tell: whether it settled, who is refused, whether all is said."""
    for message in messages:
        answers.hear(message)
    refusal = answers.refusal
    return answers.settled, None if refusal is None else refusal.name, answers.complete


def test_nothing_to_answer() -> None:
    """Without subscriptions a link is settled from the start, and there is nothing to look for."""
    assert heard(Answers((), "ws://x/")) == (True, None, True)


def test_the_first_data_settles() -> None:
    """An acknowledgement does not. Where nothing can be refused, that is all there is to hear."""
    answers = Answers((longwire.Subscription("a", is_ack=told("ok")),), "ws://x/")
    assert heard(answers, "ok", "ok") == (False, None, False)
    assert heard(answers, "data") == (True, None, True)


@pytest.mark.parametrize("before", [[], ["data"]])
def test_nothing_is_judged_behind_a_refusal(before: list[str]) -> None:
    """Data behind a refusal does not settle, and a second refusal is not the one that is told."""
    subscriptions = (
        longwire.Subscription("a", name="a", is_refusal=told("no a")),
        longwire.Subscription("b", name="b", is_refusal=told("no b")),
    )
    answers = Answers(subscriptions, "ws://x/")
    assert heard(answers, *before, "no b", "no a", "data") == (bool(before), "b", True)


def test_a_subscription_is_open_until_it_is_answered() -> None:
    """Each by its own: one is acknowledged, one has data, and the third is refused after that."""
    a, b, c = (
        longwire.Subscription(
            name,
            name=name,
            is_ack=told(f"ok {name}"),
            is_refusal=told("no"),
            matches=told(f"data {name}"),
        )
        for name in "abc"
    )
    answers = Answers((a, b, c), "ws://x/")
    assert heard(answers, "ok a", "data b") == (True, None, False)
    assert heard(answers, "no") == (True, "c", True)
    answers = Answers((a, b, c), "ws://x/")
    assert heard(answers, "data a", "ok b", "data c", "no") == (True, None, True)


def test_of_subscriptions_that_look_alike_one_is_meant_at_a_time() -> None:
    """With the same predicates for all, each acknowledgement is for the next of them."""
    subscriptions = tuple(
        longwire.Subscription(name, name=name, is_ack=told("ok"), is_refusal=told("no"))
        for name in "abc"
    )
    assert heard(Answers(subscriptions, "ws://x/"), "ok", "no") == (False, "b", True)
    assert heard(Answers(subscriptions, "ws://x/"), *["ok"] * 9, "no") == (False, "a", True)
    assert heard(Answers(subscriptions, "ws://x/"), *["ok"] * 3, "data", "no") == (True, None, True)
