"""What the client asks for never arrives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class ForgetSubscriptions(Fault):
    """Lose the client's messages, all of them or those that ``only`` picks out.

    What a server does that accepts a subscription and forgets it, or a client that sends it too
    early or on the wrong connection. Nothing refuses it, and nothing comes. With ``only`` for
    the messages that grant credit, the server's window runs empty.
    """

    reproduces = (
        "lost-subscriptions",
        "subscription-not-confirmed",
        "reconnected-but-deaf",
        "credit-window-exhausted",
    )
    direction = "c2s"

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Control frames alone."""
        return () if frame.is_data else (frame,)
