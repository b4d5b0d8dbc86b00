"""The inbox's five policies, with exact counts, compared with the model in core."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import longwire
from longwire.client.policy import PolicyInbox, make_inbox
from longwire.core.overflow import LEAST_HEADER
from longwire.link.flow import NOTHING
from longwire.link.inbox import MAX_MARKS, Inbox
from longwire.link.lender import READ_BUFFER
from longwire.testing import NumberedFeed

if TYPE_CHECKING:
    from collections.abc import Callable

QUICK = longwire.Retry(first=0.01, cap=0.05)


async def flood(link: Any) -> None:
    """Send a hundred numbered messages, then keep the link."""
    for number in range(100):
        await link.send(f"{number % 10}:{number}")
    await link.send("done")
    try:
        async for _ in link:
            pass
    except longwire.LinkClosed:
        return


async def hold(link: Any) -> None:
    """Keep a link open until the other side ends it."""
    try:
        async for _ in link:
            pass
    except longwire.LinkClosed:
        return


def key(message: Any) -> str:
    """What is in front of the colon."""
    return str(message).split(":", maxsplit=1)[0]


async def until(true: Callable[[], bool]) -> None:
    """Wait for what the client tells nobody; with a deadline."""
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - a counter has no event to wait for
            await asyncio.sleep(0.005)


async def slow_start(client: longwire.Client, received: int) -> None:
    """Take nothing until so many messages have been received."""
    await until(lambda: client.stats().received >= received)


@pytest.mark.parametrize(
    ("when_full", "expected"),
    [
        ("drop-oldest", [91, *(f"{n % 10}:{n}" for n in range(91, 100)), "done"]),
        ("drop-newest", [*(f"{n % 10}:{n}" for n in range(10)), 91]),
        (
            "conflate",
            ["0:0", *(x for n in range(91, 100) for x in (9, f"{n % 10}:{n}")), 8, "0:90", "done"],
        ),
    ],
)
async def test_dropping_is_counted_exactly(
    serving: Any, isolate: bool, within: Any, when_full: Any, expected: Any
) -> None:
    """Each policy keeps what it promises, and the gap that a user sees has the exact count."""
    limit = 11 if when_full == "conflate" else 10
    inbox = longwire.Inbox(
        messages=limit, when_full=when_full, key=key if when_full == "conflate" else None
    )
    async with serving(flood) as url, within():
        async with longwire.connect(url, isolate=isolate, inbox=inbox) as client:
            await slow_start(client, 100 if when_full == "conflate" else 101)
            stats = client.stats()
            events: list[Any] = [await anext(client.events()) for _ in expected]
            seen = [
                event.data if isinstance(event, longwire.Message) else event.count
                for event in events
            ]
            after = client.stats()
    assert seen == expected
    for each in (stats, after):
        assert each.delivered + each.dropped + each.queued == each.received
    assert after.received == 101


async def test_wait_drops_nothing(serving: Any, isolate: bool, within: Any) -> None:
    """``"wait"`` holds the peer back; everything arrives, in order, within the limit."""
    async with serving(flood) as url, within():
        async with longwire.connect(url, isolate=isolate, inbox=7) as client:
            await until(lambda: any(each.kind == "reading-paused" for each in client.alerts))
            seen: list[Any] = []
            while not seen or seen[-1] != "done":
                assert client.stats().queued <= 7
                seen.append(await client.recv())
    assert seen == [*(f"{n % 10}:{n}" for n in range(100)), "done"]


async def test_fail_raises_after_what_fitted(serving: Any, isolate: bool, within: Any) -> None:
    """``"fail"`` hands over what fitted, then raises InboxFull; the client has ended."""
    inbox = longwire.Inbox(messages=10, when_full="fail")
    async with serving(flood) as url, within():
        async with longwire.connect(url, isolate=isolate, inbox=inbox) as client:
            await slow_start(client, 10)
            assert [await client.recv() for _ in range(10)] == [f"{n}:{n}" for n in range(10)]
            with pytest.raises(longwire.InboxFull):
                await client.recv()
            await until(lambda: client.state == "failed")


def test_the_fast_inbox_is_for_waiting() -> None:
    """Only a policy that reaches into the queue pays for it."""
    assert type(make_inbox(longwire.Inbox())) is Inbox
    assert isinstance(make_inbox(longwire.Inbox(when_full="drop-oldest")), PolicyInbox)


@given(
    st.sampled_from(["drop-oldest", "drop-newest", "conflate"]),
    st.integers(1, 5),
    st.integers(1, 60),
    st.lists(
        st.one_of(
            st.lists(st.text("abc", min_size=1, max_size=8), max_size=6),
            st.sampled_from(["pop", "take", "mark"]),
        ),
        max_size=30,
    ),
)
def test_sums_hold_whatever_happens(when_full: Any, messages: int, size: int, steps: Any) -> None:
    """After every step: delivered + dropped + queued == received, and the limits hold."""
    inbox = PolicyInbox(
        longwire.Inbox(
            messages=messages,
            bytes=size,
            when_full=when_full,
            key=(lambda message: message[:1]) if when_full == "conflate" else None,
        )
    )
    delivered = 0
    for step in steps:
        if isinstance(step, list):
            inbox.commit(list(step), sum(map(len, step)))
        elif step == "mark":
            inbox.mark(object())
        elif step == "pop":
            delivered += isinstance(inbox.pop(), str)
        else:
            delivered += len(inbox.take() or [])
        assert delivered + inbox.dropped + inbox.queued() == inbox.received
        assert inbox.queued() <= messages
        assert inbox.queued() <= 1 or inbox.queued_bytes() <= size


def conflating(key: Any, *, messages: int = 3, size: int = 1000) -> PolicyInbox:
    """An inbox that conflates."""
    return PolicyInbox(longwire.Inbox(messages=messages, bytes=size, when_full="conflate", key=key))


def test_a_key_that_raises_spoils_nothing() -> None:
    """A message whose key cannot be told has none of its own: it waits its turn, and is told of."""
    troubles: list[str] = []
    inbox = conflating(lambda message: {"bad": []}[message])
    inbox.on_trouble = troubles.append
    assert inbox.commit(["bad", "worse"], 8) == 2
    assert inbox.commit(["bad", "worse"], 8) == 1
    assert inbox.received == inbox.queued() == 3
    assert inbox.take() == ["bad", "worse", "bad"]
    assert len(troubles) == 1
    assert "Inbox.key" in troubles[0]


def test_keys_of_what_was_taken_are_forgotten() -> None:
    """An inbox that is never empty, with keys that never come back, does not grow."""
    inbox = conflating(lambda message: message, messages=10)
    inbox.commit(["first", "second"], 11)
    for number in range(10_000):
        inbox.commit([str(number)], 5)
        inbox.pop()
    assert len(inbox._by_key) < 200
    assert inbox.queued() > 0


@pytest.mark.parametrize("when_full", ["drop-oldest", "drop-newest", "fail"])
def test_marks_are_bounded_and_losses_still_counted(when_full: Any) -> None:
    """A program that reads nothing through thousands of interruptions does not grow."""
    inbox = PolicyInbox(longwire.Inbox(messages=1, when_full=when_full))
    for _ in range(2000):
        inbox.mark(object())
        if when_full != "fail" or not inbox.received:
            inbox.commit(["x"], 1)
    assert inbox.pending_marks <= MAX_MARKS
    batch = inbox.take(marks=True) or []
    gaps = sum(item.count or 0 for item in batch if isinstance(item, longwire.Gap))
    assert gaps == inbox.dropped == (0 if when_full == "fail" else 1999)


async def test_conflation_waits_without_spinning(serving: Any, isolate: bool, within: Any) -> None:
    """A large message that fits nowhere holds the feed back; it does not keep a processor busy."""

    async def handler(link: Any) -> None:
        await link.send("a" * 40)
        await link.send("b" * 80)
        await link.send("c" * 10)
        await hold(link)

    inbox = longwire.Inbox(bytes=100, when_full="conflate", key=key)
    async with serving(handler) as url, within():
        async with longwire.connect(url, isolate=isolate, inbox=inbox) as client:
            await until(lambda: "reading-paused" in {alert.kind for alert in client.alerts})
            assert [await client.recv() for _ in range(3)] == ["a" * 40, "b" * 80, "c" * 10]


def test_threads_agree_on_every_sum() -> None:
    """A producer and a consumer in two threads: nothing is lost or counted twice."""
    inbox = PolicyInbox(longwire.Inbox(messages=50, when_full="drop-oldest"))

    def produce() -> None:
        for number in range(0, 20_000, 20):
            inbox.commit([str(each) for each in range(number, number + 20)], 0)

    thread = threading.Thread(target=produce)
    thread.start()
    seen: list[int] = []
    lost = 0
    while thread.is_alive() or inbox.queued():
        for item in inbox.take(marks=True) or []:
            if isinstance(item, str):
                seen.append(int(item))
            else:
                lost += item.count or 0
    thread.join()
    assert seen == sorted(set(seen))
    assert len(seen) + lost == inbox.received == 20_000
    assert lost == inbox.dropped


# ---------------------------------------------------------------- where a loss is told


def shown(items: list[Any]) -> list[Any]:
    """Gaps as their counts."""
    return [item.count if isinstance(item, longwire.Gap) else item for item in items]


def test_a_loss_is_told_where_it_was() -> None:
    """Among marks too: what was dropped of one link is missing before the next one begins."""
    inbox = PolicyInbox(longwire.Inbox(messages=2, when_full="drop-oldest"))
    first, second = object(), object()
    inbox.mark(first)
    inbox.commit(["a", "b"], 2)
    inbox.mark(second)
    inbox.commit(["c", "d"], 2)
    inbox.commit(["e"], 1)
    assert shown(inbox.take(marks=True) or []) == [first, 2, second, 1, "d", "e"]

    inbox = conflating(lambda message: message[0], messages=3)
    inbox.commit(["a1", "b1"], 4)
    inbox.mark(first)
    inbox.commit(["c1", "b2", "b3", "c2"], 8)
    assert shown(inbox.take(marks=True) or []) == ["a1", 2, "b3", first, 1, "c2"]


class Place:
    """A mark that knows how many messages came before it."""

    def __init__(self, number: int) -> None:
        self.number = number


@given(
    st.sampled_from(["drop-oldest", "drop-newest"]),
    st.integers(1, 5),
    st.lists(st.one_of(st.integers(1, 6), st.sampled_from(["pop", "take", "mark"])), max_size=40),
)
def test_nothing_is_out_of_place(when_full: Any, limit: int, steps: list[Any]) -> None:
    """Whoever counts messages and gaps as they come knows at every mark how many came before it."""
    inbox = PolicyInbox(longwire.Inbox(messages=limit, when_full=when_full))
    sent = 0
    seen: list[Any] = []
    for step in [*steps, "take", "take"]:
        if isinstance(step, int):
            inbox.commit([str(number) for number in range(sent, sent + step)], 0)
            sent += step
        elif step == "mark":
            inbox.mark(Place(sent))
        elif step == "pop":
            seen += [item for item in [inbox.pop(True)] if item is not NOTHING]
        else:
            seen += inbox.take(marks=True) or []
    expected = 0
    for item in seen:
        if isinstance(item, longwire.Gap):
            expected += item.count or 0
        elif isinstance(item, Place):
            assert item.number == expected
        else:
            assert int(item) == expected
            expected += 1
    assert expected == sent


def test_a_thousand_places_become_fewer() -> None:
    """Conflation may lose in front of every message: that is bounded, and every loss is told."""
    inbox = conflating(lambda message: message.split(":")[0], messages=5 * MAX_MARKS, size=2**20)
    for turn in range(3):
        inbox.commit([f"{number}:{turn}" for number in range(5 * MAX_MARKS)], 0)
    assert inbox.pending_marks <= MAX_MARKS
    for _ in range(MAX_MARKS):
        inbox.mark(object())
        inbox.commit(["0:3"], 3)
    assert inbox.pending_marks <= MAX_MARKS
    gaps = [item for item in inbox.take(marks=True) or [] if isinstance(item, longwire.Gap)]
    assert sum(gap.count or 0 for gap in gaps) == inbox.dropped == 11 * MAX_MARKS
    assert inbox.pending_marks == 0


async def test_the_loss_of_a_link_is_told_behind_the_interruption_before_it(
    isolate: bool, within: Any
) -> None:
    """Nothing of the first link was lost; the second one's losses stand behind its recovery."""
    inbox = longwire.Inbox(messages=3, when_full="drop-oldest")
    async with NumberedFeed() as feed, within():
        async with longwire.connect(feed.url, isolate=isolate, inbox=inbox, retry=QUICK) as client:
            await feed.live()
            feed.emit(1)
            events = client.events()
            assert isinstance(await anext(events), longwire.Message)
            feed.links[0].reset()
            await feed.link(2)
            feed.emit(10)
            await until(lambda: client.stats().received == 11)
            kinds = [type(await anext(events)).__name__ for _ in range(4)]
    assert kinds == ["Interrupted", "Recovered", "Gap", "Message"]


