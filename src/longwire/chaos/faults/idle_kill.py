"""A middlebox forgets who says nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from longwire.chaos.bounds import above_zero
from longwire.chaos.fault import Fault
from longwire.chaos.values import Seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.fault import Parcel
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class IdleKill(Fault):
    """End a connection on which no byte has passed for a while, in either direction.

    What load balancers (60 s by default in many), NATs and firewalls do. Those that are silent
    about it let both sides believe that they are connected; some answer the next byte with RST.

    Attributes:
        idle: Seconds without a byte.
        how: ``fin``, ``reset``, ``silent`` (from then on everything vanishes), or ``late-reset``:
            silent until the client says something, which is answered with RST; the server is told
            nothing.
    """

    reproduces = (
        "idle-timeout-intermediary",
        "nat-silent-drop",
        "keepalive-off",
        "half-open-undetected",
    )
    scope = "crossing"
    direction = "both"

    idle: Seconds = 60.0
    how: Literal["fin", "reset", "silent", "late-reset"] = "fin"
    _last: float = field(default=0.0, init=False)
    _dead: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        above_zero(idle=self.idle)

    def begins(self) -> None:
        """Look at the clock from now on."""
        self._last = asyncio.get_running_loop().time()
        self.crossing.later(self.idle, self._look)

    def parcel(self, parcel: Parcel, lane: Lane) -> Iterable[Parcel]:
        """It lives; or it is dead already."""
        if not self._dead:
            self._last = asyncio.get_running_loop().time()
            return (parcel,)
        if self.how == "late-reset" and not lane.swallows:
            lane.swallows = True
            self.crossing.client.reset()
        return ()

    def ends(self) -> None:
        """What is dead stays dead; the others are left alone."""
        self._last = float("inf")
        if self._dead:
            self.crossing.lanes["c2s"].swallows = True

    def _look(self) -> None:
        left = self._last + self.idle - asyncio.get_running_loop().time()
        if left > 0:
            if left != float("inf"):
                self.crossing.later(left, self._look)
            return
        self._dead = True
        self.crossing.journal.tell("forgets", fault=self.name(), crossing=self.crossing.number)
        if self.how == "fin":
            self.crossing.close()
        elif self.how == "reset":
            self.crossing.reset()
        else:
            self.crossing.lanes["s2c"].swallows = True
            self.crossing.lanes["c2s"].swallows = self.how == "silent"
