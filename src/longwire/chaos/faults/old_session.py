"""The server still talks to the connection before."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from longwire.chaos.bounds import above_zero
from longwire.chaos.losing import LosesMessages
from longwire.chaos.values import Seconds


@dataclass(kw_only=True)
class OldSession(LosesMessages):
    """Let no message through on a new connection, until the server has given up the one before.

    What servers do that know a user by one connection, and route to the first until it has timed
    out: after a cut that only the client has noticed, the new link is deaf for that long.

    Attributes:
        seconds: How long after its opening a connection behind the first is deaf.
    """

    reproduces = ("reconnected-but-deaf",)

    seconds: Seconds = 10.0
    _until: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        above_zero(seconds=self.seconds)

    def begins(self) -> None:
        """Count from now."""
        if self.crossing.number > 1:
            self._until = asyncio.get_running_loop().time() + self.seconds

    def loses(self) -> bool:
        """Whether the server still talks to another."""
        return asyncio.get_running_loop().time() < self._until
