"""Pings without end."""

from __future__ import annotations

from dataclasses import dataclass, field

from longwire.chaos.bounds import between
from longwire.chaos.fault import Fault
from longwire.chaos.frames import PING, make_frame
from longwire.chaos.values import Bytes

_PER_SECOND = 100
"""How often some are sent; many at once where more are wanted."""


@dataclass(kw_only=True)
class PingFlood(Fault):
    """Add pings between the frames.

    What a peer does whose timer has gone wild, or that means harm: each wants an answer.

    Attributes:
        rate: Pings a second, 1 to 1,000,000.
        size: Bytes of each one's payload, 125 at most.
    """

    reproduces = ("no-concurrent-reader",)

    rate: int = 1000
    size: Bytes = 8
    _working: bool = field(default=False, init=False)
    _due: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        between(1, 1_000_000, rate=self.rate)
        between(0, 125, size=self.size)

    def begins(self) -> None:
        """Start the clock."""
        self._working = True
        self._send()

    def ends(self) -> None:
        """Send no more."""
        self._working = False

    def _send(self) -> None:
        if not self._working:
            return
        if self.crossing.live:
            self._due += self.rate / _PER_SECOND
            ping = make_frame(PING, bytes(self.size), mask=self.lane.mask)
            if self.lane.has_room:
                for _ in range(int(self._due)):
                    self.lane.inject(ping)
            self._due %= 1
        self.crossing.later(1 / _PER_SECOND, self._send)
