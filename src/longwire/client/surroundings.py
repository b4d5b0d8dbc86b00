"""What surrounds the links of a client: how late its loops are, and what the clocks do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from longwire.client.lag import LagMeter
from longwire.client.lateness import MEMORY, Lateness
from longwire.client.postmortem import Circumstances
from longwire.observe.stack import innermost_place

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.client.carriage import Carriage
    from longwire.client.chronicle import Chronicle
    from longwire.client.settings import Settings

BLOCKED = 1.0
"""Seconds of lag above which the user's loop counts as blocked: ten times what asyncio's debug
mode calls slow, a tenth of what the shortest server timeouts allow."""

NOTABLE_JUMP = 1.0
"""Seconds by which the wall clock must differ from the monotonic one to be worth telling."""

JUMP_MEMORY = 60.0
"""Seconds for which a jump is remembered: a link that died in its sleep is found out by then."""


def clock_offset() -> float:
    """Wall clock minus monotonic clock, in seconds."""
    return time.time() - time.monotonic()


class Surroundings:
    """Measures while a client lives.

    Args:
        carriage: The loops.
        chronicle: Gets an alert when the user's loop is blocked.
        on_orphaned: Called, again and again, when the user's loop was found closed.
    """

    def __init__(
        self, carriage: Carriage, chronicle: Chronicle, *, on_orphaned: Callable[[], None]
    ) -> None:
        self._chronicle = chronicle
        self._user_loop = carriage.user_loop
        self._on_orphaned = on_orphaned
        self._io = Lateness(carriage.loop, on_look=self._look)
        self._lag: LagMeter | None = None
        # Of code that has no loop nothing can be said.
        self._inline = not carriage.isolated
        if carriage.watched:
            self._lag = LagMeter(
                carriage.loop,
                carriage.user_loop,
                thread=carriage.user_thread,
                threshold=BLOCKED,
                on_block=self._on_block,
                on_clear=self._on_clear,
            )
        self._offset = clock_offset()
        self._jump: tuple[float, float] | None = None

    def start(self) -> None:
        """Begin to measure. Called on the links' loop, like `stop`."""
        self._io.start()
        if self._lag is not None:
            self._lag.start()

    def _on_block(self, lag: float) -> None:
        place = None if self._lag is None else innermost_place(self._lag.thread)
        self._chronicle.alert(
            "blocked-loop",
            f"the event loop has not run for {lag:.1f} s; it is blocked at "
            f"{place or 'a place unknown'}; the link is kept alive from its own thread",
            at=time.monotonic(),
            cause="blocked-event-loop",
        )

    def _on_clear(self, lag: float) -> None:
        self._chronicle.note(f"the event loop runs again after {lag:.1f} s")

    def _look(self) -> None:
        self._compare_clocks()
        if self._user_loop.is_closed():
            self._on_orphaned()

    def _compare_clocks(self) -> None:
        """Remember when the wall clock moved without the monotonic one: a machine that slept."""
        offset = clock_offset()
        if abs(offset - self._offset) >= NOTABLE_JUMP:
            self._jump = (time.monotonic(), offset - self._offset)
        self._offset = offset

    def _recent_jump(self) -> float | None:
        self._compare_clocks()
        if self._jump is None or time.monotonic() - self._jump[0] > JUMP_MEMORY:
            return None
        return self._jump[1]

    def loop_lag(self) -> float:
        """How late the user's loop is now, in seconds; 0 where there is none."""
        if self._lag is not None:
            return self._lag.lag
        return self._io.late() if self._inline else 0.0

    def worst_lag(self) -> float:
        """The same, the worst of the last few seconds."""
        if self._lag is not None:
            return self._lag.worst_since(time.monotonic() - MEMORY)
        return self._io.worst() if self._inline else 0.0

    def circumstances(
        self,
        settings: Settings,
        *,
        queued: int,
        subscriptions: int,
        canary: Literal["data", "silent", "failed"] | None,
    ) -> Circumstances:
        """What evidence says of everything but the link."""
        return Circumstances(
            heartbeat=settings.heartbeat,
            isolated=settings.isolate,
            subscriptions=subscriptions,
            inbox_limit=settings.inbox.messages,
            queued=queued,
            loop_lag=self.worst_lag(),
            io_lag=self._io.worst(),
            clock_jump=self._recent_jump(),
            canary=canary,
        )

    def stop(self) -> None:
        """Measure no more."""
        self._io.stop()
        if self._lag is not None:
            self._lag.stop()
