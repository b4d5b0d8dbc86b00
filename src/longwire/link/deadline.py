"""A time limit over many awaits that does not hold our own lateness against the other side."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType


class Deadline:
    """Ends what happens inside its ``async with`` after so many seconds, with TimeoutError.

    A loop that was blocked when the time ran out has not read what the other side sent in time.
    So a limit that is judged late is put off by as much as it is late, but only once.

    Args:
        within: Seconds.
    """

    def __init__(self, within: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._due_at = self._loop.time() + within
        self._timer: asyncio.TimerHandle | None = None
        self._timeout = asyncio.timeout(None)

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._timer = self._loop.call_at(self._due_at, self._due)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop_timer()
        await self._timeout.__aexit__(kind, error, trace)

    def expire(self) -> None:
        """Do not wait for the limit: it has come now."""
        self._stop_timer()
        if not self._timeout.expired():
            self._timeout.reschedule(self._loop.time())

    def _due(self) -> None:
        now = self._loop.time()
        self._timer = self._loop.call_at(now + (now - self._due_at), self.expire)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
