"""Nothing moves, and then all of it at once."""

from __future__ import annotations

from dataclasses import dataclass

from longwire.chaos.fault import Fault


@dataclass(kw_only=True)
class Freeze(Fault):
    """Let nothing through and read nothing; at the end, what has waited goes on in a burst.

    What a Wi-Fi does between two rooms, a peer whose garbage is collected, a virtual machine that
    is moved. Nothing is lost, if whoever waits has more patience than it lasts. Whoever sends is
    held back by TCP: with ``c2s``, by a server that reads nothing; with ``s2c``, by a client.
    """

    reproduces = (
        "half-open-undetected",
        "broken-watchdog",
        "send-without-timeout",
        "unbounded-send-buffer",
        "head-of-line-broadcast",
    )
    direction = "both"

    def begins(self) -> None:
        """Hold the direction."""
        self.lane.hold()

    def ends(self) -> None:
        """Let everything go on."""
        self.lane.release()
