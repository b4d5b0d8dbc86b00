"""Everything comes late."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos.bounds import at_least
from longwire.chaos.fault import Fault
from longwire.chaos.values import Seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.fault import Parcel
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class Latency(Fault):
    """Delay everything, the end as well; what came in order goes on in order.

    What distance does, and a network that is busy. The rate stays what it is. A heartbeat whose
    bound is shorter than the way ends links that are well.

    Attributes:
        seconds: How late.
        jitter: At most so many seconds more, by chance.
    """

    reproduces = ("broken-watchdog",)
    direction = "both"

    seconds: Seconds = 0.1
    jitter: Seconds = 0.0

    def __post_init__(self) -> None:
        at_least(0, seconds=self.seconds, jitter=self.jitter)

    def parcel(self, parcel: Parcel, lane: Lane) -> Iterable[Parcel]:
        """The same, later."""
        now = max(parcel.due, asyncio.get_running_loop().time())
        return (parcel._replace(due=now + self.patience(lane)),)

    def patience(self, lane: Lane) -> float:
        """As long as for anything else."""
        return self.seconds + self.jitter * self.chance.random()

    def ends(self) -> None:
        """Let what still waits go on at once."""
        self.lane.hurry()
