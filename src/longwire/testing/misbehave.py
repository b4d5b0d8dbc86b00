"""Ways to go wrong on a live link, done at a chosen moment, not after a time.

A `Misbehaviour` is called with the link; pass it to `NumberedFeed.after` to have it happen right
behind a certain number. A `Watcher` runs as long as each link lives; pass it to the feed.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.chaos import frames

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from longwire.testing.feed import NumberedFeed
    from longwire.testing.rawlink import RawLink

    Misbehaviour = Callable[[RawLink], object]
    """Something that goes wrong on a link, at once."""
    Watcher = Callable[[RawLink], Awaitable[None]]
    """Accompanies every live link of a feed."""


def reset(link: RawLink) -> None:
    """RST. What the kernel has not yet sent is lost."""
    link.reset()


def end(link: RawLink) -> None:
    """FIN without a close frame, behind everything written."""
    link.end()


def cut_inside_frame(link: RawLink) -> None:
    """Begin a frame of 100 bytes, send 10 of them, FIN."""
    link.write(frames.frame(frames.TEXT, b"x" * 10, length=100))
    link.end()


def cut_inside_header(link: RawLink) -> None:
    """Send the first byte of a frame, FIN."""
    link.write(frames.frame(frames.TEXT, b"x")[:1])
    link.end()


def cut_inside_message(link: RawLink) -> None:
    """Send the first fragment of a message, FIN."""
    link.write(frames.frame(frames.TEXT, b"begun", fin=False))
    link.end()


def freeze(link: RawLink) -> None:
    """Stop reading and writing; the socket stays: half-open."""
    link.freeze()


def freeze_inside_frame(link: RawLink) -> None:
    """Begin a frame, then freeze."""
    link.write(frames.frame(frames.TEXT, b"x" * 10, length=100))
    link.freeze()


def forget(link: RawLink) -> None:
    """Say nothing more, and answer the next byte with RST: a NAT that has lost the flow."""
    link.forget()


def mute(link: RawLink) -> None:
    """Send no more numbers, but answer pings: a zombie stream."""
    link.muted = True


def stop_reading(link: RawLink) -> None:
    """Never read again, but go on sending numbers."""
    link.stop_reading()


def ignore_pings(link: RawLink) -> None:
    """Answer no more pings, but go on sending numbers."""
    link.answers_pings = False


def ignore_close(link: RawLink) -> None:
    """Answer no close frame, and never close TCP."""
    link.answers_close = False


def close_with(code: int | None, reason: str = "") -> Misbehaviour:
    """Make a misbehaviour: a close frame with this code (None: an empty one)."""

    def misbehave(link: RawLink) -> None:
        link.send_close(code, reason)

    return misbehave


def inject(raw: bytes) -> Misbehaviour:
    """Make a misbehaviour: these bytes, whatever they mean (see `violations`)."""

    def misbehave(link: RawLink) -> None:
        link.write(raw)

    return misbehave


@contextlib.asynccontextmanager
async def outage(feed: NumberedFeed, cut: Misbehaviour = reset) -> AsyncIterator[None]:
    """Stop listening and cut every link; inside connections are refused; then listen again.

    Args:
        feed: Whose port stays the same.
        cut: How the links end, such as ``close_with(1012)``.
    """
    await feed.stop_listening()
    for link in feed.links:
        if not link.ended:
            cut(link)
    try:
        yield
    finally:
        await feed.listen()


@dataclass(frozen=True, kw_only=True)
class IdleKill:
    """A middlebox with an idle timer: no byte from the client for ``after`` seconds ends the link.

    ``how``: `reset`, `end`, `freeze` for one that swallows whatever comes later, or `forget` for
    one that answers it with a reset.
    """

    after: float
    how: Misbehaviour = reset

    async def __call__(self, link: RawLink) -> None:
        """Watch one link."""
        try:
            while True:
                await link.wait_bytes(link.bytes_received + 1, timeout=self.after)
        except TimeoutError:
            self.how(link)


@dataclass(frozen=True, kw_only=True)
class StrictPinger:
    """Pings every ``every`` seconds; no pong within ``within``: close 1011 and FIN."""

    every: float
    within: float
    reason: str = "keepalive ping timeout"

    async def __call__(self, link: RawLink) -> None:
        """Watch one link."""
        try:
            while True:
                await asyncio.sleep(self.every)
                await link.ping(timeout=self.within)
        except TimeoutError:
            link.send_close(1011, self.reason)
            link.end()
