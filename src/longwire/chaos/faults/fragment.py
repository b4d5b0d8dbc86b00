"""Messages come in many fragments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos.bounds import at_least
from longwire.chaos.fault import Fault
from longwire.chaos.frames import CONT
from longwire.chaos.values import Bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class Fragment(Fault):
    """Cut every data frame into fragments, as a proxy may (RFC 6455 5.4).

    Who takes a frame for a message hands over pieces, or joins them wrongly.

    Attributes:
        size: The most bytes of a fragment.
    """

    reproduces = ("fragmentation-mishandled",)
    changes_messages = True

    size: Bytes = 16

    def __post_init__(self) -> None:
        at_least(1, size=self.size)

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Its fragments."""
        if not frame.is_data or len(frame.raw) - frame.head <= self.size:
            return (frame,)
        return self._fragments(frame)

    def _fragments(self, frame: Frame) -> Iterator[Frame]:
        payload = frame.payload
        for start in range(0, len(payload), self.size):
            end = start + self.size
            yield frame.replaced(
                payload=payload[start:end],
                opcode=frame.opcode if start == 0 else CONT,
                rsv=frame.rsv if start == 0 else 0,
                fin=frame.fin and end >= len(payload),
            )
