"""No connection gets older than so much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from longwire.chaos.fault import Fault
from longwire.chaos.frames import CLOSE, close_payload, make_frame
from longwire.chaos.values import Seconds


@dataclass(kw_only=True)
class AgeCut(Fault):
    """End every connection at a certain age, however busy it is.

    What exchanges do after 24 hours, API gateways after two, and load balancers that drain a
    server.

    Attributes:
        age: Seconds from the opening.
        how: ``fin``, ``reset``, or ``close``: with a close frame first.
        code: Of that close frame.
    """

    reproduces = ("forced-lifetime-disconnect", "auth-expired", "proxy-reload")
    scope = "crossing"

    age: Seconds = 24 * 3600.0
    how: Literal["fin", "reset", "close"] = "close"
    code: int = 1001

    def begins(self) -> None:
        """Count from now."""
        self.crossing.later(self.age, self._cut)

    def _cut(self) -> None:
        self.crossing.journal.tell("cuts", fault=self.name(), crossing=self.crossing.number)
        lane = self.crossing.lanes["s2c"]
        if self.how == "reset":
            lane.when_delivered(self.crossing.reset)
            return
        if self.how == "close":
            payload = close_payload(self.code, "connection has reached its age")
            lane.inject(make_frame(CLOSE, payload))
        lane.when_delivered(self.crossing.close)
