"""Everything comes in small pieces."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longwire.chaos.bounds import at_least
from longwire.chaos.fault import Fault
from longwire.chaos.values import Bytes, Seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.fault import Parcel
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class Slice(Fault):
    """Cut the stream into pieces, each in a segment of its own: in headers, in UTF-8, anywhere.

    What TCP is allowed to do at any time, and does under load. A parser that expects a header or a
    character to be whole fails, and a reader that is cancelled in mid-frame loses what it had.

    Attributes:
        size: Bytes of a piece.
        gap: Seconds between two of them.
    """

    reproduces = ("cancelled-recv-loses-message",)

    size: Bytes = 1
    gap: Seconds = 0.0
    _free: float = field(default=0.0, init=False)
    """When the next piece may go on."""

    def __post_init__(self) -> None:
        at_least(1, size=self.size)
        at_least(0, gap=self.gap)

    def ends(self) -> None:
        """Let what still waits go on at once."""
        self.lane.hurry()

    def parcel(self, parcel: Parcel, lane: Lane) -> Iterable[Parcel]:
        """Its pieces."""
        due = max(parcel.due, asyncio.get_running_loop().time(), self._free)
        self._free = due + math.ceil(len(parcel.data) / self.size) * self.gap
        return parcel.pieces(self.size, first_due=due, gap=self.gap)
