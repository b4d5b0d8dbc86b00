"""The server says goodbye."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longwire.chaos.bounds import between, short_enough
from longwire.chaos.fault import Fault
from longwire.chaos.frames import CLOSE, close_payload, make_frame

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane

_PATIENCE = 5.0
"""Seconds for the client's close frame; then TCP ends without it."""


@dataclass(kw_only=True)
class Close(Fault):
    """Send the client a close frame, wait for its own, and end TCP, as a server does.

    1000: its handler has returned, 1001: it goes away, 1008: a rule was broken, 1011: a mistake of
    the server's, 1012: it starts anew, 1013: try again later, 4000 to 4999: whatever its makers
    say. Nothing that comes later in either direction goes on.

    Attributes:
        code: The close code, 1 to 65535, those that may not be sent as well; 0: the frame is empty.
        reason: What it says, 123 bytes at most.
    """

    reproduces = (
        "deploy-restart",
        "slow-consumer-eviction",
        "provider-quota-violation",
        "auth-expired",
        "lease-expired",
        "overlapping-sessions",
        "upstream-feed-dead",
        "heartbeat-dialect-mismatch",
        "message-too-big",
        "forced-lifetime-disconnect",
        "silent-end-of-iteration",
        "lost-subscriptions",
        "backoff-reset-on-open",
    )
    scope = "crossing"
    momentary = True

    code: int = 1011
    reason: str = ""
    _closing: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        between(0, 65535, code=self.code)
        short_enough(123, reason=self.reason)
        if self.reason and not self.code:
            raise ValueError("an empty close frame has no reason: give it a code")

    def begins(self) -> None:
        """Say goodbye behind what has passed."""
        self._closing = True
        payload = close_payload(self.code, self.reason) if self.code else b""
        self.crossing.lanes["s2c"].inject(make_frame(CLOSE, payload))
        self.crossing.later(_PATIENCE, self.crossing.close)

    def large(self, frame: Frame, size: int, lane: Lane) -> bool:
        """Nothing more."""
        return not self._closing

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Nothing more; the client's close frame ends it."""
        if not self._closing:
            return (frame,)
        if lane.direction == "c2s" and frame.opcode == CLOSE:
            self.crossing.close()
        return ()
