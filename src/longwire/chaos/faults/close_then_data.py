"""The server says goodbye, and goes on talking."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longwire.chaos.bounds import between
from longwire.chaos.fault import Fault
from longwire.chaos.frames import CLOSE, close_payload, make_frame

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class CloseThenData(Fault):
    """Send the client a close frame, and go on sending; the client's answer is lost.

    Against the rule (RFC 6455 5.5.1), and seen in servers whose writers do not know of each other.
    A receiver must ignore what follows a close frame, and must not wait for an end that never
    comes.

    Attributes:
        code: The close code, 1 to 65535.
    """

    reproduces = ("slow-close-delays-reconnect",)
    scope = "crossing"
    momentary = True

    code: int = 1001
    _closing: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        between(1, 65535, code=self.code)

    def begins(self) -> None:
        """Say goodbye behind what has passed."""
        self._closing = True
        lane = self.crossing.lanes["s2c"]
        lane.inject(make_frame(CLOSE, close_payload(self.code)))

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Everything but the answer."""
        lost = self._closing and lane.direction == "c2s" and frame.opcode == CLOSE
        return () if lost else (frame,)
