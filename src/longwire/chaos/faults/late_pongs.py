"""Pongs come late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos.bounds import above_zero
from longwire.chaos.fault import Fault
from longwire.chaos.frames import PONG
from longwire.chaos.values import Seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class LatePongs(Fault):
    """Hold every pong back for a while; messages go on at once, and so overtake it.

    What a peer does whose answers stand behind its data, or that is busy.

    Attributes:
        seconds: How late.
    """

    reproduces = ("heartbeat-starved-by-data", "broken-watchdog", "pong-not-flushed")

    seconds: Seconds = 5.0

    def __post_init__(self) -> None:
        above_zero(seconds=self.seconds)

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Everything but pongs, which come later."""
        if frame.opcode != PONG:
            return (frame,)
        self.crossing.later(self.seconds, lambda: lane.inject(frame))
        return ()
