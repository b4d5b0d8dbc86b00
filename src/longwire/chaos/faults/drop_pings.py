"""Pings are lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos.fault import Fault
from longwire.chaos.frames import PING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class DropPings(Fault):
    """Lose the pings, and nothing else.

    What a hop does that ends WebSocket and begins it anew without passing control frames on. Who
    pings gets no answer; who waits for the other's pings waits in vain, and may end a connection
    that only a message could have kept.
    """

    reproduces = ("heartbeat-dialect-mismatch", "pong-not-flushed", "broken-watchdog")
    direction = "both"

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Everything but pings."""
        return () if frame.opcode == PING else (frame,)
