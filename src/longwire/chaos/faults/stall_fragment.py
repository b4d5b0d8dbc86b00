"""A message begins, and does not end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longwire.chaos.fault import Fault
from longwire.chaos.frames import CONT, make_frame

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class StallFragment(Fault):
    """Send half of the next message in one frame as a fragment, and then no data; pings go on.

    What a server does that streams a long message and is stuck in the middle of it. Bytes have
    come, pongs come, and the message never does. With ``lasting`` its other half comes in the end;
    what the server sent meanwhile is lost.
    """

    reproduces = ("zombie-stream",)
    changes_messages = True

    _rest: Frame | None = field(default=None, init=False, repr=False)

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """The first half, then control frames alone."""
        if not frame.is_data:
            return (frame,)
        if self._rest is not None:
            return ()
        if not frame.is_message:
            return (frame,)
        payload = frame.payload
        half = (len(payload) + 1) // 2
        self._rest = make_frame(CONT, payload[half:], mask=frame.mask)
        return (frame.replaced(payload=payload[:half], fin=False),)

    def takes_all(self) -> bool:
        """No message may begin behind the first half."""
        return self._rest is not None

    def large(self, frame: Frame, size: int, lane: Lane) -> bool:
        """Not behind the first half."""
        return self._rest is None

    def ends(self) -> None:
        """Send the other half."""
        if self._rest is not None:
            self.lane.inject(self._rest)
