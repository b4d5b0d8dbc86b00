"""The end of one link: the close handshake, every other way to end, and the one record of it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from longwire.core.pieces import Cut
from longwire.errors import LinkClosed, MessageTooBig, ProtocolError
from longwire.link.base import Closure, Request
from longwire.link.closing import NO_CODE, read_close, write_close
from longwire.link.encoder import CLOSE, Encoder
from longwire.link.errormap import map_loss
from longwire.link.fragments import HALF_SENT
from longwire.link.kernel import kernel_view

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.core.causes.evidence import End
    from longwire.errors import Blame
    from longwire.link.deflate import Deflate
    from longwire.link.heartbeat import Pulse
    from longwire.link.options import LinkOptions
    from longwire.link.pings import Pings
    from longwire.link.reader import Reader
    from longwire.link.writer import Writer

_POLITE = frozenset({"close-received", "close-sent"})
"""Ends whose reason the peer or the user gave: nothing to ask the operating system about."""

LINGER = 1.0
"""Seconds a client gives the server to close TCP first, after both close frames.

RFC 6455, 7.1.1.
"""


class Ending:
    """What of a `WireLink` brings it to its end. A base class, so that its hot path stays short.

    `_conclude` is the only place where a link ends; the first call decides.

    Args:
        loop: The loop the transport runs on.
        options: Bounds; see `LinkOptions`.
        client: Which side it is.
        own_inbox: Whether the inbox ends with the link.
    """

    request: Request
    reader: Reader
    _encoder: Encoder
    _opened: float
    _pings: Pings
    _transport: asyncio.Transport
    _writer: Writer

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        options: LinkOptions,
        *,
        client: bool,
        own_inbox: bool,
    ) -> None:
        self._loop = loop
        self._options = options
        self._client = client
        self._own_inbox = own_inbox
        self._deflate: Deflate | None = None
        self._pulse: Pulse | None = None
        self._closure: Closure | None = None
        # Futures only for those who wait: a server has many links, and most of them just live.
        self._ended: asyncio.Future[Closure] | None = None
        self._gone: asyncio.Future[None] | None = None
        self._end_told = False
        self._is_gone = False
        self._sent_close: tuple[int | None, str] | None = None
        self._received_close: tuple[int, str] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self.on_pause: Callable[[], None] | None = None
        """Called when reading is paused because the inbox is full."""
        self.on_end: Callable[[Closure], None] | None = None
        """Called once, when the link ends, before its inbox does."""

    # -- what the owner asks for ----------------------------------------------------------------

    @property
    def closure(self) -> Closure | None:
        """Why and how it ended; None while it lives."""
        return self._closure

    @property
    def gone(self) -> bool:
        """Whether its socket is closed."""
        return self._is_gone

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the link in good order. Takes no longer than the close time limit; safe to repeat.

        Args:
            code: The close code to send.
            reason: Up to 123 bytes of text for the peer.

        Raises:
            ValueError: the code must not be sent, or the reason is too long.
        """
        self.begin_close(code, reason)
        await self.wait_gone()

    def begin_close(self, code: int = 1000, reason: str = "") -> None:
        """Send our close frame and start the clock; `wait_closed` tells the end."""
        payload = write_close(code, reason)
        if self._closure is not None or self._sent_close is not None:
            return
        self._send_close(code, reason, payload)
        if self.reader.paused_since is None:
            self._set_deadline(self._options.close_timeout)
        else:
            self._give_up_answer()

    def abort(self) -> None:
        """End it at once, without a close handshake."""
        self._conclude("aborted", "local", leave=self._transport.abort)

    async def wait_closed(self) -> Closure:
        """Wait for the end and return its record."""
        return await asyncio.shield(self._until_ended())

    async def wait_gone(self) -> None:
        """Wait until the socket itself is closed, which may be a moment after the end."""
        if self._is_gone:
            return
        if self._gone is None:
            self._gone = self._loop.create_future()
        await asyncio.shield(self._gone)

    def _until_ended(self) -> asyncio.Future[Closure]:
        """Done when the end has been told to everybody else."""
        if self._ended is None:
            self._ended = self._loop.create_future()
            if self._end_told and self._closure is not None:
                self._ended.set_result(self._closure)
        return self._ended

    def condemn(self, end: End) -> Closure:
        """End it at once for a reason that only its owner knows; the record of its end."""
        return self._conclude(end, "peer", leave=self._transport.abort)

    # -- what happens ---------------------------------------------------------------------------

    def _on_stuck(self) -> None:
        if self._closure is None:
            self.reader.feed_rest()
        self._conclude("write-timeout", "peer", leave=self._transport.abort)

    def _send_close(self, code: int | None, reason: str, payload: bytes) -> None:
        self._sent_close = (code, reason)
        if self._pulse is not None:
            # No heartbeat may follow it, and the end has a time limit anyway.
            self._pulse.stop()
        self._writer.write_last(self._encoder.encode(CLOSE, payload))

    def _on_close(self, payload: bytes) -> None:
        try:
            self._received_close = read_close(payload)
        except ProtocolError as error:
            self._fail(error)
            return
        if self._sent_close is None:
            # The same code back, and nothing for nothing (RFC 6455, 5.5.1).
            code, _ = self._received_close
            self._send_close(None if code == NO_CODE else code, "", payload[:2])
            self._conclude("close-received", "peer", leave=self._let_go)
        else:
            self._conclude("close-sent", "local", leave=self._let_go)

    def _on_pause(self) -> None:
        if self._sent_close is not None:
            self._give_up_answer()
        elif self.on_pause is not None:
            self.on_pause()

    def _give_up_answer(self) -> None:
        """The peer's close frame is stuck behind messages that nobody takes: do not wait for it."""
        self._conclude("close-sent", "local", leave=self._let_go)

    def _on_error(self, error: Exception) -> None:
        if isinstance(error, ProtocolError | MessageTooBig):
            self._fail(error)
        else:
            self._conclude("local-error", "local", error=error, leave=self._transport.abort)

    def _fail(self, error: ProtocolError | MessageTooBig) -> None:
        """The peer broke the rules: say why, and go (RFC 6455, 7.1.7)."""
        if self._closure is not None:
            return
        too_big = isinstance(error, MessageTooBig)
        code = error.code if isinstance(error, ProtocolError) else 1009
        if self._sent_close is None:
            self._send_close(code, "", write_close(code, ""))
        end: End = "message-too-big" if too_big else "protocol-error"
        self._conclude(end, "peer", error=error, leave=self._let_go)

    def _fail_half_sent(self, error: Exception) -> None:
        """The peer has half a message of ours, and will not get the rest."""
        if self._closure is None and self._sent_close is None:
            self._send_close(HALF_SENT, "", write_close(HALF_SENT, ""))
            self._conclude("local-error", "local", error=error, leave=self._let_go)

    def _let_go(self) -> None:
        """Close TCP: the server at once, a client after a moment for the server to be first."""
        patience = self._options.close_timeout
        if self._received_close is None and self._transport.can_write_eof():
            # The peer may be sending. To close with its bytes unread would reset the connection,
            # and our close frame might be lost with it: what still comes is read and thrown away.
            self._transport.write_eof()
        elif self._received_close is not None and self._client:
            patience = min(LINGER, patience)
        else:
            self._transport.close()
        self._set_deadline(patience)

    def _set_deadline(self, seconds: float) -> None:
        due = self._loop.time() + seconds
        if self._deadline is not None:
            if self._deadline.when() <= due:
                return  # one limit for the whole end, however it goes on
            self._deadline.cancel()
        self._deadline = self._loop.call_at(due, self._on_deadline)

    def _on_deadline(self) -> None:
        self._deadline = None
        self._conclude("close-sent", "local", leave=self._transport.abort)

    def _end_of_tcp(self, error: BaseException | None, *, leave: Callable[[], None]) -> None:
        end: End = "eof"
        by: Blame = "peer"
        mapped = None
        if error is not None:
            end, by, mapped = map_loss(error, where=self.request.peer)
        if self._sent_close is not None:
            end, by = "close-sent", "local"
        self._conclude(end, by, error=mapped, leave=leave)

    def connection_lost(self, exc: BaseException | None) -> None:
        """The transport is gone, for whatever reason."""
        if self._closure is None:
            # If it was a write that failed, what had come before has not been read.
            self.reader.feed_rest()
        self._end_of_tcp(exc, leave=self._set_gone)

    def _set_gone(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._is_gone = True
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)

    def _conclude(
        self,
        end: End,
        by: Blame,
        *,
        error: Exception | None = None,
        leave: Callable[[], None],
    ) -> Closure:
        """The first failure decides; what follows changes nothing.

        ``leave`` lets go of the transport. It is called in any case, whatever the callbacks raise.
        """
        try:
            return self._closure or self._finish(end, by, error)
        finally:
            leave()

    def _finish(self, end: End, by: Blame, error: Exception | None) -> Closure:
        close = self.reader.place_rest()
        if close is not None and self._received_close is None:
            # It lay behind messages for which there was no room.
            with contextlib.suppress(ProtocolError):
                self._received_close = read_close(close)
                if end in {"eof", "reset", "write-timeout"}:
                    end, by = "close-received", "peer"
        closure = self._closure = self._record(end, by, error)
        if self._options.stream and (self.reader.parser.opcode or self.reader.dropped):
            self.reader.inbox.mark(Cut(closure))
        if self._pulse is not None:
            self._pulse.stop()
        self.reader.stop()
        self._writer.stop()
        self._pings.fail(self._closed_error())
        try:
            if self.on_end is not None:
                self.on_end(closure)
        finally:
            if self._own_inbox:
                self.reader.inbox.end(self._closed_error, quiet=closure.normal)
            self._end_told = True
            if self._ended is not None and not self._ended.done():
                self._ended.set_result(closure)
        return closure

    def _record(self, end: End, by: Blame, error: Exception | None) -> Closure:
        received = self._received_close or (None, "")
        sent = self._sent_close or (None, "")
        return Closure(
            end=end,
            by=by,
            received_code=received[0],
            received_reason=received[1],
            sent_code=sent[0],
            sent_reason=sent[1],
            error=error,
            opened=self._opened,
            ended=self._loop.time(),
            bytes_received=self.reader.bytes,
            bytes_sent=self._writer.bytes_sent,
            messages_received=self.reader.messages,
            messages_dropped=self.reader.dropped,
            messages_sent=self._writer.messages,
            last_byte=(
                self.reader.last_byte_before_close
                if end == "close-received"
                else self.reader.last_byte
            ),
            last_pong=self.reader.last_pong,
            last_data=self.reader.last_data,
            rtt=self._pings.rtt,
            ping_unanswered_since=self._pings.unanswered_since,
            paused_since=self.reader.paused_since,
            last_pause=self.reader.last_pause,
            write_buffered=self._writer.buffered,
            partial_frame=self.reader.partial,
            compressed=self._deflate is not None,
            kernel=None if end in _POLITE else kernel_view(self._transport),
        )

    def _closed_error(self) -> LinkClosed:
        if self._closure is None:
            return LinkClosed("it is closing")
        error = LinkClosed(self._closure)
        error.__cause__ = self._closure.error
        return error
