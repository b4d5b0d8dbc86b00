"""One direction ends, the other lives on."""

from __future__ import annotations

from dataclasses import dataclass

from longwire.chaos.fault import Fault


@dataclass(kw_only=True)
class HalfClose(Fault):
    """End one direction of TCP, without a close frame; the other goes on.

    What a server does that shuts down its sending side, or a proxy that passes on an end and waits
    for the other. A program that goes on writing is told nothing for as long as the other side
    reads. With TLS, which has no such thing, the connection to that side ends as a whole.
    """

    reproduces = ("silent-end-of-iteration", "no-concurrent-reader", "close-reason-lost")
    momentary = True

    def begins(self) -> None:
        """End the direction behind what has passed."""
        self.lane.finish()
