"""Where a consumer is while messages wait for it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.client.consumer import where_is
from longwire.link.inbox import Inbox
from longwire.testing import FeedThread, NumberedFeed

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 10.0


@pytest.fixture
def inbox() -> Inbox:
    return Inbox(100, 10_000)


async def test_nobody_has_received(inbox: Inbox) -> None:
    """Nothing is known of who never waited, nor of a task that is over."""
    assert where_is(inbox) is None

    async def receive() -> None:
        with pytest.raises(TimeoutError):
            await inbox.receive_within(0.01)

    await asyncio.create_task(receive())
    assert where_is(inbox) is None


@pytest.mark.both_loops
async def test_a_consumer_that_waits_for_something_else(inbox: Inbox) -> None:
    """The place is that of its innermost call, through all that it awaits; seen from a thread."""
    there, over = asyncio.Event(), asyncio.Event()

    async def handle() -> None:
        there.set()
        await over.wait()

    async def consume() -> None:
        await inbox.receive()
        await handle()

    task = asyncio.create_task(consume(), name="consumer")
    await asyncio.sleep(0)
    inbox.commit(["one"], 3)
    async with asyncio.timeout(PATIENCE):
        await there.wait()
    found = await asyncio.to_thread(where_is, inbox)
    assert found is not None
    assert found.seen.place is not None
    assert found.seen.place.endswith("handle")
    assert found.seen.task == "consumer"
    assert found.away >= 0.0
    assert "has not waited for a message for" in str(found)
    over.set()
    await task


@pytest.mark.blocking
async def test_a_consumer_that_runs(inbox: Inbox) -> None:
    """In the midst of a step it is found on its thread's stack."""

    async def consume() -> Any:
        await inbox.receive()
        return await_in_thread(lambda: where_is(inbox))

    task = asyncio.create_task(consume())
    await asyncio.sleep(0)
    inbox.commit(["one"], 3)
    found = await asyncio.wait_for(task, PATIENCE)
    assert found is not None
    assert any("consume" in line for line in found.seen.stack)


def await_in_thread(work: Callable[[], Any]) -> Any:
    """Block until another thread has done something."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result(PATIENCE)


async def handle(over: asyncio.Event) -> None:
    """What a slow handler does."""
    await over.wait()


async def test_an_alert_says_where_a_slow_consumer_is(isolate: bool) -> None:
    """Both warnings of an inbox that fills name the place and the task."""
    over = asyncio.Event()
    with FeedThread(lambda: NumberedFeed(rate=2_000)) as feed:
        inbox = longwire.Inbox(messages=50)
        async with longwire.connect(feed.url, isolate=isolate, inbox=inbox) as client:

            async def consume() -> None:
                async for _ in client:
                    await handle(over)

            task = asyncio.create_task(consume(), name="consumer")
            until = time.monotonic() + PATIENCE
            while len(told(client)) < 2 and time.monotonic() < until:  # noqa: ASYNC110 - alerts tell nobody
                await asyncio.sleep(0.01)
            alerts = told(client)
            task.cancel()
            await asyncio.wait([task])
    assert set(alerts) == {"inbox-near-limit", "reading-paused"}
    for alert in alerts.values():
        assert alert.place is not None
        assert alert.place.endswith("in handle")
        assert "test_consumer.py:" in alert.place
        assert alert.task == "consumer"
        assert alert.place in alert.text


def told(client: longwire.Client) -> dict[str, Any]:
    """The alerts about the inbox, by kind."""
    return {alert.kind: alert for alert in client.alerts if alert.cause == "slow-handler-inline"}
