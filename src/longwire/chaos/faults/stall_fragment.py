"""A message begins, and does not end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longwire.chaos.fault import Fault
from longwire.chaos.frames import CONT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class StallFragment(Fault):
    """Send the first half of the next message as a fragment, and then no more data; pings go on.

    What a server does that streams a long message and is stuck in the middle of it. Bytes have
    come, pongs come, and the message never does.
    """

    reproduces = ("zombie-stream", "fragmentation-mishandled")

    _stalled: bool = field(default=False, init=False)

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """The first half, then control frames alone."""
        if not frame.is_data:
            return (frame,)
        if self._stalled:
            return ()
        if frame.opcode == CONT:
            return (frame,)
        self._stalled = True
        payload = frame.payload
        return (frame.replaced(payload=payload[: (len(payload) + 1) // 2], fin=False),)
