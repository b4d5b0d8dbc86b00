"""Servers on a thread and loop of their own: for code that blocks, and for code without a loop."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

from longwire.testing.changes import PATIENCE
from longwire.testing.feed import NumberedFeed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType


class Server(Protocol):
    """What can be run so: a feed, a chaos proxy, a replay."""

    @property
    def url(self) -> str:
        """Where clients connect to."""

    async def __aenter__(self) -> Any: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Any: ...


S = TypeVar("S", bound=Server)
T = TypeVar("T")


class ServerThread(Generic[S]):
    """Runs a server on its own thread.

    ``with ServerThread(lambda: Proxy(url)) as proxy: proxy.url``

    Args:
        make: Makes the server; called on the thread.
    """

    def __init__(self, make: Callable[[], S]) -> None:
        self._make = make
        self._started: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._ended: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._thread = threading.Thread(target=self._run, name="longwire-test-server", daemon=True)
        self._server: S | None = None
        self._stop: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._started.result(PATIENCE)
        except BaseException:
            self._thread.join(PATIENCE)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._ended.result()

    def do(self, work: Callable[[S], T], timeout: float | None = PATIENCE) -> T:
        """Call ``work`` with the server on its thread and return what it returns.

        Blocks the calling thread. Raises what ``work`` raises; TimeoutError after ``timeout``
        seconds.
        """

        async def call(server: S) -> T:
            return work(server)

        return self.submit(call).result(timeout)

    def wait(
        self,
        work: Callable[[S], Coroutine[Any, Any, T]],
        timeout: float | None = PATIENCE,
    ) -> T:
        """Like `do`, for a coroutine such as ``lambda feed: feed.link()``."""
        return self.submit(work).result(timeout)

    def submit(self, work: Callable[[S], Coroutine[Any, Any, T]]) -> concurrent.futures.Future[T]:
        """Like `wait`, without waiting; for a loop: ``await asyncio.wrap_future(...)``."""
        assert self._server is not None, "the server is not running"
        return asyncio.run_coroutine_threadsafe(work(self._server), self._loop)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - told where the thread was started
            told = self._ended if self._started.done() else self._started
            told.set_exception(error)
        else:
            self._ended.set_result(None)

    async def _serve(self) -> None:
        # One task enters and leaves, as servers that own a task group must have it.
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with self._make() as server:
            self._server = server
            self.url = server.url
            self._started.set_result(None)
            await self._stop.wait()


class FeedThread(ServerThread[NumberedFeed]):
    """Runs a `NumberedFeed` on its own thread: ``with FeedThread() as feed: feed.url``.

    Args:
        make: Makes the feed; called on the thread. Default: a `NumberedFeed` that only emits.
    """

    def __init__(self, make: Callable[[], NumberedFeed] = NumberedFeed) -> None:
        super().__init__(make)
