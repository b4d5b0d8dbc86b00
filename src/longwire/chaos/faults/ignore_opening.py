"""A connection is accepted, and never answered."""

from __future__ import annotations

from dataclasses import dataclass

from longwire.chaos.fault import Fault


@dataclass(kw_only=True)
class IgnoreOpening(Fault):
    """Accept TCP and answer nothing, neither TLS nor the opening request.

    What a server does whose backlog accepts while its process hangs, or a load balancer with no
    server behind it. A client without a deadline over its whole opening waits for ever. Who came
    while it lasted stays without an answer.
    """

    reproduces = ("half-open-undetected",)
    scope = "proxy"

    def ignores_opening(self) -> bool:
        """It is."""
        return True
