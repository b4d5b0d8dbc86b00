"""A feed on a thread and loop of its own: for code that blocks, and for code without a loop."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self, TypeVar

from longwire.testing.changes import PATIENCE
from longwire.testing.feed import NumberedFeed

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Callable, Coroutine
    from types import TracebackType

T = TypeVar("T")


class FeedThread:
    """Runs a `NumberedFeed` on its own thread: ``with FeedThread() as feed: feed.url``.

    Args:
        make: Makes the feed; called on the thread. Default: a `NumberedFeed` that only emits.
    """

    def __init__(self, make: Callable[[], NumberedFeed] = NumberedFeed) -> None:
        self._make = make
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="longwire-test-feed", daemon=True)
        self._feed: NumberedFeed | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(PATIENCE)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._feed is not None:
                self.wait(lambda feed: feed.stop())
        finally:
            self._stop()

    def do(self, work: Callable[[NumberedFeed], T], timeout: float | None = PATIENCE) -> T:
        """Call ``work`` with the feed on its thread and return what it returns.

        Blocks the calling thread. Raises what ``work`` raises; TimeoutError after ``timeout``
        seconds.
        """

        async def call(feed: NumberedFeed) -> T:
            return work(feed)

        return self.submit(call).result(timeout)

    def wait(
        self,
        work: Callable[[NumberedFeed], Coroutine[Any, Any, T]],
        timeout: float | None = PATIENCE,
    ) -> T:
        """Like `do`, for a coroutine such as ``lambda feed: feed.link()``."""
        return self.submit(work).result(timeout)

    def submit(
        self, work: Callable[[NumberedFeed], Coroutine[Any, Any, T]]
    ) -> concurrent.futures.Future[T]:
        """Like `wait`, without waiting; for a loop: ``await asyncio.wrap_future(...)``."""
        assert self._feed is not None, "the feed is not running"
        return asyncio.run_coroutine_threadsafe(work(self._feed), self._loop)

    async def _start(self) -> None:
        self._feed = self._make()
        await self._feed.start()
        self.url = self._feed.url

    def _run(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
