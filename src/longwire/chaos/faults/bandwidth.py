"""Less comes through than is sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longwire.chaos.bounds import at_least
from longwire.chaos.fault import Fault
from longwire.chaos.values import Bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from longwire.chaos.fault import Parcel
    from longwire.chaos.lane import Lane

_PER_STEP = 50
"""Pieces a second: a person sees a stream, not steps."""


@dataclass(kw_only=True)
class Bandwidth(Fault):
    """Let through only so many bytes a second; whoever sends more is held back by TCP.

    What a mobile network does, or a proxy that limits. A feed that sends more than fits falls
    behind, and its server ends the link of a consumer that it takes for slow.

    Attributes:
        rate: Bytes a second, in each direction that it works in.
    """

    reproduces = (
        "slow-consumer-eviction",
        "heartbeat-starved-by-data",
        "unbounded-send-buffer",
        "close-loses-tail",
    )
    direction = "both"

    rate: Bytes = 16 * 1024
    _free: float = field(default=0.0, init=False)
    """When the last byte that has passed is through."""

    def __post_init__(self) -> None:
        at_least(1, rate=self.rate)

    def parcel(self, parcel: Parcel, lane: Lane) -> Iterable[Parcel]:
        """Its bytes, in pieces, each in its time."""
        return self._pieces(parcel)

    def ends(self) -> None:
        """Let what still waits go on at once."""
        self.lane.hurry()

    def _pieces(self, parcel: Parcel) -> Iterator[Parcel]:
        size = max(1, self.rate // _PER_STEP)
        for start in range(0, len(parcel.data), size):
            piece = parcel.data[start : start + size]
            now = max(parcel.due, asyncio.get_running_loop().time())
            self._free = max(self._free, now) + len(piece) / self.rate
            yield parcel._replace(data=piece, due=self._free)
