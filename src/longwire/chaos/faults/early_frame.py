"""The first frame comes together with the answer to the opening."""

from __future__ import annotations

import asyncio
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
class EarlyFrame(Fault):
    """Hold the answer to the opening back, so that it comes together with the frames behind it.

    What a fast server or a proxy does. A client that reads the answer, and gives up what it has
    read behind it, loses the beginning.

    Attributes:
        wait: Seconds for the first frames to come.
    """

    reproduces = ("sequence-gap",)

    wait: Seconds = 0.2
    _due: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        above_zero(wait=self.wait)

    def ends(self) -> None:
        """Let what still waits go on at once."""
        self.lane.hurry()

    def parcel(self, parcel: Parcel, lane: Lane) -> Iterable[Parcel]:
        """The same, all at the one moment."""
        now = asyncio.get_running_loop().time()
        if not self._due:
            self._due = now + self.wait
        return (parcel._replace(due=max(parcel.due, self._due)),)
