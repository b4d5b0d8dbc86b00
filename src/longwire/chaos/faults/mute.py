"""No more messages, while pings are answered."""

from __future__ import annotations

from dataclasses import dataclass

from longwire.chaos.losing import LosesMessages


@dataclass(kw_only=True)
class Mute(LosesMessages):
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
        "broadcast-iteration-crash",
        "credit-window-exhausted",
    )
