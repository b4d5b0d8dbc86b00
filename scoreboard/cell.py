"""A cell of the scoreboard: a cause, how it is made, and what is to be expected of a client."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from longwire.testing.misbehave import Watcher
    from scoreboard.steps import Step

Kind = Literal["cut", "hidden", "harmless", "lossy"]
"""What happens to reception.

``cut``: the connection ends, and whoever reads from it can know at once. ``hidden``: messages stop,
and nothing ends. ``harmless``: a client should go on receiving as if nothing were. ``lossy``:
messages are lost on a connection that is well.
"""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cause, made by chaos.

    Attributes:
        cause: Its id in the catalogue.
        variant: Tells apart cells that make the same cause in other ways; empty: the usual one.
        what: What happens, in a few words.
        kind: See `Kind`.
        steps: How it is made. The first is the strike whose consequences are timed.
        seconds: How long the cell lasts, from the first step.
        also: Other ids that are right here, too, because the same evidence proves them.
        evidence: A client can prove the cause from what it sees here. Where it cannot, ``unknown``
            is the right answer.
        within: Seconds in which a client with the scoreboard's heartbeat should notice; None: there
            is nothing to notice.
        reachable: Seconds from the strike until a new connection is well.
        returns_later: What has ended the connection asks a client for seconds of patience (a broken
            protocol, a code that says so), so whether it is back at the end says nothing.
        struck: The fault in the proxy's journal from which time is counted, and its action there;
            empty: the first step.
        tls: The proxy speaks TLS with the clients.
        subscription, compression, watchers: See `scoreboard.feed.Feed`.
    """

    cause: str
    what: str
    kind: Kind
    steps: tuple[Step, ...]
    variant: str = ""
    seconds: float = 1.5
    also: tuple[str, ...] = ()
    evidence: bool = True
    within: float | None = None
    reachable: float = 0.0
    returns_later: bool = False
    struck: tuple[str, str] = ("", "")
    tls: bool = False
    subscription: bool = False
    compression: bool = False
    watchers: tuple[Watcher, ...] = field(default=())

    @property
    def name(self) -> str:
        """What it is called: its cause, and its variant where it has one."""
        return f"{self.cause}:{self.variant}" if self.variant else self.cause

    @property
    def names(self) -> frozenset[str]:
        """The ids that are right."""
        return frozenset({self.cause, *self.also})
