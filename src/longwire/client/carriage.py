"""Where a client's links live, and its user's functions: on which loop, in which thread."""

from __future__ import annotations

import asyncio
import inspect
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from longwire.client.isolation import LeaseEnded, io_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from longwire.client.isolation import IoThread

T = TypeVar("T")


class Carriage:
    """Runs a supervisor on its loop, and carries calls between that loop and the user's.

    It is made in the thread that runs the user's loop.

    Args:
        user_loop: The loop of the user's code.
        isolated: Whether links live on the I/O thread.
        functions: The thread where the user's functions run; None: on the user's loop.
    """

    def __init__(
        self,
        user_loop: asyncio.AbstractEventLoop,
        *,
        isolated: bool,
        functions: IoThread | None = None,
    ) -> None:
        self.user_loop = user_loop
        self._functions = functions
        self.user_thread = threading.get_ident()
        self.isolated = isolated
        self._lease = io_thread() if isolated else None
        self.loop = user_loop if self._lease is None else self._lease.loop
        self.thread = self.user_thread if self._lease is None else self._lease.ident
        self._done: asyncio.Future[None] = user_loop.create_future()
        self._task: asyncio.Task[None] | None = None
        self._asked: set[asyncio.Task[Any]] = set()

    @property
    def watched(self) -> bool:
        """Whether the user's loop is another than the links', and can be seen from there."""
        return self.user_loop is not self.loop

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

    def tell_user(self, function: Callable[[], object]) -> None:
        """Call a function of the user's soon, where they run; from any thread."""
        if self._functions is None:
            self.call_user(function)
            return
        try:
            self._functions.loop.call_soon_threadsafe(function)
        except RuntimeError:
            # Its thread has ended, with the client.
            return

    async def beside_functions(self, coroutine: Coroutine[Any, Any, None], within: float) -> None:
        """Await something of ours that must run where the user's functions do.

        Args:
            coroutine: What to await.
            within: Seconds to wait for a thread of its own, which a function may keep for ever.
        """
        if self._functions is None:
            await coroutine
            return
        try:
            async with asyncio.timeout(within):
                await asyncio.wrap_future(self._functions.submit(coroutine))
        except (TimeoutError, LeaseEnded):
            return

    async def ask_user(self, function: Callable[[], Any]) -> Any:
        """Await a function of the user's where they run, from the links' loop."""

        async def ask() -> Any:
            task = asyncio.current_task()
            if task is not None and self.isolated and self._functions is None:
                self._asked.add(task)
                task.add_done_callback(self._asked.discard)
            answer = function()
            return await answer if inspect.isawaitable(answer) else answer

        if self._functions is not None:
            return await asyncio.wrap_future(self._functions.submit(ask()))
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
