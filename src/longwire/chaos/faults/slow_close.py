"""Nobody is told of an end for a while."""

from __future__ import annotations

from dataclasses import dataclass

from longwire.chaos.bounds import above_zero
from longwire.chaos.fault import Fault
from longwire.chaos.values import Seconds


@dataclass(kw_only=True)
class SlowClose(Fault):
    """Pass on the end of TCP late; data before it goes on at once.

    What a proxy does that lingers. A client that closes politely waits for the server to end TCP,
    and a client that reconnects only behind that is away for so long.

    Attributes:
        seconds: How late.
    """

    reproduces = ("slow-close-delays-reconnect", "overlapping-sessions")

    seconds: Seconds = 5.0

    def __post_init__(self) -> None:
        above_zero(seconds=self.seconds)

    def patience(self, lane: object) -> float:
        """So long."""
        return self.seconds
