"""Waiting for a fact, with a deadline and a name for what did not happen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE: Final = 10.0
"""Seconds that a wait in a test may take by default: far above what a loaded machine needs."""


class Changes:
    """Wakes those who wait for a condition each time something changed. For one event loop."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()

    def notify(self) -> None:
        """Something changed: all conditions are looked at again."""
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(
        self, condition: Callable[[], bool], *, what: str, timeout: float | None = PATIENCE
    ) -> None:
        """Wait until ``condition`` holds. Cancelling loses nothing.

        Args:
            condition: Looked at now and after every `notify`.
            what: What is waited for, for the error's text.
            timeout: Seconds; None waits for ever.

        Raises:
            TimeoutError: it did not come to hold in time.
        """
        try:
            async with asyncio.timeout(timeout):
                while not condition():
                    waiter = asyncio.get_running_loop().create_future()
                    self._waiters.add(waiter)
                    try:
                        await waiter
                    finally:
                        self._waiters.discard(waiter)
        except TimeoutError:
            raise TimeoutError(f"waited {timeout} s for this, in vain: {what}") from None
