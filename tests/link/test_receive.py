"""Receiving: who waits is served in turn, nothing is lost by cancelling, the end is told once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.core.overflow import size_of
from longwire.link.flow import NOTHING
from longwire.link.inbox import Inbox
from longwire.link.receive import Receive

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Data = str | bytes


class Mark:
    """Anything that is no message."""


class Over(Exception):
    """The end's error."""


def over() -> Over:
    return Over()


def fill(inbox: Inbox, *messages: Data) -> None:
    assert inbox.commit(list(messages), sum(map(size_of, messages))) == len(messages)


def drain(inbox: Inbox, *, marks: bool = False) -> list[Any]:
    items: list[Any] = []
    while (item := inbox.pop(marks)) is not NOTHING:
        items.append(item)
    return items


def begin(step: Any) -> asyncio.Task[Any]:
    """A task of its own. (To type checkers an awaitable that is its own iterator says nothing.)"""
    return asyncio.create_task(step)


async def turns(count: int = 3) -> None:
    """Let everything that is ready run."""
    for _ in range(count):
        await asyncio.sleep(0)


# ---------------------------------------------------------------- receiving


async def test_a_receiver_waits_for_the_next_message() -> None:
    """And gets it; what comes with it stays for the next."""
    inbox = Inbox(10, 100)
    waiting: Any = begin(inbox.receive())
    await turns()
    fill(inbox, "a", "b")
    assert await waiting == "a"
    assert await inbox.receive() == "b"


async def test_two_receivers_share() -> None:
    """First come, first served; one commit of two messages wakes both."""
    inbox = Inbox(10, 100)
    first: Any = begin(inbox.receive())
    second: Any = begin(inbox.receive())
    await turns()
    fill(inbox, "a", "b")
    assert await asyncio.gather(*[first, second]) == ["a", "b"]


async def test_each_commit_wakes_one_receiver() -> None:
    """Two commits in one turn of the loop: both receivers are served."""
    inbox = Inbox(10, 100)
    receivers: Any = [begin(inbox.receive()) for _ in range(3)]
    await turns()
    fill(inbox, "a")
    fill(inbox, "b")
    await turns()
    fill(inbox, "c")
    assert await asyncio.gather(*receivers) == ["a", "b", "c"]


async def test_two_readers_of_events_share_marks() -> None:
    """Marks wake the next reader as messages do, also when both came before the first one ran."""
    inbox = Inbox(10, 100)
    first, second = Mark(), Mark()
    readers: Any = [begin(anext(inbox.messages(marks=True))) for _ in range(2)]
    await turns()

    def produce() -> None:
        inbox.mark(first)
        inbox.mark(second)

    thread = threading.Thread(target=produce)
    thread.start()
    # The loop stands still until both are there, as a busy one would.
    thread.join()
    assert await asyncio.gather(*readers) == [first, second]


async def test_a_receiver_that_was_overtaken_waits_on() -> None:
    """A message taken by somebody quicker is no reason to fail."""
    inbox = Inbox(10, 100)
    waiting: Any = begin(inbox.receive())
    await turns()
    fill(inbox, "a")
    assert inbox.pop() == "a"
    await turns()
    assert not waiting.done()
    fill(inbox, "b")
    assert await waiting == "b"


async def test_iteration_and_batches() -> None:
    """One by one, or everything that waits at once; marks only for who asks."""
    inbox = Inbox(10, 100)
    mark = Mark()
    fill(inbox, "a", "b")
    inbox.mark(mark)
    fill(inbox, "c")
    assert await anext(inbox.messages()) == "a"
    fill(inbox, "d")
    assert await anext(inbox.batches(marks=True)) == ["b", mark, "c"]
    inbox.mark(mark)
    inbox.end(over, quiet=True)
    assert [batch async for batch in inbox.batches()] == [["d"]]
    assert [item async for item in inbox.messages(marks=True)] == []


async def test_receive_is_a_coroutine_for_all_who_ask() -> None:
    """`asyncio.create_task`, `wait_for` and `isinstance` take it for one."""
    inbox = Inbox(10, 100)
    receive: Any = inbox.receive()
    assert isinstance(receive, Coroutine)
    task = asyncio.create_task(receive)
    await turns()
    fill(inbox, "a", "b")
    assert await task == "a"
    assert await asyncio.wait_for(inbox.receive(), 5) == "b"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(inbox.receive(), 0)
    fill(inbox, "c")
    assert await inbox.receive() == "c"


async def test_the_first_receiver_of_an_idle_inbox_is_the_first_served() -> None:
    """Who finds nothing has not kept its loop busy: it waits at once, in its place."""
    inbox = Inbox(10, 100)
    first, second = begin(inbox.receive()), begin(inbox.receive())
    await turns(1)
    fill(inbox, "a", "b")
    assert await asyncio.gather(*[first, second]) == ["a", "b"]


async def test_a_busy_consumer_lets_its_loop_run() -> None:
    """However much waits: it is served without a pause for some milliseconds at most."""
    inbox = Inbox(1_000_000, 2**30)
    loop = asyncio.get_running_loop()
    turned = 0

    def turn() -> None:
        nonlocal turned
        turned += 1

    async for _ in feed(inbox, loop.time() + 0.1):
        if not turned:
            loop.call_soon(turn)
    assert turned


async def feed(inbox: Inbox, until: float) -> AsyncIterator[object]:
    """Messages without a pause, as from another thread that is faster than we are."""
    while asyncio.get_running_loop().time() < until:
        fill(inbox, "x")
        yield await inbox.receive()


