"""Who waits for a client to be live: futures of the user's loop, told from the links' loop."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from longwire.client.carriage import Carriage
    from longwire.errors import LongwireError


class Waiters:
    """Live or not, and who wants to know.

    Args:
        carriage: Carries calls to the user's loop.
    """

    def __init__(self, carriage: Carriage) -> None:
        self._carriage = carriage
        self._lock = threading.Lock()
        self._live = False
        self._error: Callable[[], LongwireError] | None = None
        self._waiting: set[asyncio.Future[None]] = set()

    async def wait(self) -> None:
        """Wait until the client is live. User's loop only; cancelling leaves nothing behind.

        Raises:
            LongwireError: the client has ended.
        """
        while True:
            with self._lock:
                if self._error is not None:
                    raise self._error()
                if self._live:
                    return
                waiter = self._carriage.user_loop.create_future()
                self._waiting.add(waiter)
            try:
                await waiter
            finally:
                self._waiting.discard(waiter)

    def live(self) -> None:
        """Messages can arrive."""
        with self._lock:
            self._live = True
        self._carriage.call_user(self._wake)

    def down(self) -> None:
        """They cannot."""
        with self._lock:
            self._live = False

    def end(self, error: Callable[[], LongwireError]) -> None:
        """They never will again."""
        with self._lock:
            self._error = error
        self._carriage.call_user(self._wake)

    def _wake(self) -> None:
        for waiter in list(self._waiting):
            if not waiter.done():
                waiter.set_result(None)
