"""The connection ends at an exact byte."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from longwire.chaos.bounds import at_least
from longwire.chaos.fault import Fault, Parcel
from longwire.chaos.values import Bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class LimitData(Fault):
    """Let so many bytes through, then end TCP: often in mid-frame.

    What happens when a process is killed while it writes. Half a message is no message, and must
    not be handed over as one. It counts from when it strikes: where that is at once, the answer to
    the opening request counts, too.

    Attributes:
        size: Bytes that still go through.
        ending: ``fin`` or ``reset``.
    """

    reproduces = ("close-reason-lost", "silent-end-of-iteration")

    size: Bytes = 1000
    ending: Literal["fin", "reset"] = "fin"
    _passed: int = field(default=0, init=False)
    _over: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        at_least(1, size=self.size)

    def parcel(self, parcel: Parcel, lane: Lane) -> Iterable[Parcel]:
        """As much as still goes through."""
        if self._over:
            return ()
        data = parcel.data[: self.size - self._passed]
        self._passed += len(data)
        if self._passed < self.size:
            return (parcel,)
        self._over = True
        return self._last(parcel._replace(data=data), lane)

    def _last(self, parcel: Parcel, lane: Lane) -> Iterable[Parcel]:
        yield parcel
        crossing = self.crossing
        crossing.journal.tell("cuts", fault=self.name(), crossing=crossing.number)
        lane.when_delivered(crossing.close if self.ending == "fin" else crossing.reset)
