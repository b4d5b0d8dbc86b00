"""TCP ends, without a close frame."""

from __future__ import annotations

from dataclasses import dataclass

from longwire.chaos.fault import Fault


@dataclass(kw_only=True)
class Fin(Fault):
    """End TCP in both directions, behind what has passed, without a close frame: close code 1006.

    What a process does that crashes, a proxy that reloads its configuration, a load balancer that
    takes a server out.
    """

    reproduces = (
        "proxy-reload",
        "deploy-restart",
        "silent-end-of-iteration",
        "swallowed-exception",
        "lost-subscriptions",
        "backoff-reset-on-open",
        "close-reason-lost",
    )
    scope = "crossing"
    momentary = True

    def begins(self) -> None:
        """End it as soon as everything in front of it is delivered."""
        self.lane.when_delivered(self.crossing.close)
