"""A program that swallows the end of a connection, and asks again at once, for ever.

Nothing suspends who is told an end: ``while True: try: await recv() except Exception: pass`` stops
its event loop, and every other task with it. Who is told an end a thousand times in a second is
held back from then on, for a moment each time, so that its loop goes on; and told where it spins.

In development mode the task gets an `EndIgnored` instead, once, which passes ``except Exception``.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Final

from longwire.errors import EndIgnored
from longwire.observe.sighting import Sighting, sum_up
from longwire.observe.stack import Sample, frames_here, task_name

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT: Final = 1_000
"""Times that one task may be told an end within `WITHIN` seconds: some milliseconds of a spin."""

WITHIN: Final = 1.0
"""Seconds in which they count. Who does not ask for so long has stopped."""

PAUSE: Final = 0.1
"""Seconds that a spinning task is held back each time."""


class SpinGuard:
    """Counts how often a task is told the end of one connection.

    Args:
        on_spin: Told once per spin where that is, in the thread that spins.
    """

    __slots__ = ("_begun", "_count", "_last", "_on_spin", "_task")

    def __init__(self, on_spin: Callable[[Sighting], None]) -> None:
        self._on_spin = on_spin
        self._task = 0
        self._count = 0
        self._begun = 0.0
        self._last = 0.0

    def asked(self) -> float:
        """The running task is about to be told the end.

        Returns:
            For how many seconds it is to be held back before; 0: not at all.

        Raises:
            EndIgnored: it spins, and this is development mode.
        """
        now = time.monotonic()
        task = asyncio.current_task()
        if id(task) != self._task or now - self._last > WITHIN:
            # Another one: a thousand tasks that are told once each are no spin.
            self._task, self._count, self._begun = id(task), 0, now
        self._last = now
        self._count += 1
        if self._count < LIMIT:
            return 0.0
        if self._count == LIMIT:
            if now - self._begun > WITHIN:
                self._count = 0
                return 0.0
            self._tell(task)
        return PAUSE

    def _tell(self, task: asyncio.Task[object] | None) -> None:
        seen = sum_up([Sample(frames_here(), None if task is None else task_name(task))])
        self._on_spin(seen)
        if sys.flags.dev_mode or asyncio.get_running_loop().get_debug():
            raise EndIgnored(str(seen), LIMIT)
