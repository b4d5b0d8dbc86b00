"""The answer to the opening comes a few bytes at a time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos.bounds import at_least
from longwire.chaos.fault import Fault
from longwire.chaos.values import Bytes, Seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.fault import Parcel
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class TrickleOpening(Fault):
    """Answer the opening request late and bit by bit; what follows is as fast as ever.

    What an overloaded server does, a virus scanner, and one that means harm. A bound on each read
    never ends it, one over the whole opening does.

    Attributes:
        wait: Seconds before the first byte.
        size: Bytes of a piece.
        gap: Seconds between two of them.
    """

    reproduces = ("middlebox-interference",)

    wait: Seconds = 0.0
    size: Bytes = 1
    gap: Seconds = 0.1

    def __post_init__(self) -> None:
        at_least(1, size=self.size)
        at_least(0, wait=self.wait, gap=self.gap)

    def ends(self) -> None:
        """Let what still waits go on at once."""
        self.lane.hurry()

    def parcel(self, parcel: Parcel, lane: Lane) -> Iterable[Parcel]:
        """The pieces, while the opening is not through."""
        if self.crossing.live:
            return (parcel,)
        due = max(parcel.due, asyncio.get_running_loop().time()) + self.wait
        return parcel.pieces(self.size, first_due=due, gap=self.gap)
