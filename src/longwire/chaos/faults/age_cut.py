"""No connection gets older than so much."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from longwire.chaos.bounds import above_zero, between, short_enough
from longwire.chaos.fault import Fault
from longwire.chaos.frames import CLOSE, close_payload, make_frame
from longwire.chaos.values import Seconds


@dataclass(kw_only=True)
class AgeCut(Fault):
    """End every connection at a certain age, however busy it is.

    What exchanges do after 24 hours, API gateways after two, and load balancers that drain a
    server.

    Attributes:
        age: Seconds from its opening request, or from when it strikes a connection that is open.
        how: ``fin``, ``reset``, or ``close``: with a close frame first.
        code: Of that close frame, 1 to 65535.
        reason: What it says.
    """

    reproduces = ("forced-lifetime-disconnect", "auth-expired")
    scope = "crossing"

    age: Seconds = 24 * 3600.0
    how: Literal["fin", "reset", "close"] = "close"
    code: int = 1001
    reason: str = "connection has reached its maximum lifetime"
    _spared: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        above_zero(age=self.age)
        between(1, 65535, code=self.code)
        short_enough(123, reason=self.reason)

    def begins(self) -> None:
        """Count from now."""
        self.crossing.later(self.age, self._cut)

    def ends(self) -> None:
        """Let it grow old."""
        self._spared = True

    def _cut(self) -> None:
        if self._spared:
            return
        self.crossing.journal.tell("cuts", fault=self.name(), crossing=self.crossing.number)
        lane = self.crossing.lanes["s2c"]
        if self.how == "reset":
            lane.when_delivered(self.crossing.reset)
            return
        if self.how == "close":
            lane.inject(make_frame(CLOSE, close_payload(self.code, self.reason)))
        lane.when_delivered(self.crossing.close)
