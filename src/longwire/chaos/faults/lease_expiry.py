"""What was asked for has run out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from longwire.chaos.bounds import at_least
from longwire.chaos.losing import LosesMessages
from longwire.chaos.values import Seconds


@dataclass(kw_only=True)
class LeaseExpiry(LosesMessages):
    """Let no message through for a path and query, once they are so old; pings go on.

    What exchanges do with listen keys (60 minutes) and signed URLs: the connection stays open, and
    a new one to the same URL is deaf, too. Another URL, with a new key, is well.

    Attributes:
        seconds: From the first connection with a path and query, how long they are good for.
    """

    reproduces = ("lease-expired",)

    seconds: Seconds = 3600.0

    def __post_init__(self) -> None:
        at_least(0, seconds=self.seconds)

    def begins(self) -> None:
        """The first with this target sets its clock."""
        now = asyncio.get_running_loop().time()
        self.proxy.first_seen.setdefault(self.crossing.target, now)

    def loses(self) -> bool:
        """Whether it has run out."""
        first = self.proxy.first_seen[self.crossing.target]
        return asyncio.get_running_loop().time() >= first + self.seconds
