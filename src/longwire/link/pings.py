"""Pings under way and the round-trip times they bring."""

from __future__ import annotations

import os
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

MAX_UNANSWERED = 64
"""Pings remembered at once; older ones can no longer be told from noise."""


class Pings:
    """Match pongs to pings. A pong also answers every earlier ping (RFC 6455, 5.5.3)."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[bytes, float, float, asyncio.Future[float] | None]] = deque()
        self.rtt: float | None = None
        """The latest round-trip time in seconds."""

    def begin(self, now: float, future: asyncio.Future[float] | None) -> bytes:
        """Remember a ping that goes out ``now`` (the loop's time); returns its payload."""
        payload = os.urandom(4)
        if len(self._waiting) >= MAX_UNANSWERED:
            _, _, _, oldest = self._waiting.popleft()
            if oldest is not None and not oldest.done():
                oldest.set_exception(TimeoutError("too many later pings are unanswered as well"))
        self._waiting.append((payload, now, time.monotonic(), future))
        return payload

    def answer(self, payload: bytes) -> bool:
        """A pong came. False if it answers none of our pings, which is allowed."""
        if all(payload != sent for sent, _, _, _ in self._waiting):
            return False
        arrived = time.monotonic()
        while True:
            sent, _, started, future = self._waiting.popleft()
            if future is not None and not future.done():
                future.set_result(arrived - started)
            if sent == payload:
                self.rtt = arrived - started
                return True

    @property
    def unanswered_since(self) -> float | None:
        """When the oldest unanswered ping went out (the loop's time); None if there is none."""
        return self._waiting[0][1] if self._waiting else None

    def fail(self, error: Exception) -> None:
        """The link has ended: whoever waits for a pong is told."""
        while self._waiting:
            _, _, _, future = self._waiting.popleft()
            if future is not None and not future.done():
                future.set_exception(error)
                future.exception()
