"""Pongs are lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos.fault import Fault
from longwire.chaos.frames import PONG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class DropPongs(Fault):
    """Lose the pongs, and nothing else.

    What some gateways do that answer no pings, or answer them only between messages. A heartbeat
    that wants a pong, and takes nothing else for a sign of life, ends a link that is well. From the
    client to the server, it is a client that queues its pongs and does not send them.
    """

    reproduces = ("broken-watchdog", "pong-not-flushed")

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Everything but pongs."""
        return () if frame.opcode == PONG else (frame,)
