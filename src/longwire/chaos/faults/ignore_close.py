"""A close frame is never answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos.fault import Fault
from longwire.chaos.frames import CLOSE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class IgnoreClose(Fault):
    """Lose the client's close frame, so that nobody answers it and TCP stays open.

    What a server does that hangs, or that waits for its own queue to be empty first. A client that
    closes without a bound hangs with it; one that reconnects behind the close is away for so long.
    """

    reproduces = ("slow-close-delays-reconnect", "close-loses-tail")
    direction = "c2s"

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Everything but close frames."""
        return () if frame.opcode == CLOSE else (frame,)
