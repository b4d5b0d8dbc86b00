"""Ends a link whose peer does not complete a fragmented message in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.errors import ProtocolError

if TYPE_CHECKING:
    import asyncio

    from longwire.link.reader import Reader


class FragmentClock:
    """A timer that runs exactly while a fragmented message is under way.

    Args:
        reader: Whose messages; it is told of a failure.
        loop: The loop of the transport.
        seconds: From first to last fragment; None: no limit.
    """

    __slots__ = (
        "_loop",
        "_message",
        "_reader",
        "_seconds",
        "_since",
        "_spared",
        "handle",
    )

    def __init__(
        self, reader: Reader, loop: asyncio.AbstractEventLoop, seconds: float | None
    ) -> None:
        self._reader = reader
        self._loop = loop
        self._seconds = seconds
        self.handle: asyncio.Handle | None = None
        """What it waits for; None while it does not run."""
        # The message that has been given more time, as its rest lay in the socket.
        self._spared = 0
        # Which of the parser's fragmented messages is under way, and since when.
        self._message = 0
        self._since = 0.0

    def watch(self) -> None:
        """Look whether a fragmented message is under way."""
        parser = self._reader.parser
        if not parser.opcode or self._seconds is None:
            self.stop()
            return
        if self._message != parser.fragmented:
            self._message = parser.fragmented
            self._since = self._loop.time()
        if self.handle is None:
            self.handle = self._loop.call_at(self._since + self._seconds, self._due, self._seconds)

    def begin(self, now: float) -> None:
        """Count anew from ``now`` on: reading goes on after a pause."""
        self._since = now

    def stop(self) -> None:
        """Stop the timer."""
        if self.handle is not None:
            self.handle.cancel()
            self.handle = None

    def _due(self, seconds: float) -> None:
        self.handle = None
        now = self._loop.time()
        if self._reader.paused_since is not None:
            # Its rest may be in the socket; it is not the peer who is slow.
            self._since = now
        if now < self._since + seconds:
            # Another message than the one that the timer was set for.
            self.watch()
        elif self._spared == self._message:
            self._fail(seconds)
        else:
            # We may be late ourselves, and the rest in the socket. Two turns: the second begins
            # after the loop has polled its sockets once.
            self.handle = self._loop.call_soon(self._after_poll, seconds, self._reader.bytes)

    def _after_poll(self, seconds: float, read: int) -> None:
        self.handle = self._loop.call_soon(self._judge, seconds, read)

    def _judge(self, seconds: float, read: int) -> None:
        self.handle = None
        if self._message != self._reader.parser.fragmented:
            self.watch()
        elif self._reader.bytes > read or self._reader.paused_since is not None:
            # Once: a peer that only ever goes on cannot hold half a message for ever.
            self._spared = self._message
            self._since = self._loop.time()
            self.watch()
        else:
            self._fail(seconds)

    def _fail(self, seconds: float) -> None:
        self._reader.on_error(
            ProtocolError(
                f"the peer did not complete a fragmented message within {seconds} s", code=1008
            )
        )
