"""How fast the demonstration goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Times in seconds."""

    rate: float = 200.0
    """Numbers a second."""
    heartbeat_every: float = 0.5
    heartbeat_within: float = 0.5
    silence: float = 1.5
    """`Heartbeat.silence`: longer than a dead link takes to be found."""
    ping_every: float = 0.5
    """The server's own pings."""
    ping_within: float = 1.0
    lifetime: float = 2.2
    """The age at which connections are reset; below 2 s no limit on ages is recognised."""
    block: float = 3.0
    """More than ``ping_every + ping_within``, or nothing would be shown."""
    away: float = 1.0
    calm: float = 1.2
    """Between two breaks, so that one can watch."""
    patience: float = 20.0
    """How long the client may take to get past a break, before the demonstration has failed."""


WATCHED: Final = Pace()
FAST: Final = Pace(
    heartbeat_every=0.3,
    silence=1.0,
    ping_every=0.3,
    block=1.6,
    away=0.4,
    calm=0.1,
)
