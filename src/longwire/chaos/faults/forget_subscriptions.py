"""What the client asks for never arrives."""

from __future__ import annotations

from dataclasses import dataclass

from longwire.chaos.losing import LosesMessages


@dataclass(kw_only=True)
class ForgetSubscriptions(LosesMessages):
    """Lose the client's messages, all of them or those that ``only`` picks out.

    What a server does that accepts a subscription and forgets it, or a client that sends it too
    early or on the wrong connection. Nothing refuses it, and nothing comes. With ``only`` for
    the messages that grant credit, the server's window runs empty.
    """

    reproduces = (
        "subscription-not-confirmed",
        "reconnected-but-deaf",
        "credit-window-exhausted",
    )
    direction = "c2s"
