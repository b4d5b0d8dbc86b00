"""An event loop whose time jumps forward whenever nothing else is to be done.

A test of an hour of timers takes a millisecond and does not depend on the machine's speed. Time
jumps only from one timer to the next, so nothing is skipped and the order is that of the timers.
Meant for code that stays in memory; a socket's other end lives in real time.
"""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

T = TypeVar("T")


class AutojumpLoop(asyncio.SelectorEventLoop):
    """An asyncio loop in virtual time.

    Args:
        start: Seconds that the clock shows at first.
        grace: Real seconds to wait for sockets and threads before time jumps; 0: not at all.
    """

    def __init__(self, *, start: float = 0.0, grace: float = 0.0) -> None:
        self._now = start
        super().__init__(_JumpingSelector(self, grace))

    def time(self) -> float:
        """Seconds of the virtual clock."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass at once, as if the machine had been busy or asleep.

        Raises:
            ValueError: ``seconds`` is negative.
        """
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self._now += seconds


class _JumpingSelector(selectors.BaseSelector):
    """Instead of waiting for a timer, moves the loop's clock to it."""

    def __init__(self, loop: AutojumpLoop, grace: float) -> None:
        self._loop = loop
        self._grace = grace
        self._inner = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Look at the sockets; where there is nothing, jump."""
        if timeout is None or timeout <= 0:
            return self._inner.select(timeout)
        events = self._inner.select(min(self._grace, timeout))
        if not events:
            self._loop.advance(timeout)
        return events

    def register(
        self,
        fileobj: Any,
        events: int,
        data: Any = None,
    ) -> selectors.SelectorKey:
        """As the real selector."""
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """As the real selector."""
        return self._inner.unregister(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """As the real selector."""
        return self._inner.get_map()

    def close(self) -> None:
        """As the real selector."""
        self._inner.close()


def run_autojump(main: Coroutine[Any, Any, T], *, start: float = 0.0, grace: float = 0.0) -> T:
    """Run ``main`` on an `AutojumpLoop` of its own and return its result."""
    with asyncio.Runner(loop_factory=lambda: AutojumpLoop(start=start, grace=grace)) as runner:
        return runner.run(main)
