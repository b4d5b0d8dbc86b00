"""Many frames come at once, after a while of none."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longwire.chaos.bounds import above_zero
from longwire.chaos.fault import Fault
from longwire.chaos.values import Seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.fault import Parcel
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class Coalesce(Fault):
    """Hold what comes, and let it go on in one piece at fixed intervals.

    What a proxy does that buffers, or a virus scanner that reads first. Messages come in bursts,
    and pongs late. From the client to the server, a minute apart, it is what the timers of a hidden
    browser tab make of heartbeats.

    Attributes:
        seconds: How far apart the pieces are.
    """

    reproduces = ("middlebox-interference", "bounded-queue-overflow", "background-throttling")

    seconds: Seconds = 0.2
    _began: float = field(default=math.nan, init=False)

    def __post_init__(self) -> None:
        above_zero(seconds=self.seconds)

    def begins(self) -> None:
        """Count from now."""
        self._began = asyncio.get_running_loop().time()

    def ends(self) -> None:
        """Let what still waits go on at once."""
        self.lane.hurry()

    def parcel(self, parcel: Parcel, lane: Lane) -> Iterable[Parcel]:
        """The same, at the next moment."""
        since = max(parcel.due, asyncio.get_running_loop().time()) - self._began
        moment = self._began + math.ceil(since / self.seconds) * self.seconds
        return (parcel._replace(due=moment),)
