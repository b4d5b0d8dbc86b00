"""Everything comes late."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos.fault import Fault
from longwire.chaos.values import Seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.fault import Parcel
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class Latency(Fault):
    """Delay everything; what came in order goes on in order.

    What distance does, and a network that is busy. The rate stays what it is. A heartbeat whose
    bound is shorter than the way ends links that are well.

    Attributes:
        seconds: How late.
        jitter: At most so many seconds more, by chance.
    """

    reproduces = ("middlebox-interference",)
    direction = "both"

    seconds: Seconds = 0.1
    jitter: Seconds = 0.0

    def parcel(self, parcel: Parcel, lane: Lane) -> Iterable[Parcel]:
        """The same, later."""
        delay = self.seconds + self.jitter * self.chance.random()
        return (parcel._replace(due=max(parcel.due, asyncio.get_running_loop().time()) + delay),)
