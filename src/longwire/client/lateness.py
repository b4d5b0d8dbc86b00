"""How late the loop is that this runs on: seen from inside, so only afterwards."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

INTERVAL = 0.25
"""Seconds between two looks."""

NOTABLE = 0.05
"""Lateness below this is the ordinary noise of a busy machine."""

MEMORY = 5.0
"""Seconds for which a lateness is remembered.

What a peer did because we were late, it did during the block, and is read right after it.
"""


class Lateness:
    """Measures its own timer's lateness, and remembers the worst of the recent past.

    Args:
        loop: The loop to measure; the caller runs on it.
        on_look: Called at each look.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, on_look: Callable[[], None]) -> None:
        self._loop = loop
        self._on_look = on_look
        self._seen: deque[tuple[float, float]] = deque(maxlen=256)
        self._due = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to measure. Called on the loop, like everything that follows."""
        self._arm()

    def _arm(self) -> None:
        self._due = self._loop.time() + INTERVAL
        self._timer = self._loop.call_at(self._due, self._look)

    def _look(self) -> None:
        self._note()
        self._arm()
        self._on_look()

    def _note(self) -> None:
        now = self._loop.time()
        late = now - self._due
        if late >= NOTABLE:
            self._seen.append((now, late))

    def late(self) -> float:
        """How late it is at this moment in seconds."""
        return max(0.0, self._loop.time() - self._due)

    def worst(self, *, within: float = MEMORY) -> float:
        """The largest lateness of the last few seconds, one that is just ending included.

        Args:
            within: Of so many seconds, at most `MEMORY`.
        """
        now = self._loop.time()
        while self._seen and now - self._seen[0][0] > MEMORY:
            self._seen.popleft()
        return max([0.0, now - self._due, *(late for at, late in self._seen if now - at <= within)])

    def stop(self) -> None:
        """Measure no more."""
        self._due = math.inf
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
