"""A middlebox does not let large messages through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from longwire.chaos.bounds import at_least
from longwire.chaos.fault import Fault
from longwire.chaos.frames import CLOSE, CONT, close_payload, make_frame
from longwire.chaos.values import Bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class SizeLimit(Fault):
    """Refuse a data frame that is longer than so much.

    What API gateways do (128 KiB, 32 KiB a frame on one of them) and web application firewalls.

    Attributes:
        size: The longest payload that goes through.
        how: ``close``: the sender gets a close frame with 1009, and TCP ends; ``reset``; ``drop``:
            it is lost without a word, and so is what belongs to it: of a message in fragments the
            first one decides.
    """

    reproduces = ("message-too-big", "middlebox-interference", "sequence-gap")
    scope = "crossing"
    direction = "both"

    size: Bytes = 32 * 1024
    how: Literal["close", "reset", "drop"] = "close"
    _over: bool = field(default=False, init=False)
    _losing: set[Lane] = field(default_factory=set, init=False, repr=False)
    """Where a message is passing that is lost."""

    def __post_init__(self) -> None:
        at_least(1, size=self.size)

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """The frame, if it is short enough."""
        goes_on = not frame.is_data or self.large(frame, len(frame.raw) - frame.head, lane)
        return (frame,) if goes_on and not self._over else ()

    def large(self, frame: Frame, size: int, lane: Lane) -> bool:
        """Whether it is short enough; else, something happens."""
        if self._over:
            return False
        if self.how == "drop":
            return not self._is_lost(frame, size, lane)
        if size <= self.size:
            return True
        if self.how == "reset":
            lane.when_delivered(self.crossing.reset)
        else:
            self._over = True
            back = self.crossing.lanes["c2s" if lane.direction == "s2c" else "s2c"]
            mask = bytes(4) if back.direction == "c2s" else None
            back.inject(make_frame(CLOSE, close_payload(1009, "frame is too long"), mask=mask))
            lane.when_delivered(lambda: back.when_delivered(self.crossing.close))
        return False

    def _is_lost(self, frame: Frame, size: int, lane: Lane) -> bool:
        # Half of a message would break the protocol, which is not what this is for.
        if frame.opcode != CONT:
            (self._losing.add if size > self.size else self._losing.discard)(lane)
        return lane in self._losing
