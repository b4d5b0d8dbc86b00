"""The queue between a link and the user: exact counts, no lost wake-up, nothing lost by cancelling.

Each step is taken by hand where a scheduler would hide what is shown; the rest runs on a real loop,
and where it matters with the producer in another thread.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from longwire.core.overflow import LEAST_HEADER, size_of
from longwire.core.sequence import Gap
from longwire.link.flow import NOTHING
from longwire.link.inbox import MAX_MARKS, Inbox, count_marks
from longwire.link.lender import READ_BUFFER

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

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


# ---------------------------------------------------------------- counts


class Counting(RuleBasedStateMachine):
    """Any order of commits, marks and receiving, against a plain list."""

    def __init__(self) -> None:
        super().__init__()
        self.room_calls = 0
        self.inbox = Inbox(8, 40)
        self.inbox.on_room = self.on_room
        self.model: list[Any] = []
        self.received = 0
        self.received_bytes = 0
        self.delivered = 0
        self.stalled = False

    def on_room(self) -> None:
        self.room_calls += 1
        self.stalled = False

    @property
    def messages(self) -> list[Data]:
        return [item for item in self.model if not isinstance(item, Mark)]

    @rule(sizes=st.lists(st.integers(0, 30), max_size=6))
    def commit(self, sizes: list[int]) -> None:
        room, room_bytes = self.inbox.room(), self.inbox.room_bytes()
        fresh: list[Data] = []
        for size in sizes[:room]:
            total = sum(map(len, fresh)) + size
            if total <= abs(room_bytes) or (room_bytes < 0 and not fresh):
                fresh.append(bytes(size))
            else:
                break
        size = sum(map(len, fresh))
        assert self.inbox.commit(list(fresh), size) == len(fresh)
        self.model += fresh
        self.received += len(fresh)
        self.received_bytes += size

    @rule()
    def mark(self) -> None:
        mark = Mark()
        self.inbox.mark(mark)
        self.model.append(mark)

    @rule(marks=st.booleans())
    def pop(self, marks: bool) -> None:
        item = self.inbox.pop(marks)
        while self.model and not marks and isinstance(self.model[0], Mark):
            self.model.pop(0)
        assert item is (self.model.pop(0) if self.model else NOTHING)
        self.delivered += item is not NOTHING and not isinstance(item, Mark)

    @rule(marks=st.booleans())
    def take(self, marks: bool) -> None:
        batch = self.inbox.take(marks)
        if batch is None:
            assert not self.messages if not marks else not self.model
            self.model.clear()
            return
        assert batch
        expected = self.model if marks else self.messages
        assert batch == expected[: len(batch)]
        del self.model[: len(batch) if marks else self._after(len(batch))]
        self.delivered += len(batch) - count_marks(batch)

    def _after(self, count: int) -> int:
        """Where the first ``count`` messages end, and the marks that went with them."""
        left = self.inbox.queued()
        position = 0
        while count:
            count -= not isinstance(self.model[position], Mark)
            position += 1
        rest = self.model[position:]
        while len([item for item in rest if not isinstance(item, Mark)]) > left:
            rest.pop(0)
        waiting = self.inbox.pending_marks
        while rest and isinstance(rest[0], Mark) and count_marks(rest) > waiting:
            rest.pop(0)
        return len(self.model) - len(rest)

    @rule(drained=st.booleans())
    @precondition(lambda self: not self.stalled)
    def stall(self, drained: bool) -> None:
        self.stalled = self.inbox.stall(drained)
        assert self.inbox.stalled == self.stalled

    @invariant()
    def counts_agree(self) -> None:
        queued = self.inbox.queued()
        assert queued == len(self.messages)
        assert self.inbox.received == self.received == self.delivered + queued
        assert self.inbox.dropped == 0
        assert self.inbox.received_bytes == self.received_bytes
        assert queued <= 8
        size = sum(map(len, self.messages))
        assert queued <= 1 or size <= 40
        # What is being handed over one by one counts until its end.
        assert size <= self.inbox.queued_bytes()

    @invariant()
    def nobody_waits_for_what_is_there(self) -> None:
        assert self.stalled == self.inbox.stalled
        if self.stalled:
            assert self.inbox.queued() > 0


TestCounting = Counting.TestCase


def test_room_is_what_is_left() -> None:
    """By messages and by bytes; negative bytes while nothing waits; never below zero."""
    inbox = Inbox(3, 10)
    assert (inbox.room(), inbox.room_bytes()) == (3, -10)
    fill(inbox, b"1234")
    assert (inbox.room(), inbox.room_bytes()) == (2, 6)
    inbox.commit_over([b"12345678", "x", "y"], 10)
    assert (inbox.room(), inbox.room_bytes()) == (0, 0)
    assert drain(inbox) == [b"1234", b"12345678", "x", "y"]
    assert (inbox.room(), inbox.room_bytes()) == (3, -10)


def test_marks_take_no_room() -> None:
    """They are bounded by their own number."""
    inbox = Inbox(2, 10)
    for _ in range(20):
        inbox.mark(Mark())
    assert (inbox.room(), inbox.room_bytes(), inbox.queued()) == (2, -10, 0)


@pytest.mark.parametrize(
    ("message", "size"), [("", 0), ("abc", 3), ("€", 3), ("\U0001f44b", 4), (b"\x00\xff", 2)]
)
def test_size_is_that_on_the_wire(message: Data, size: int) -> None:
    """Text counts as UTF-8."""
    assert size_of(message) == size


# ---------------------------------------------------------------- marks


def test_marks_stay_where_they_were_put() -> None:
    """Handed over in order to who asks for them, and left out for who does not."""
    first, second = Mark(), Mark()

    def filled() -> Inbox:
        inbox = Inbox(10, 100)
        fill(inbox, "a")
        inbox.mark(first)
        fill(inbox, "b", b"c")
        inbox.mark(second)
        return inbox

    assert drain(filled(), marks=True) == ["a", first, "b", b"c", second]
    assert drain(filled()) == ["a", "b", b"c"]
    assert filled().take(marks=True) == ["a", first, "b", b"c", second]
    assert filled().take() == ["a", "b", b"c"]
    assert filled().take() is not None
    only_marks = Inbox(10, 100)
    only_marks.mark(first)
    assert only_marks.take() is None
    assert not only_marks.finished()


def test_marks_are_bounded() -> None:
    """A program that reads no events does not grow; the oldest go, the messages stay."""
    inbox = Inbox(10, 100)
    fill(inbox, "a")
    marks = [Mark() for _ in range(MAX_MARKS + 3)]
    for mark in marks:
        inbox.mark(mark)
    fill(inbox, "b")
    assert inbox.pending_marks == MAX_MARKS
    assert inbox.take(marks=True) == ["a", *marks[3:], "b"]


def test_counts_are_right_while_a_mark_is_skipped() -> None:
    """A producer that asks for room at that moment must not find one message less than wait."""
    inbox = Inbox(2, 100)
    seen: list[tuple[int, int]] = []
    inbox.on_room = lambda: seen.append((inbox.queued(), inbox.room()))
    inbox.commit_over(["a", "b", "c"], 3)
    inbox.mark(Mark())
    inbox.commit_over(["d"], 1)
    assert drain(inbox)[0] == "a"
    inbox = Inbox(4, 100)
    inbox.on_room = lambda: seen.append((inbox.queued(), inbox.room()))
    inbox.mark(Mark())
    inbox.commit_over(["a", "b", "c"], 3)
    assert inbox.stall()
    assert isinstance(inbox.pop(True), Mark)
    assert seen == []
    assert inbox.pop() == "a"
    assert seen == [(2, 2)]


# ---------------------------------------------------------------- stalling


def test_a_stalled_producer_is_called_at_the_low_mark() -> None:
    """When half of both limits is free, once, and not before."""
    calls: list[int] = []
    inbox = Inbox(4, 100)
    inbox.on_room = lambda: calls.append(inbox.queued())
    fill(inbox, "a", "b", "c", "d")
    assert inbox.stall()
    assert inbox.stalled
    inbox.pop()
    assert calls == []
    inbox.pop()
    assert calls == [2]
    assert not inbox.stalled
    inbox.pop()
    assert calls == [2]


def test_the_low_mark_counts_bytes_too() -> None:
    """Few messages may be many bytes."""
    calls: list[int] = []
    inbox = Inbox(100, 100)
    inbox.on_room = lambda: calls.append(inbox.queued_bytes())
    fill(inbox, b"x" * 40)
    assert inbox.pop() == b"x" * 40
    fill(inbox, b"x" * 60)
    fill(inbox, b"x" * 40)
    assert inbox.stall()
    inbox.pop()
    # What is being handed over counts until its end.
    assert calls == []
    inbox.pop()
    assert calls == [0]


def test_who_finds_room_does_not_wait() -> None:
    """`stall` answers False if the consumer was faster."""
    inbox = Inbox(4, 100)
    fill(inbox, "a", "b")
    assert not inbox.stall()
    assert inbox.stall(drained=True)
    inbox.pop()
    assert inbox.stalled
    inbox.pop()
    assert not inbox.stalled
    assert not inbox.stall(drained=True)


def test_taking_everything_makes_room() -> None:
    """`take` and `pop` of the last message call the producer, marks or not."""
    for consume in (lambda inbox: inbox.take(), drain):
        calls: list[int] = []
        inbox = Inbox(2, 100)
        inbox.on_room = lambda calls=calls, inbox=inbox: calls.append(inbox.room())
        fill(inbox, "a", "b")
        inbox.mark(Mark())
        assert inbox.stall(drained=True)
        consume(inbox)
        assert calls == [2]


def test_near_the_limit_is_told_once_per_filling() -> None:
    """At four fifths, and again only after half of it was free."""
    told: list[int] = []
    inbox = Inbox(10, 1_000)
    inbox.on_near_limit = lambda: told.append(inbox.queued())
    for _ in range(10):
        fill(inbox, "x")
    assert told == [8]
    inbox.pop()
    fill(inbox, "x")
    assert told == [8]
    drain(inbox)
    fill(inbox, "x")
    fill(inbox, *"12345678")
    assert told == [8, 9]


def test_near_the_limit_in_bytes_is_told_too() -> None:
    """Few large messages fill an inbox as many small ones do."""
    told: list[int] = []
    inbox = Inbox(1_000, 100)
    inbox.on_near_limit = lambda: told.append(inbox.queued_bytes())
    for _ in range(10):
        fill(inbox, b"x" * 10)
    assert told == [80]
    inbox.pop()
    fill(inbox, b"")
    assert told == [80]
    drain(inbox)
    fill(inbox, b"x")
    fill(inbox, b"x" * 90)
    assert told == [80, 91]


# ---------------------------------------------------------------- ends of links


def ended_link(inbox: Inbox, count: int, size: int) -> int:
    """A link ends with so many messages unread; how many had no place."""
    return inbox.commit_over([bytes(size)] * count, count * size)


def lost(items: list[Any]) -> list[int]:
    """What the gaps among the items say."""
    return [item.count or 0 for item in items if isinstance(item, Gap)]


def test_one_rest_has_a_place_beyond_the_limits() -> None:
    """All that one read brings; of the next one only what is left of that, until there is room."""
    inbox = Inbox(10, 1_000)
    whole = READ_BUFFER // (98 + LEAST_HEADER)
    assert ended_link(inbox, 10 + whole, 98) == 0
    assert ended_link(inbox, 3, 98) == 2
    assert ended_link(inbox, 3, 98) == 3
    assert (inbox.queued(), inbox.dropped) == (10 + whole + 1, 5)
    assert (inbox.room(), inbox.room_bytes()) == (0, 0)
    # As long as it is above its limits, there is no more.
    for _ in range(whole):
        inbox.pop()
    assert ended_link(inbox, 1, 98) == 1
    items = drain(inbox, marks=True)
    assert lost(items) == [5, 1]
    assert isinstance(items[-1], Gap)
    assert inbox.received == 10 + whole + 7
    assert ended_link(inbox, 10 + whole, 98) == 0


def test_one_large_message_has_a_place_beyond_the_limits() -> None:
    """It was read as a whole into memory of its own before the link ended."""
    inbox = Inbox(10, 1_000)
    fill(inbox, bytes(1_000))
    assert ended_link(inbox, 1, 5 * READ_BUFFER) == 0
    assert ended_link(inbox, 1, 1) == 1
    assert inbox.queued() == 2


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ends", "pop", "commit"]), st.integers(0, 90), st.integers(0, 30_000)
        ),
        max_size=40,
    )
)
@example(
    [
        ("ends", 64, 2118),
        ("ends", 0, 82),
        ("pop", 85, 71),
        ("ends", 53, 2078),
    ]
)
def test_ends_of_links_never_pass_the_bound(steps: list[tuple[str, int, int]]) -> None:
    """However many links end, and whatever is taken between: bounded, and every loss told."""
    inbox = Inbox(20, 50_000)
    # Counted here, for `queued_bytes` counts what is handed over one by one until its end.
    delivered = told = waiting_bytes = 0
    for what, count, size in steps:
        if what == "ends":
            waiting_bytes += (count - ended_link(inbox, count, size)) * size
        elif what == "commit":
            if inbox.room() and inbox.room_bytes() and (inbox.room_bytes() < 0 or size < 100):
                message = bytes(size if inbox.room_bytes() < 0 else 1)
                fill(inbox, message)
                waiting_bytes += len(message)
        else:
            for _ in range(count):
                item = inbox.pop(True)
                if isinstance(item, bytes):
                    delivered += 1
                    waiting_bytes -= len(item)
                told += sum(lost([item]))
        assert inbox.queued() <= 20 + READ_BUFFER // LEAST_HEADER
        assert waiting_bytes <= 50_000 + READ_BUFFER + 2 * 30_000
        assert delivered + inbox.queued() + inbox.dropped == inbox.received
    told += sum(lost(drain(inbox, marks=True)))
    assert told == inbox.dropped


def test_losses_outlive_other_marks() -> None:
    """A program that reads no events does not grow, and every loss is still told."""
    inbox = Inbox(10_000, 100_000)
    for _ in range(2 * MAX_MARKS):
        inbox.mark(Mark())
        inbox.lose(1)
        inbox.lose(1)
        fill(inbox, "x")
    assert inbox.pending_marks <= MAX_MARKS
    assert sum(lost(drain(inbox, marks=True))) == inbox.dropped == 4 * MAX_MARKS


async def test_a_loss_wakes_who_reads_events() -> None:
    """As every mark does."""
    inbox = Inbox(10, 100)
    waiting: Any = begin(anext(inbox.messages(marks=True)))
    await turns()
    inbox.lose(3)
    assert (await waiting).count == 3


def test_the_producer_may_let_go_at_any_moment() -> None:
    """A link that ends while the consumer is about to call it must not fail the consumer."""
    for line in range(20):
        inbox = Inbox(2, 100)
        inbox.on_room = lambda: None
        fill(inbox, "a", "b")
        inbox.stall()
        steps = itertools.count()

        def look(
            frame: Any, event: str, _: Any, inbox: Inbox = inbox, at: int = line, steps: Any = steps
        ) -> Any:
            if frame.f_code.co_name == "_offer_room" and event == "line" and next(steps) == at:
                # What the other thread does, between any two lines.
                inbox.on_room = None
            return look

        before = sys.gettrace()
        sys.settrace(look)
        try:
            assert drain(inbox) == ["a", "b"]
        finally:
            sys.settrace(before)


# ---------------------------------------------------------------- two threads


def produce(inbox: Inbox, count: int, rooms: threading.Semaphore) -> None:
    """What a link does on another thread: fill, wait for room when there is none, go on."""
    number = 0
    while number < count:
        room = inbox.room()
        if room:
            fresh: list[Data] = [b"%d" % at for at in range(number, min(count, number + room))]
            fill(inbox, *fresh)
            number += len(fresh)
            assert inbox.queued() <= inbox.max_messages
        elif inbox.stall(drained=number % 3 == 0):
            # A lost wake-up would end here.
            assert rooms.acquire(timeout=15)
    inbox.end(over, quiet=True)


def by_message(inbox: Inbox) -> Callable[[], Coroutine[Any, Any, list[Data]]]:
    async def consume() -> list[Data]:
        return [message async for message in inbox.messages()]

    return consume


def by_batch(inbox: Inbox) -> Callable[[], Coroutine[Any, Any, list[Data]]]:
    async def consume() -> list[Data]:
        return [message async for batch in inbox.batches() for message in batch]

    return consume


@pytest.mark.parametrize("how", [by_message, by_batch])
@pytest.mark.parametrize("limit", [1, 2, 7, 1_000])
async def test_a_producer_in_another_thread_never_waits_in_vain(
    limit: int, how: Callable[[Inbox], Callable[[], Coroutine[Any, Any, list[Data]]]]
) -> None:
    """Filling, stalling and going on against a consumer at full speed: all arrives in order."""
    count = 3_000 if limit < 1_000 else 30_000
    inbox = Inbox(limit, 2**20)
    rooms = threading.Semaphore(0)
    inbox.on_room = rooms.release
    thread = threading.Thread(target=produce, args=(inbox, count, rooms))
    thread.start()
    try:
        received = await how(inbox)()
    finally:
        while thread.is_alive():
            rooms.release()
            await asyncio.to_thread(thread.join, 1)
    assert received == [b"%d" % at for at in range(count)]
    assert inbox.received == count
    assert inbox.queued() == 0


async def test_several_receivers_and_a_producer_in_another_thread() -> None:
    """Nothing is lost, nothing comes twice, and all of them are told the end."""
    inbox = Inbox(5, 2**20)
    rooms = threading.Semaphore(0)
    inbox.on_room = rooms.release
    thread = threading.Thread(target=produce, args=(inbox, 2_000, rooms))
    received: list[Data] = []

    async def consume() -> None:
        async for message in inbox.messages():
            received.append(message)
            if len(received) % 50 == 0:
                await asyncio.sleep(0)

    consumers = [asyncio.create_task(consume()) for _ in range(3)]
    thread.start()
    await asyncio.gather(*consumers)
    await asyncio.to_thread(thread.join)
    assert sorted(map(int, received)) == list(range(2_000))


def test_a_consumer_whose_loop_is_closed_is_not_woken() -> None:
    """The producer goes on, and the messages stay for whoever comes next."""
    inbox = Inbox(10, 100)
    loop = asyncio.new_event_loop()

    async def wait() -> None:
        await inbox.receive()

    task = loop.create_task(wait())
    loop.run_until_complete(asyncio.sleep(0))
    task.cancel()
    loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
    waiting: Any = None

    async def leave() -> None:
        nonlocal waiting
        waiting = inbox.receive()
        waiting.send(None)

    loop.run_until_complete(leave())
    loop.close()
    thread = threading.Thread(target=fill, args=(inbox, "a"))
    thread.start()
    thread.join()
    assert inbox.pop() == "a"
    waiting.close()
