"""What a task that waits for a message is suspended on, in place of a future.

Compiled in Cython's pure-Python mode; runs uncompiled too. A future would have the loop resume the
task in its next turn. A `Waiter` may resume it at once, from the callback that read the socket:
that saves a turn of the loop on every message that somebody waits for.
"""

from __future__ import annotations

from asyncio import CancelledError, current_task
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from longwire.link import cython_shim as cython
else:
    try:
        import cython
    except ImportError:
        from longwire.link import cython_shim as cython

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable
    from contextvars import Context


@cython.freelist(16)
@cython.cclass
class Waiter:
    """A future in all that asyncio's tasks ask of one. It is awaited once, by one task.

    Args:
        loop: The loop of the task.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._resume: Any = None
        self._context: Any = None
        self._timer: Any = None
        self._done = False
        self._cancelled = False
        # Set while it is handed to the task, which clears it: so asyncio knows its futures.
        self._asyncio_future_blocking = True

    def get_loop(self) -> AbstractEventLoop:
        """The loop of the task, which asks whether it is its own."""
        loop: AbstractEventLoop = self._loop
        return loop

    def add_done_callback(
        self, callback: Callable[[Waiter], object], *, context: Context | None = None
    ) -> None:
        """Called by the task that is suspended here: how it is to be resumed."""
        self._resume = callback
        self._context = context
        if self._done:
            self._loop.call_soon(callback, self, context=context)

    def resume_in(self, seconds: float) -> None:
        """Resume the task after so many seconds, unless it has been before."""
        self._timer = self._loop.call_later(seconds, self._go_on)

    def _go_on(self) -> None:
        self.wake(False)

    def task(self) -> Any:
        """The task that is suspended here, or was; None: none yet."""
        # What asyncio's tasks give is a method of theirs.
        return getattr(self._resume, "__self__", None)

    @cython.ccall
    def result(self) -> Any:
        """Called by the task as it goes on. Raises CancelledError if it was cancelled."""
        if self._cancelled:
            raise CancelledError

    @cython.ccall
    def done(self) -> cython.bint:
        """Whether the task has been resumed, or is about to be."""
        return self._done

    def cancel(self, msg: object = None) -> bool:
        """Called when the task is cancelled; False if it is about to be resumed anyway."""
        if self._done:
            return False
        self._cancelled = True
        if self._timer is not None:
            self._timer.cancel()
        self.wake(False)
        return True

    @cython.ccall
    def wake(self, at_once: cython.bint) -> cython.void:
        """Resume the task. Safe to repeat.

        Args:
            at_once: Before this returns, unless another task is in the middle of a step. Only the
                last thing that a callback of the loop does may ask for it: the task may do
                whatever it likes.
        """
        if self._done:
            return
        self._done = True
        if self._resume is None:
            return
        if not at_once or current_task(self._loop) is not None:
            self._loop.call_soon(self._resume, self, context=self._context)
            return
        try:
            self._context.run(self._resume, self)
        except (KeyboardInterrupt, SystemExit) as error:
            # They are for the loop, not for the transport whose callback this may be.
            self._loop.call_soon(_raise, error)


def _raise(error: BaseException) -> None:
    raise error
