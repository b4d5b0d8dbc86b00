"""A program that is cancelled, wherever it stands, leaves no task, timer, socket or thread.

The checks are in the fixtures; here the I/O thread runs asyncio's loop, which shows its timers.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.client import iothread
from longwire.client.isolation import IoThread, io_thread
from longwire.testing import NumberedFeed, misbehave, openings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    Stage = Callable[[NumberedFeed, longwire.Client], Awaitable[None]]

DEADLINE = 10.0


@pytest.fixture(scope="module")
def io_lease() -> Iterator[IoThread]:
    """The I/O thread on asyncio's loop."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(iothread, "new_io_loop", asyncio.new_event_loop)
        for thread in threading.enumerate():
            if thread.name.startswith("longwire"):
                thread.join(DEADLINE)
        with io_thread(grace=0.0) as lease:
            yield lease


async def while_connecting(feed: NumberedFeed, client: longwire.Client) -> None:
    """TCP stands, HTTP is not answered."""
    feed.opening = openings.never_answer
    await (await feed.attempt(1)).read_head(DEADLINE)
    del client


async def while_live(feed: NumberedFeed, client: longwire.Client) -> None:
    """Messages come."""
    await feed.link(1)
    feed.emit(3)
    await client.wait_live(DEADLINE)


async def while_waiting_to_retry(feed: NumberedFeed, client: longwire.Client) -> None:
    """The link is lost and the back-off runs."""
    link = await feed.link(1)
    await client.wait_live(DEADLINE)
    await feed.stop_listening()
    misbehave.reset(link)
    await link.wait_ended()


async def while_settling(feed: NumberedFeed, client: longwire.Client) -> None:
    """Subscribed, and no first data yet."""
    feed.subscription = "ignore"
    await (await feed.attempt(1)).wait_message(1)
    del client


async def while_paused(feed: NumberedFeed, client: longwire.Client) -> None:
    """The inbox is full and reading has stopped."""
    link = await feed.link(1)
    await client.wait_live(DEADLINE)
    feed.emit(500)
    await link.changes.until(lambda: bool(link.sent), what="numbers")


async def while_the_peer_is_frozen(feed: NumberedFeed, client: longwire.Client) -> None:
    """A ping is out and nothing comes."""
    link = await feed.link(1)
    await client.wait_live(DEADLINE)
    link.freeze()


STAGES = [
    while_connecting,
    while_live,
    while_waiting_to_retry,
    while_settling,
    while_paused,
    while_the_peer_is_frozen,
]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("how", ["cancelled", "closed", "raised"])
async def test_leaving(options: dict[str, Any], stage: Stage, how: str) -> None:
    """Cancelled, closed, or left by an exception of the user's own."""
    own = {
        **options,
        "close_timeout": 0.1,
        "inbox": longwire.Inbox(messages=100),
        "heartbeat": longwire.Heartbeat(every=0.1, within=5.0, silence=5.0),
        "retry": longwire.Retry(first=60.0, cap=60.0, jitter=0.0),
        "subscribe": ["trades"] if stage is while_settling else None,
    }
    entered: asyncio.Future[longwire.Client] = asyncio.get_running_loop().create_future()
    leave = asyncio.Event()
    async with NumberedFeed(opening=openings.accept) as feed:
        if stage is while_connecting:
            feed.opening = openings.never_answer

        async def program() -> None:
            async with longwire.connect(feed.url, **own) as client:
                entered.set_result(client)
                await leave.wait()
                if how == "raised":
                    raise ZeroDivisionError

        task = asyncio.create_task(program())
        await stage(feed, await entered)
        if how == "cancelled":
            task.cancel()
        leave.set()
        await asyncio.wait([task], timeout=DEADLINE)
        assert task.done()
        assert task.cancelled() == (how == "cancelled")
        if how == "raised":
            assert isinstance(task.exception(), ZeroDivisionError)


async def test_closed_while_another_task_receives(options: dict[str, Any]) -> None:
    """Whoever waits in `recv`, `ping` or iteration is told, at once."""
    async with NumberedFeed() as feed, longwire.connect(feed.url, **options) as client:
        link = await feed.link(1)
        await client.wait_live(DEADLINE)
        link.answers_pings = False

        async def iterate() -> str:
            async for _ in client:
                pass
            return "ended"

        receiving = asyncio.create_task(asyncio.wait_for(client.recv(), DEADLINE))
        pinging = asyncio.create_task(asyncio.wait_for(client.ping(), DEADLINE))
        iterating = asyncio.create_task(asyncio.wait_for(iterate(), DEADLINE))
        await link.changes.until(lambda: bool(link.frames), what="the ping")
        await client.close()
        with pytest.raises(longwire.ClientClosed):
            await receiving
        with pytest.raises(longwire.LinkClosed):
            await pinging
        assert await iterating == "ended"
