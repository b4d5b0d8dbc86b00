"""The server still talks to the connection before."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longwire.chaos.fault import Fault
from longwire.chaos.values import Seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class OldSession(Fault):
    """Let no message through on a new connection, until the server has given up the one before.

    What servers do that know a user by one connection, and route to the first until it has timed
    out: after a cut that only the client has noticed, the new link is deaf for that long.

    Attributes:
        seconds: How long after its opening a connection behind the first is deaf.
    """

    reproduces = ("overlapping-sessions", "reconnected-but-deaf")

    seconds: Seconds = 10.0
    _until: float = field(default=0.0, init=False)

    def begins(self) -> None:
        """Count from now."""
        if self.crossing.number > 1:
            self._until = asyncio.get_running_loop().time() + self.seconds

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Control frames alone, until then."""
        deaf = asyncio.get_running_loop().time() < self._until
        return () if deaf and frame.is_data else (frame,)
