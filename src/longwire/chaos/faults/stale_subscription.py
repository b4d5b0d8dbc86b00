"""After a reconnect everything is well, but nothing comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class StaleSubscription(Fault):
    """Let no message through on any connection but the first.

    What a server does that accepts, greets, and has lost what it was to send. A client that takes
    an open connection for a healthy one reports that it has recovered, and is deaf.

    Attributes:
        until: The first connection that is well again; 0: none.
    """

    reproduces = ("reconnected-but-deaf", "subscription-not-confirmed", "zombie-stream")

    until: int = 0

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Control frames alone, behind the first connection."""
        number = self.crossing.number
        deaf = number > 1 and (self.until == 0 or number < self.until)
        return () if deaf and frame.is_data else (frame,)
