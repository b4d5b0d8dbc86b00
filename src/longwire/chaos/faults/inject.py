"""The server says something that nobody expects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from longwire.chaos.fault import Fault
from longwire.chaos.frames import BINARY, PING, PONG, TEXT, make_frame

_OPCODES = {"text": TEXT, "binary": BINARY, "ping": PING, "pong": PONG}


@dataclass(kw_only=True)
class Inject(Fault):
    """Send one frame of your own behind what has passed.

    A message that is no JSON kills a reader that does not expect it; an error in place of an
    acknowledgement, a warning before a shutdown, a pong that answers nothing.

    Attributes:
        text: What it says.
        kind: ``text``, ``binary``, ``ping`` or ``pong``.
    """

    reproduces = ("poison-message-kills-reader", "subscription-not-confirmed")
    momentary = True

    text: str = "{oops"
    kind: Literal["text", "binary", "ping", "pong"] = "text"

    def __post_init__(self) -> None:
        if self.kind in {"ping", "pong"} and len(self.text.encode()) > 125:
            raise ValueError("a ping or a pong says 125 bytes at most")

    def begins(self) -> None:
        """Say it."""
        frame = make_frame(_OPCODES[self.kind], self.text.encode(), mask=self.lane.mask)
        self.lane.inject(frame)
