"""Pings under way and the round-trip times they bring."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

MAX_UNANSWERED = 64
"""Pings remembered at once; older ones can no longer be told from noise."""

MAX_PAYLOAD = 125
"""Bytes of a ping's payload, as of every control frame (RFC 6455, 5.5)."""


def checked(payload: object) -> bytes | None:
    """A payload of the user's, text as UTF-8; None for one of our own.

    Raises:
        TypeError: it is neither text nor bytes.
        ValueError: it has more than `MAX_PAYLOAD` bytes.
    """
    if payload is None:
        return None
    if isinstance(payload, str):
        raw = payload.encode()
    elif isinstance(payload, bytes | bytearray | memoryview):
        raw = bytes(payload)
    else:
        raise TypeError(f"a ping's payload is bytes, str or None, not {type(payload).__name__}")
    if len(raw) > MAX_PAYLOAD:
        raise ValueError(
            f"a ping's payload of {len(raw)} bytes is over the {MAX_PAYLOAD} that RFC 6455, 5.5 "
            "allows: send less, or a message"
        )
    return raw


class Pings:
    """Match pongs to pings. A pong also answers every earlier ping (RFC 6455, 5.5.3)."""

    __slots__ = (
        "_waiting",
        "rtt",
    )

    def __init__(self) -> None:
        # Few ever wait, here as elsewhere on a link; a deque would take 760 bytes while none does.
        self._waiting: list[tuple[bytes, float, float, asyncio.Future[float] | None]] = []
        self.rtt: float | None = None
        """The latest round-trip time in seconds."""

    def begin(
        self, now: float, future: asyncio.Future[float] | None, payload: bytes | None = None
    ) -> bytes:
        """Remember a ping that goes out ``now`` (the loop's time); returns its payload.

        Args:
            now: When it goes out.
            future: Gets the round-trip time.
            payload: The user's own; None: four random bytes.

        Raises:
            ValueError: a ping with this payload is under way: whose the pong is could not be told.
        """
        if payload is None:
            payload = os.urandom(4)
            while self._is_waiting(payload):
                payload = os.urandom(4)
        elif self._is_waiting(payload):
            raise ValueError(
                f"a ping with the payload {payload!r} waits for its pong already: give each its "
                "own, or none"
            )
        if len(self._waiting) >= MAX_UNANSWERED:
            _, _, _, oldest = self._waiting.pop(0)
            if oldest is not None and not oldest.done():
                oldest.set_exception(TimeoutError("too many later pings are unanswered as well"))
        self._waiting.append((payload, now, time.monotonic(), future))
        return payload

    def answer(self, payload: bytes) -> bool:
        """A pong came. False if it answers none of our pings, which is allowed."""
        if not self._is_waiting(payload):
            return False
        arrived = time.monotonic()
        while True:
            sent, _, started, future = self._waiting.pop(0)
            if future is not None and not future.done():
                future.set_result(arrived - started)
            if sent == payload:
                self.rtt = arrived - started
                return True

    def _is_waiting(self, payload: bytes) -> bool:
        return any(payload == sent for sent, _, _, _ in self._waiting)

    @property
    def unanswered_since(self) -> float | None:
        """When the oldest unanswered ping went out (the loop's time); None if there is none."""
        return self._waiting[0][1] if self._waiting else None

    def fail(self, error: Exception) -> None:
        """The link has ended: whoever waits for a pong is told."""
        while self._waiting:
            _, _, _, future = self._waiting.pop(0)
            if future is not None and not future.done():
                future.set_exception(error)
                future.exception()
