"""What was asked for has run out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos.fault import Fault
from longwire.chaos.values import Seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class LeaseExpiry(Fault):
    """Let no message through for a path and query, once they are so old; pings go on.

    What exchanges do with listen keys (60 minutes) and signed URLs: the connection stays open, and
    a new one to the same URL is deaf, too. Another URL, with a new key, is well.

    Attributes:
        seconds: From the first connection with a path and query, how long they are good for.
    """

    reproduces = ("lease-expired", "auth-expired", "zombie-stream")

    seconds: Seconds = 3600.0

    def begins(self) -> None:
        """The first with this target sets its clock."""
        now = asyncio.get_running_loop().time()
        self.proxy.first_seen.setdefault(self.crossing.target, now)

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Control frames alone, when it has run out."""
        first = self.proxy.first_seen[self.crossing.target]
        over = asyncio.get_running_loop().time() >= first + self.seconds
        return () if over and frame.is_data else (frame,)
