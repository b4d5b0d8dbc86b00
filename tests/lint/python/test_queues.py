"""The queues of a module."""

from __future__ import annotations

import textwrap

from longwire.lint.python.file import PythonFile
from longwire.lint.python.queues import (
    Bound,
    asks_how_full,
    puts_at_once,
    queue_of,
    same_queue,
)
from longwire.lint.python.roles import Role


def known(source: str) -> PythonFile:
    return PythonFile(textwrap.dedent(source))


def bound(made: str, imports: str = "import asyncio, queue") -> Bound | None:
    file = known(f"{imports}\ninbox = {made}\ninbox.put_nowait(1)")
    call = next(file.calls(Role.PUT), None)
    found = None if call is None else queue_of(call, file.meanings)
    return None if found is None else found.bound


def test_how_much_goes_into_a_queue() -> None:
    """By the size that is given, or not given, to what makes it."""
    assert bound("asyncio.Queue()") is Bound.NONE
    assert bound("asyncio.Queue(0)") is Bound.NONE
    assert bound("queue.Queue(maxsize=-1)") is Bound.NONE
    assert bound("queue.SimpleQueue()") is Bound.NONE
    assert bound("asyncio.Queue(maxsize=1)") is Bound.ONE
    assert bound("asyncio.Queue(100)") is Bound.SOME
    assert bound("queue.Queue(maxsize=limit())") is Bound.SOME
    assert bound("asyncio.Queue(**options)") is None
    assert bound("make()") is None


def test_a_queue_is_found_where_it_is_made() -> None:
    """In another method, in a dataclass, and in a caller that hands it over."""
    file = known(
        """
        import asyncio
        from dataclasses import dataclass, field

        class One:
            def __init__(self):
                self.inbox = asyncio.Queue(5)
            def put(self, item):
                self.inbox.put_nowait(item)

        @dataclass
        class Two:
            inbox: asyncio.Queue = field(default_factory=asyncio.Queue)
            def put(self, item):
                self.inbox.put_nowait(item)

        def put(inbox):
            inbox.put_nowait(3)

        def main():
            put(asyncio.Queue(7))
        """
    )
    found = [queue_of(call, file.meanings) for call in file.calls(Role.PUT)]
    assert [one and one.bound for one in found] == [Bound.SOME, Bound.NONE, Bound.SOME]


def test_two_calls_of_one_queue() -> None:
    """They are of the same where it is made once, or where they are written alike."""
    file = known(
        """
        import asyncio
        from elsewhere import others
        first = asyncio.Queue()
        second = asyncio.Queue()
        first.put_nowait(1)
        second.put_nowait(2)
        first.get_nowait()
        second.qsize()
        """
    )
    one, two = file.calls(Role.PUT)
    taken = next(file.calls(Role.TAKE))
    assert same_queue(one, taken, file.meanings)
    assert not same_queue(two, taken, file.meanings)
    assert asks_how_full(two, file.meanings)
    assert not asks_how_full(one, file.meanings)


def test_which_put_raises_where_a_queue_is_full() -> None:
    """One that does not wait for room."""
    file = known(
        """
        import queue
        inbox = queue.Queue(5)
        inbox.put_nowait(1)
        inbox.put(2, False)
        inbox.put(3, block=False)
        inbox.put(4)
        inbox.put(5, timeout=3)
        """
    )
    found = [puts_at_once(call, file.meanings) for call in file.calls(Role.PUT)]
    assert found == [True, True, True, False, False]
