"""Receiving from an inbox: one message, or message after message, or batch after batch.

Compiled in Cython's pure-Python mode; runs uncompiled too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from longwire.link import cython_shim as cython
else:
    try:
        import cython
    except ImportError:
        from longwire.link import cython_shim as cython

from longwire.link.flow import NOTHING

if cython.compiled:
    from cython.cimports.longwire.link.flow import Queue
    from cython.cimports.longwire.link.waiter import Waiter
elif TYPE_CHECKING:
    from longwire.link.flow import Queue
    from longwire.link.waiter import Waiter


@cython.cclass
class Messages:
    """An asynchronous iterator over an inbox. Cancelling a step loses nothing."""

    _queue: Queue
    _batch: cython.bint
    _with_marks: cython.bint

    def __init__(self, queue: Queue, batch: bool, marks: bool) -> None:
        self._queue = queue
        self._batch = batch
        self._with_marks = marks

    def __aiter__(self) -> Messages:
        return self

    def __anext__(self) -> Receive:
        return Receive(self._queue, self._batch, self._with_marks, True)


@cython.nonecheck(True)
@cython.freelist(16)
@cython.cclass
class Receive:
    """One step of receiving, a coroutine in all but name.

    Nothing is taken out of the inbox before the moment it is handed over, so an awaitable that is
    cancelled, or never awaited, loses nothing.
    """

    _queue: Queue
    _batch: cython.bint
    _with_marks: cython.bint
    _iterating: cython.bint
    _held: cython.bint
    _waiter: Waiter | None

    def __init__(
        self,
        queue: Queue,
        batch: cython.bint,
        marks: cython.bint,
        iterating: cython.bint,
    ) -> None:
        self._queue = queue
        self._batch = batch
        self._with_marks = marks
        self._iterating = iterating
        self._held = False
        self._waiter = None

    def __await__(self) -> Receive:
        return self

    def __iter__(self) -> Receive:
        return self

    def __next__(self) -> Any:
        if self._waiter is not None:
            item: object = self._resume()
            if item is not NOTHING:
                raise StopIteration(item)
            return self._wait()
        if self._queue.overdue:
            # A bare yield: the loop runs everything else once, and comes back.
            self._queue.breathe()
            return None
        item = self._take()
        if item is not NOTHING:
            raise StopIteration(item)
        return self._wait()

    @cython.cfunc
    def _take(self) -> object:
        if self._batch:
            batch: object = self._queue.take(self._with_marks)
            return NOTHING if batch is None else batch
        return self._queue.pop(self._with_marks)

    @cython.cfunc
    def _resume(self) -> object:
        """What there is for one whose turn it is, or `NOTHING`: another took it."""
        waiter: Waiter = self._waiter  # type: ignore[assignment]  # it is asked for nowhere else
        waiter.result()
        self._waiter = None
        item: object = self._take()
        if item is not NOTHING:
            # There may be more than one receiver: what is left is the next one's.
            self._queue.pass_on()
        return item

    @cython.cfunc
    def _wait(self) -> object:
        waiter: Any
        while True:
            if self._queue.finished():
                waiter = None if self._held else self._queue.hold_back()
                if waiter is not None:
                    self._held = True
                    break
                if self._iterating and self._queue.quiet:
                    raise StopAsyncIteration
                raise self._queue.error()
            waiter = self._queue.add_waiter()
            if waiter is not None:
                break
            item: object = self._take()
            if item is not NOTHING:
                raise StopIteration(item)
        self._waiter = waiter
        return waiter

    def send(self, value: Any) -> Any:
        """Go on; part of what makes this a coroutine."""
        return self.__next__()

    def throw(self, kind: Any, value: Any = None, trace: Any = None) -> Any:
        """Stop waiting and raise: cancellation comes this way."""
        self.close()
        if value is None:
            value = kind() if isinstance(kind, type) else kind
        raise value

    def close(self) -> None:
        """Stop waiting; what was received stays in the inbox."""
        waiter = self._waiter
        if waiter is not None:
            self._waiter = None
            self._queue.drop_waiter(waiter)


if cython.compiled:

    @cython.cfunc
    def ready_item(step: Receive) -> object:
        """What can be handed over at once, or `NOTHING`: then `Receive.__next__` takes its turn."""
        if step._waiter is not None:  # noqa: SLF001 - the same module
            return step._resume()  # noqa: SLF001 - the same module
        if step._queue.overdue:  # noqa: SLF001 - the same module
            return NOTHING
        return step._take()  # noqa: SLF001 - the same module

    longwire_install(Receive, cython.cast(cython.p_void, ready_item), NOTHING)  # noqa: F821 - receive.pxd