# ---------------------------------------------------------------- keys and ends of links


def test_the_key_is_not_asked_under_the_lock() -> None:
    """It is the user's function, and may ask for numbers itself."""
    locked: list[bool] = []

    def asking(message: Any) -> str:
        locked.append(inbox.lock.locked())
        return str(message[0])

    inbox: PolicyInbox = conflating(asking)
    inbox.commit(["a1", "b1", "c1", "a2"], 8)
    inbox.commit_over(["b2", "d1"], 4)
    assert locked
    assert not any(locked)
    assert shown(inbox.take(marks=True) or []) == [1, "a2", 1, "b2", "c1", "d1"]


def test_what_must_wait_has_a_place_at_the_end_as_far_as_the_bound() -> None:
    """One read's worth over all links; then it is dropped, counted and told."""
    inbox = conflating(lambda message: message, messages=10, size=10 * READ_BUFFER)
    size = 98
    whole = READ_BUFFER // (size + LEAST_HEADER) + 1
    sent = 0
    for _ in range(4):
        texts = [f"{number:0{size}}" for number in range(sent, sent + 1000)]
        sent += len(texts)
        inbox.commit_over(texts, 0)
        assert inbox.queued() <= 10 + whole
        assert inbox.queued() + inbox.dropped == inbox.received == sent
    items = inbox.take(marks=True) or []
    assert shown(items[:-1]) == [f"{number:0{size}}" for number in range(10 + whole)]
    assert shown(items[-1:]) == [sent - 10 - whole]
