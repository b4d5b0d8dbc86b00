"""The inbox's five policies, with exact counts, compared with the model in core."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import longwire
from longwire.client.policy import PolicyInbox, make_inbox
from longwire.link.inbox import Inbox

if TYPE_CHECKING:
    from collections.abc import Callable


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
        ("conflate", [89, "0:0", *(f"{n % 10}:{n}" for n in range(91, 100)), "0:90", "done"]),
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
            seen: list[Any] = []
            while not seen or seen[-1] != "done":
                assert client.stats().queued <= 7
                seen.append(await client.recv())
            alerts = {alert.kind for alert in client.alerts}
    assert seen == [*(f"{n % 10}:{n}" for n in range(100)), "done"]
    assert "reading-paused" in alerts


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
