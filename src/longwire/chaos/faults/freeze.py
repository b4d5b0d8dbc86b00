"""Nothing moves, and then all of it at once."""

from __future__ import annotations

from dataclasses import dataclass

from longwire.chaos.fault import Fault


@dataclass(kw_only=True)
class Freeze(Fault):
    """Let nothing through and read nothing; at the end, what has waited goes on in a burst.

    What a Wi-Fi does between two rooms, a peer whose garbage is collected, a virtual machine that
    is moved. Nothing is lost, if whoever waits has more patience than it lasts. With
    ``direction=s2c`` it is a client that does not read: the server's buffers grow.
    """

    reproduces = (
        "half-open-undetected",
        "sleep-wake",
        "broken-watchdog",
        "background-throttling",
        "unbounded-send-buffer",
        "slow-consumer-eviction",
    )
    direction = "both"

    def begins(self) -> None:
        """Hold the direction."""
        self.lane.hold()

    def ends(self) -> None:
        """Let everything go on."""
        self.lane.release()
