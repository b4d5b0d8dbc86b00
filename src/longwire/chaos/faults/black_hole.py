"""Everything vanishes, and TCP stays open."""

from __future__ import annotations

from dataclasses import dataclass

from longwire.chaos.fault import Fault


@dataclass(kw_only=True)
class BlackHole(Fault):
    """Accept everything and let nothing go on, ever again on this connection, not even its end.

    What a pulled cable does, a peer that lost its power, or a NAT that forgot the connection; with
    a direction, a firewall that lost half of its state. Nobody is told anything. Only a heartbeat
    notices, and where it is ``c2s`` that vanishes, only one that wants an answer.
    """

    reproduces = (
        "half-open-undetected",
        "keepalive-off",
        "heartbeat-not-wired-to-reader",
        "broken-watchdog",
        "slow-close-delays-reconnect",
        "network-change",
        "connection-leak",
    )
    direction = "both"
    momentary = True

    def begins(self) -> None:
        """From now on."""
        self.lane.swallow()
