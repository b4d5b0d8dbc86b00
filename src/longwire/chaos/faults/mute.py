"""No more messages, while pings are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class Mute(Fault):
    """Let no message through; control frames go on. The zombie stream.

    What a server does whose fan-out has lost the connection, while the hop that answers pings
    lives. The link is perfect, and deaf. Only the age of the last message tells, and only a second
    link can tell a deaf link from a quiet feed.
    """

    reproduces = (
        "zombie-stream",
        "broken-watchdog",
        "upstream-feed-dead",
        "per-process-registry",
        "head-of-line-broadcast",
    )

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Control frames alone."""
        return () if frame.is_data else (frame,)
