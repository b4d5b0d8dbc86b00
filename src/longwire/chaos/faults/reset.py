"""TCP is reset."""

from __future__ import annotations

from dataclasses import dataclass

from longwire.chaos.fault import Fault


@dataclass(kw_only=True)
class Reset(Fault):
    """Reset the connection: RST to both sides, behind what has passed.

    What a load balancer, a firewall or a killed process does. The client is told by the kernel at
    once, with an error in place of an end.
    """

    reproduces = (
        "deploy-restart",
        "swallowed-exception",
        "lost-subscriptions",
        "close-reason-lost",
    )
    scope = "crossing"
    momentary = True

    def begins(self) -> None:
        """Reset it as soon as everything in front of it is delivered."""
        self.lane.when_delivered(self.crossing.reset)
