"""Where a client's links live: on the user's loop, or on the I/O thread's."""

from __future__ import annotations

import asyncio
import inspect
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from longwire.client.isolation import io_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")


class Carriage:
    """Runs a supervisor on its loop, and carries calls between that loop and the user's.

    It is made in the thread that runs the user's loop.

    Args:
        user_loop: The loop of the user's code.
        isolated: Whether links live on the I/O thread.
    """

    def __init__(self, user_loop: asyncio.AbstractEventLoop, *, isolated: bool) -> None:
        self.user_loop = user_loop
        self.user_thread = threading.get_ident()
        self.isolated = isolated
        self._lease = io_thread() if isolated else None
        self.loop = user_loop if self._lease is None else self._lease.loop
        self._done: asyncio.Future[None] = user_loop.create_future()
        self._task: asyncio.Task[None] | None = None
        self._asked: set[asyncio.Task[Any]] = set()

    def start(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Start the supervisor; `finished` tells its end."""
        if self._lease is None:
            self._task = self.user_loop.create_task(run(), name="longwire client")
            self._task.add_done_callback(self._on_done)
        else:
            self._lease.submit(run()).add_done_callback(self._on_done)

    def _on_done(self, ended: Any) -> None:
        """Give the thread back, whoever waits; in the thread of the links."""
        if self._lease is None:
            self.call_user(lambda: self._settle(ended))
            return
        # Calls that were just under way find no link any more, and end with that.
        returned = self._lease.finish()
        returned.add_done_callback(lambda _: self.call_user(lambda: self._settle(ended)))

    def _settle(self, ended: Any) -> None:
        if self._done.done():
            return
        if ended.cancelled():
            self._done.set_result(None)
        elif ended.exception() is not None:
            self._done.set_exception(ended.exception())
        else:
            self._done.set_result(None)

    async def finished(self) -> None:
        """Wait until the supervisor has ended, and what it asked of the user's functions.

        Cancelling does not stop it from ending.
        """
        if self.inherited:
            return
        await asyncio.shield(self._done)
        here = asyncio.current_task()
        others = [task for task in self._asked if task is not here]
        if others:
            await asyncio.wait(others)

    @property
    def inherited(self) -> bool:
        """A forked child: the thread, and the end of whatever ran in it, are the parent's."""
        return self._lease is not None and self._lease.inherited

    def call_soon(self, function: Callable[[], object]) -> None:
        """Run a function soon on the links' loop, from any thread."""
        try:
            self.loop.call_soon_threadsafe(function)
        except RuntimeError:
            # The loop is closed, and everything on it has ended.
            return

    def call_user(self, function: Callable[[], object]) -> None:
        """Run a function soon on the user's loop, from any thread."""
        try:
            self.user_loop.call_soon_threadsafe(function)
        except RuntimeError:
            # The user's loop is closed: nobody is left to be told.
            return

    async def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Await something that must run on the links' loop, from the user's.

        It must not outlive the supervisor for long: the end waits for it.

        Raises:
            LeaseEnded: the supervisor has ended.
        """
        if self._lease is None:
            return await coroutine
        return await asyncio.wrap_future(self._lease.submit(coroutine))

    async def ask_user(self, function: Callable[[], Any]) -> Any:
        """Await a function of the user's on the user's loop, from the links'."""

        async def ask() -> Any:
            task = asyncio.current_task()
            if task is not None and self.isolated:
                self._asked.add(task)
                task.add_done_callback(self._asked.discard)
            answer = function()
            return await answer if inspect.isawaitable(answer) else answer

        if not self.isolated:
            return await ask()
        asking = ask()
        try:
            answer = asyncio.run_coroutine_threadsafe(asking, self.user_loop)
        except RuntimeError:
            # The user's loop is closed, and its functions with it.
            asking.close()
            raise
        return await asyncio.wrap_future(answer)