# ---------------------------------------------------------------- cancelling


def start(inbox: Inbox) -> Any:
    """A receiver that waits, driven by hand."""
    receive: Any = inbox.receive()
    receive.send(None)
    return receive


async def test_nothing_is_taken_before_it_is_handed_over() -> None:
    """A receiver that is dropped, closed or cancelled, at whatever point, loses nothing."""
    inbox = Inbox(10, 100)
    _: Any = inbox.receive()  # never awaited
    before: Any = inbox.receive()
    before.close()
    waiting = start(inbox)
    waiting.close()
    cancelled = start(inbox)
    with pytest.raises(asyncio.CancelledError):
        cancelled.throw(asyncio.CancelledError())
    woken = start(inbox)
    fill(inbox, "a")
    with pytest.raises(asyncio.CancelledError):
        woken.throw(asyncio.CancelledError)
    assert inbox.queued() == 1
    assert await inbox.receive() == "a"


async def test_throw_takes_all_three_forms() -> None:
    """A class, a class and an instance, an instance."""
    inbox = Inbox(10, 100)
    for arguments in (
        (KeyError,),
        (KeyError, KeyError("x")),
        (KeyError("x"),),
        (KeyError, KeyError("x"), None),
    ):
        receive = start(inbox)
        with pytest.raises(KeyError):
            receive.throw(*arguments)
    # Nobody is left waiting.
    fill(inbox, "a")
    assert inbox.pop() == "a"


@pytest.mark.parametrize("cancel_first", [True, False])
async def test_the_turn_of_a_cancelled_receiver_passes_on(cancel_first: bool) -> None:
    """Trap 13: woken and cancelled in the same turn, it does not keep the next one waiting."""
    inbox = Inbox(10, 100)
    first: Any = begin(inbox.receive())
    second: Any = begin(inbox.receive())
    await turns()
    if cancel_first:
        first.cancel()
        fill(inbox, "a")
    else:
        fill(inbox, "a")
        first.cancel()
    assert await second == "a"
    assert first.cancelled()


@given(st.lists(st.sampled_from(["receive", "cancel", "commit", "two", "turn"]), max_size=30))
def test_cancelling_in_any_order_loses_nothing(steps: list[str]) -> None:
    """Each message is received once, in order of the receivers' starting, or still waits."""

    async def work() -> None:
        inbox = Inbox(1_000, 100_000)
        receivers: list[asyncio.Future[Data]] = []
        number = 0
        for step in steps:
            if step == "receive":
                receivers.append(begin(inbox.receive()))
            elif step == "cancel":
                next((one.cancel() for one in receivers if not one.done()), None)
            elif step == "turn":
                await turns(1)
            else:
                count = 2 if step == "two" else 1
                fill(inbox, *(str(number + at) for at in range(count)))
                number += count
        await turns(10)
        got = [one.result() for one in receivers if one.done() and not one.cancelled()]
        pending = [one for one in receivers if not one.done()]
        # Nobody waits while there is something.
        assert not pending or not inbox.queued()
        assert sorted(map(int, got + drain(inbox))) == list(range(number))
        for one in pending:
            one.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    asyncio.run(work())


# ---------------------------------------------------------------- the end


async def test_what_waits_is_handed_over_before_the_end_is_told() -> None:
    """Receiving raises, iteration raises, batches raise: after the last message."""
    for quiet in (False, True):
        inbox = Inbox(10, 100)
        fill(inbox, "a", "b")
        inbox.end(over, quiet=quiet)
        assert not inbox.finished()
        assert await inbox.receive() == "a"
        assert await anext(inbox.messages()) == "b"
        assert inbox.finished()
        with pytest.raises(Over):
            await inbox.receive()
        with pytest.raises(StopAsyncIteration if quiet else Over):
            await anext(inbox.messages())
        with pytest.raises(StopAsyncIteration if quiet else Over):
            await anext(inbox.batches())


async def test_the_first_end_counts() -> None:
    """A second one changes nothing."""
    inbox = Inbox(10, 100)
    inbox.end(over, quiet=True)
    inbox.end(KeyError)
    assert (inbox.ended, inbox.quiet) == (True, True)
    with pytest.raises(Over):
        await inbox.receive()


async def test_the_end_wakes_everyone() -> None:
    """Each waiting receiver is told; a mark that is still there goes to who asks for marks."""
    inbox = Inbox(10, 100)
    receivers: Any = [begin(inbox.receive()) for _ in range(3)]
    await turns()
    inbox.end(over)
    results = await asyncio.gather(*receivers, return_exceptions=True)
    assert [type(result) for result in results] == [Over] * 3
    marked = Inbox(10, 100)
    mark = Mark()
    marked.mark(mark)
    marked.end(over, quiet=True)
    assert [item async for item in marked.messages(marks=True)] == [mark]


async def test_the_end_behind_one_message_wakes_both_receivers() -> None:
    """One gets the message, the other the end."""
    inbox = Inbox(10, 100)
    receivers: Any = [begin(inbox.receive()) for _ in range(2)]
    await turns()
    fill(inbox, "a")
    inbox.end(over)
    results = await asyncio.gather(*receivers, return_exceptions=True)
    assert results[0] == "a"
    assert isinstance(results[1], Over)


def test_a_receiver_of_nothing_raises() -> None:
    """Nobody makes one so; it must not end the process."""
    with pytest.raises(AttributeError):
        Receive.__new__(Receive).send(None)
