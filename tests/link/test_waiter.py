"""What a waiting task is suspended on: it resumes at once or soon, is cancelled, and never lost."""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING, Any

import pytest

from longwire.link.waiter import Waiter

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = pytest.mark.both_loops

PLACE: contextvars.ContextVar[str] = contextvars.ContextVar("PLACE", default="nowhere")


class Wait:
    """Awaits a waiter, as the steps of receiving do."""

    def __init__(self, waiter: Waiter) -> None:
        self.waiter = waiter

    def __await__(self) -> Generator[Waiter, None, None]:
        yield self.waiter


async def suspended(waiter: Waiter, seen: list[str]) -> asyncio.Task[None]:
    """A task that waits on it, and says when it goes on."""

    async def wait() -> None:
        PLACE.set("in the task")
        await Wait(waiter)
        seen.append(PLACE.get())

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    return task


async def in_a_callback(function: Any) -> Any:
    """The result of a function that the loop calls, as it calls a transport's."""
    loop = asyncio.get_running_loop()
    answer = loop.create_future()
    loop.call_soon(lambda: answer.set_result(function()))
    return await answer


async def test_a_callback_resumes_the_task_at_once() -> None:
    """The task has gone on, in its own context, when the callback goes on."""
    seen: list[str] = []
    waiter = Waiter(asyncio.get_running_loop())
    task = await suspended(waiter, seen)

    def callback() -> list[str]:
        waiter.wake(True)
        assert PLACE.get() == "nowhere"
        return [*seen]

    assert await in_a_callback(callback) == ["in the task"]
    await task
    assert waiter.done()


async def test_a_task_resumes_another_soon() -> None:
    """Tasks do not run inside each other's steps."""
    seen: list[str] = []
    waiter = Waiter(asyncio.get_running_loop())
    task = await suspended(waiter, seen)
    waiter.wake(True)
    assert (waiter.done(), seen) == (True, [])
    await task
    assert seen == ["in the task"]


async def test_a_callback_that_is_not_at_its_end_resumes_soon() -> None:
    """Unless it is asked for, nothing runs before the callback is over."""
    seen: list[str] = []
    waiter = Waiter(asyncio.get_running_loop())
    task = await suspended(waiter, seen)

    def callback() -> list[str]:
        waiter.wake(False)
        waiter.wake(True)  # a second call changes nothing
        return [*seen]

    assert await in_a_callback(callback) == []
    await task
    assert seen == ["in the task"]


async def test_woken_before_it_is_awaited() -> None:
    """What happened between making and awaiting it is not missed."""
    seen: list[str] = []
    waiter = Waiter(asyncio.get_running_loop())
    waiter.wake(True)
    await (await suspended(waiter, seen))
    assert seen == ["in the task"]


async def test_cancelled_while_it_waits() -> None:
    """The task is cancelled as on any future, and a wake that comes later changes nothing."""
    seen: list[str] = []
    waiter = Waiter(asyncio.get_running_loop())
    task = await suspended(waiter, seen)
    assert task.cancel()
    assert waiter.done()
    waiter.wake(True)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == []


async def test_cancelled_when_it_was_woken() -> None:
    """A task that was to go on when it is cancelled is cancelled where it waits."""
    seen: list[str] = []
    waiter = Waiter(asyncio.get_running_loop())
    task = await suspended(waiter, seen)
    waiter.wake(False)
    assert not waiter.cancel()
    assert task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == []


async def test_it_belongs_to_one_loop() -> None:
    """Awaited on another loop it is refused, as any future is."""
    other = asyncio.new_event_loop()
    try:
        waiter = Waiter(other)
        assert waiter.get_loop() is other
        with pytest.raises(RuntimeError, match="different loop"):
            await Wait(waiter)
    finally:
        other.close()


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_ends_the_loop(interrupt: type[BaseException]) -> None:
    """Ctrl-C in the task does not end in the transport's callback; the loop passes it on."""
    loop = asyncio.new_event_loop()
    waiter = Waiter(loop)
    after: list[str] = []

    async def wait() -> None:
        await Wait(waiter)
        raise interrupt

    def callback() -> None:
        waiter.wake(True)
        after.append("the callback ends in good order")

    task = loop.create_task(wait())
    loop.call_soon(callback)
    try:
        with pytest.raises(interrupt):
            loop.run_forever()
        with pytest.raises(interrupt):
            task.result()
    finally:
        loop.close()
    assert after == ["the callback ends in good order"]


@pytest.mark.parametrize("cancelled", [True, False])
async def test_it_resumes_by_itself_after_a_while(cancelled: bool) -> None:
    """If it was told to; who is cancelled meanwhile leaves no timer. It knows its task."""
    seen: list[str] = []
    waiter = Waiter(asyncio.get_running_loop())
    assert waiter.task() is None
    task = await suspended(waiter, seen)
    assert waiter.task() is task
    waiter.resume_in(60.0 if cancelled else 0.01)
    if cancelled:
        task.cancel()
    await asyncio.wait([task], timeout=10)
    assert task.cancelled() is cancelled
    assert seen == ([] if cancelled else ["in the task"])
