"""Receiving from an inbox in threads that block until there is something.

Compiled in Cython's pure-Python mode; runs uncompiled too.

What is there is taken without a switch of threads. A thread that finds nothing waits on a *bell*, a
lock of its own that is released when something has come: all bells ring, once per batch, and
whoever finds nothing waits again.

Ctrl-C loses nothing. In the main thread a signal may raise behind any call that Python code makes,
so also when a call has just returned the message. It cannot between an iterator's step and the
loop that asked for it: hence `Receiving`. What happens before is undone.
"""

from __future__ import annotations

import threading
from collections import deque
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from longwire.link.flow import NOTHING

if TYPE_CHECKING:
    from longwire.link import cython_shim as cython
else:
    try:
        import cython
    except ImportError:
        from longwire.link import cython_shim as cython

if cython.compiled:
    from cython.cimports.longwire.link.flow import Queue
elif TYPE_CHECKING:
    from longwire.link.flow import Queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.link.inbox import Inbox

LOADING_WAIT = 1.0
"""Seconds that a deadline leaves the other thread to look what there is, at the least: a function
of the user's may keep it, and ``recv(0)`` is to hand over what is there."""


@cython.cclass
class Blocking:
    """The consumer's side of an inbox, for any number of threads.

    Args:
        inbox: The inbox. It has no other consumer.
        elsewhere: Runs a function soon in the thread that loads: where what is to be taken has to
            be judged, or picked out, by Python code that no signal may interrupt. None: whoever
            takes does it.
    """

    _queue: Queue
    _inbox: Any
    _elsewhere: Any
    _turn: Any
    _bells: Any
    _returned: list[Any]
    _loading: cython.bint
    _doubtful: cython.bint
    _dry: cython.bint

    def __init__(
        self, inbox: Inbox, elsewhere: Callable[[Callable[[], None]], None] | None = None
    ) -> None:
        self._queue = inbox
        self._inbox = inbox
        self._elsewhere = elsewhere
        self._turn = threading.Lock()
        self._bells = deque()
        # What was taken and has reached nobody: a signal came in between.
        self._returned = []
        # The other thread has been asked to load; until it has, nobody else touches the inbox.
        self._loading = False
        # A signal came while it was asked: it may never hear of it.
        self._doubtful = False
        # It found nothing, and we shall be told.
        self._dry = False
        inbox.loaded_elsewhere = elsewhere is not None
        inbox.on_fresh = self._on_fresh

    def alone(self) -> None:
        """The other thread has ended: from now on whoever takes does all of it."""
        with self._turn:
            self._elsewhere = None
            self._inbox.loaded_elsewhere = False
            self._loading = False
        self._ring()

    # -- in the threads that fill and load -----------------------------------------------------

    def _on_fresh(self) -> None:
        self._dry = False
        self._ring()

    @cython.cfunc
    def _ring(self) -> cython.int:
        while self._bells:
            try:
                bell = self._bells.popleft()
            except IndexError:
                # Another thread rings, too.
                break
            bell.release()
        return 0

    def _load(self, one: bool) -> None:
        if not self._loading:
            # It was asked for twice, because a signal came in between.
            return
        try:
            if not self._queue.load(one):
                self._dry = True
                if not self._queue.expect():
                    self._dry = False
        finally:
            self._loading = False
            self._ring()

    # -- in the threads that receive -----------------------------------------------------------

    @cython.ccall
    def receive(
        self,
        batch: cython.bint,
        wrap: object,
        iterating: cython.bint,
        timeout: cython.double,
    ) -> object:
        """The next item, or batch of messages; waits for it.

        Args:
            batch: Everything that is there, as a list.
            wrap: Called with a message, to hand over what it returns, and marks between them; None:
                messages are handed over as they are, and marks are left out.
            iterating: A quiet end is a StopIteration.
            timeout: Seconds; negative: as long as it takes.

        Raises:
            TimeoutError: nothing came in time.
        """
        deadline: cython.double = monotonic() + timeout if timeout >= 0 else -1.0
        bell: Any = None
        while True:
            item: object = NOTHING
            try:
                with self._turn:
                    item = self._take(batch, wrap is not None)
                    if item is NOTHING:
                        bell = self._line_up(batch, iterating)
                if item is not NOTHING:
                    if wrap is None or not (type(item) is str or type(item) is bytes):
                        return item
                    return wrap(item)  # type: ignore[operator]  # it is called, or None
            except BaseException:
                if item is not NOTHING:
                    self._take_back(item, batch)
                raise
            if bell is not None:
                self._wait(bell, deadline, timeout)

    @cython.cfunc
    def _take(self, batch: cython.bint, marks: cython.bint) -> object:
        if self._returned:
            item: object = self._take_returned(batch, marks)
            if item is not NOTHING:
                return item
        if self._loading:
            return NOTHING
        if batch:
            taken: object = self._queue.take()
            return NOTHING if taken is None else taken
        return self._queue.pop(marks)

    @cython.cfunc
    def _take_returned(self, batch: cython.bint, marks: cython.bint) -> object:
        items: list[Any] = self._returned
        if not marks:
            items = [item for item in items if type(item) is str or type(item) is bytes]
        if not items:
            self._returned = []
            return NOTHING
        if batch:
            self._returned = []
            return items
        self._returned = items[1:]
        return items[0]

    @cython.cfunc
    def _take_back(self, item: object, batch: cython.bint) -> cython.int:
        with self._turn:
            items: list[Any] = item if batch else [item]  # type: ignore[assignment]  # a batch is a list
            self._returned = items + self._returned
        return 0

    @cython.cfunc
    def _line_up(self, batch: cython.bint, iterating: cython.bint) -> object:
        """A bell that rings when it is worth looking again; None if it is now."""
        if not self._loading and self._queue.finished():
            if iterating and self._queue.quiet:
                raise StopIteration
            raise self._queue.error()
        bell: Any = threading.Lock()
        bell.acquire()
        self._bells.append(bell)
        if self._elsewhere is None:
            if self._queue.expect():
                return bell
            self._forget(bell)
            return None
        if self._doubtful or not (self._loading or self._dry):
            load: Any = partial(self._load, not batch)
            self._loading = True
            self._doubtful = True
            try:
                self._elsewhere(load)
            except BaseException:
                # Once more, lest it was not: the second time does nothing. If there is a signal
                # again, whoever lines up next asks.
                self._elsewhere(load)
                self._doubtful = False
                raise
            self._doubtful = False
        return bell

    @cython.cfunc
    def _wait(self, bell: object, deadline: cython.double, timeout: cython.double) -> cython.int:
        lock: Any = bell
        try:
            if timeout < 0:
                lock.acquire()
                return 0
            left: cython.double = deadline - monotonic()
            if self._loading and left < LOADING_WAIT:
                left = LOADING_WAIT
            # It may ring already, also where there is no time left.
            if lock.acquire(True, min(max(left, 0.0), threading.TIMEOUT_MAX)):
                return 0
        finally:
            if lock in self._bells:
                self._forget(lock)
        raise TimeoutError(f"no message came within {timeout:g} s")

    @cython.cfunc
    def _forget(self, bell: object) -> cython.int:
        try:
            self._bells.remove(bell)
        except ValueError:
            # It is being rung.
            return 0
        return 0


@cython.cclass
class Receiving:
    """An iterator over what a `Blocking` hands over, or one step of it.

    Args:
        blocking: What hands over.
        owner: Kept alive as long as this is.
        batch: As `Blocking.receive` has it, like all that follows.
    """

    _blocking: Blocking
    _owner: Any
    _batch: cython.bint
    _wrap: Any
    _iterating: cython.bint
    _timeout: cython.double

    def __init__(
        self,
        blocking: Blocking,
        owner: object,
        *,
        batch: bool = False,
        wrap: Callable[[Any], object] | None = None,
        iterating: bool = True,
        timeout: float | None = None,
    ) -> None:
        self._blocking = blocking
        self._owner = owner
        self._batch = batch
        self._wrap = wrap
        self._iterating = iterating
        self._timeout = -1.0 if timeout is None else max(timeout, 0.0)

    def __iter__(self) -> Receiving:
        return self

    def __next__(self) -> Any:
        return self._blocking.receive(self._batch, self._wrap, self._iterating, self._timeout)
