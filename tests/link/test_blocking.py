"""An inbox emptied by threads that block: order, deadlines, ends, and signals at any point."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest

from longwire.core.sequence import overflow_gap
from longwire.errors import ClientClosed
from longwire.link.blocking import Blocking, Receiving
from longwire.link.inbox import Inbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEADLINE = 10.0
"""Seconds that nothing here takes unless it is broken."""


def fill(inbox: Inbox, *numbers: int) -> None:
    inbox.commit([str(number) for number in numbers], len(numbers))


@pytest.fixture
def inbox() -> Inbox:
    return Inbox(100, 10_000)


@pytest.fixture(params=["here", "elsewhere"])
def blocking(request: pytest.FixtureRequest, inbox: Inbox) -> Iterator[Blocking]:
    """What is taken is loaded by whoever takes it, or by another thread."""
    if request.param == "here":
        yield Blocking(inbox)
        return
    work: deque[Callable[[], None] | None] = deque()
    there = threading.Semaphore(0)

    def load() -> None:
        while True:
            there.acquire()
            task = work.popleft()
            if task is None:
                return
            task()

    def post(task: Callable[[], None] | None) -> None:
        work.append(task)
        there.release()

    loader = threading.Thread(target=load)
    loader.start()
    yield Blocking(inbox, post)
    post(None)
    loader.join(DEADLINE)


def step(blocking: Blocking, **how: Any) -> Any:
    return next(Receiving(blocking, None, iterating=False, timeout=DEADLINE, **how))


def test_what_is_there_comes_in_order(inbox: Inbox, blocking: Blocking) -> None:
    """One by one, and the rest as a batch."""
    fill(inbox, 1, 2)
    assert [step(blocking), step(blocking)] == ["1", "2"]
    fill(inbox, 3, 4, 5)
    assert step(blocking) == "3"
    assert step(blocking, batch=True) == ["4", "5"]


def test_marks_come_to_who_asks(inbox: Inbox, blocking: Blocking) -> None:
    """With ``wrap`` messages are wrapped and marks stand between them; else they are left out."""
    for _ in range(2):
        fill(inbox, 1)
        inbox.mark(overflow_gap(7))
        fill(inbox, 2)
    assert [step(blocking, wrap=list) for _ in range(3)] == [["1"], overflow_gap(7), ["2"]]
    assert [step(blocking), step(blocking)] == ["1", "2"]


@pytest.mark.parametrize("timeout", [0, 0.02])
def test_a_deadline_is_one(blocking: Blocking, timeout: float) -> None:
    """Nothing comes: TimeoutError, not before its time, and nothing is left behind."""
    start = time.monotonic()
    with pytest.raises(TimeoutError, match="no message came"):
        next(Receiving(blocking, None, timeout=timeout))
    assert time.monotonic() - start >= timeout


def test_zero_takes_what_is_there(inbox: Inbox, blocking: Blocking) -> None:
    """Without waiting for more; also where another thread has to look first."""
    fill(inbox, 1)
    assert next(Receiving(blocking, None, timeout=0)) == "1"


def test_who_waits_is_woken(inbox: Inbox, blocking: Blocking) -> None:
    """By what another thread commits, again and again."""
    seen: list[Any] = []
    heard = threading.Semaphore(0)

    def receive() -> None:
        for message in Receiving(blocking, None):
            seen.append(message)
            heard.release()

    thread = threading.Thread(target=receive)
    thread.start()
    for number in range(100):
        fill(inbox, number)
        assert heard.acquire(timeout=DEADLINE)
    inbox.end(lambda: ClientClosed("the end"), quiet=True)
    thread.join(DEADLINE)
    assert seen == [str(number) for number in range(100)]


def test_several_threads_share(inbox: Inbox, blocking: Blocking) -> None:
    """Each message goes to one of them, and the end to all."""
    seen: list[list[Any]] = [[] for _ in range(4)]
    threads = [
        threading.Thread(target=lambda mine=mine: mine.extend(Receiving(blocking, None)))
        for mine in seen
    ]
    for thread in threads:
        thread.start()
    for start in range(0, 2000, 20):
        while inbox.room() < 20:
            time.sleep(0)
        fill(inbox, *range(start, start + 20))
    inbox.end(lambda: ClientClosed("the end"), quiet=True)
    for thread in threads:
        thread.join(DEADLINE)
    assert sorted(int(one) for mine in seen for one in mine) == list(range(2000))
    assert all(list(map(int, mine)) == sorted(map(int, mine)) for mine in seen)


def test_the_end_comes_last(inbox: Inbox, blocking: Blocking) -> None:
    """Behind what was received: an error, or for who iterates and a quiet end, StopIteration."""
    fill(inbox, 1)
    inbox.end(lambda: ClientClosed("the end"), quiet=True)
    assert step(blocking) == "1"
    with pytest.raises(ClientClosed):
        step(blocking)
    assert list(Receiving(blocking, None)) == []


def test_alone(inbox: Inbox, blocking: Blocking) -> None:
    """When the other thread has ended, whoever takes loads."""
    blocking.alone()
    fill(inbox, 1)
    assert step(blocking) == "1"


def test_what_a_signal_kept_from_its_receiver_comes_again(inbox: Inbox, blocking: Blocking) -> None:
    """An error between taking and handing over puts the message back in front."""

    class Interrupted(BaseException):
        pass

    def interrupted(_: object) -> object:
        raise Interrupted

    fill(inbox, 1, 2, 3)
    for _ in range(2):
        with pytest.raises(Interrupted):
            step(blocking, wrap=interrupted)
    assert step(blocking, wrap=list) == ["1"]
    with pytest.raises(Interrupted):
        step(blocking, wrap=interrupted)
    assert step(blocking, batch=True) == ["2"]
    assert step(blocking, batch=True) == ["3"]


@pytest.mark.parametrize("batch", [False, True], ids=["one", "batch"])
def test_room_that_could_not_be_offered_is_offered_again(inbox: Inbox, batch: bool) -> None:
    """A signal in the middle of it neither loses the message nor leaves the producer waiting."""
    blocking = Blocking(inbox)
    offered = 0

    def on_room() -> None:
        nonlocal offered
        offered += 1
        if offered == 1:
            raise KeyboardInterrupt

    inbox.on_room = on_room
    fill(inbox, *range(100))
    assert inbox.stall()
    taken: list[Any] = []
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - whichever step it is
        while True:
            taken += step(blocking, batch=True) if batch else [step(blocking)]
    taken += step(blocking, batch=True)
    assert offered == 2
    assert not inbox.stalled
    assert taken == [str(number) for number in range(100)]


def test_zero_takes_what_was_loaded_meanwhile(inbox: Inbox) -> None:
    """The other thread may be done before anybody waits for it."""
    blocking = Blocking(inbox, lambda load: load())
    fill(inbox, 1)
    assert next(Receiving(blocking, None, iterating=False, timeout=0.0)) == "1"
    with pytest.raises(TimeoutError):
        next(Receiving(blocking, None, iterating=False, timeout=0.0))


@pytest.mark.parametrize("signals", [1, 2, 3])
@pytest.mark.parametrize("lost", [True, False])
def test_signals_while_the_other_thread_is_asked(inbox: Inbox, signals: int, lost: bool) -> None:
    """However many come, and whether or not it has heard by then: whoever is next gets it all."""
    left = signals

    def post(task: Callable[[], None]) -> None:
        nonlocal left
        left -= 1
        if left < 0 or not lost:
            task()
        if left >= 0:
            raise KeyboardInterrupt

    blocking = Blocking(inbox, post)
    fill(inbox, 1, 2)
    taken: list[Any] = []
    while len(taken) < 2:
        try:
            taken.append(next(Receiving(blocking, None, iterating=False, timeout=0.0)))
        except KeyboardInterrupt:
            assert left < signals, "it was asked"
    assert taken == ["1", "2"]
