"""One WebSocket connection on a transport: the real `longwire.link.base.Link`, either side."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from longwire.core.overflow import size_of
from longwire.errors import LinkClosed, MessageTooBig, ProtocolError
from longwire.link.base import Closure, Data, Request, Sendable
from longwire.link.closing import NO_CODE, read_close, write_close
from longwire.link.deflate import Deflate, DeflateParameters
from longwire.link.encoder import BINARY, CLOSE, PING, PONG, TEXT, Encoder
from longwire.link.errormap import map_loss
from longwire.link.heartbeat import Pulse
from longwire.link.inbox import Inbox
from longwire.link.kernel import kernel_view
from longwire.link.pings import Pings
from longwire.link.reader import Reader
from longwire.link.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from longwire.core.causes.evidence import End
    from longwire.core.liveness import Clocks
    from longwire.errors import Blame
    from longwire.link.options import LinkOptions

PACK_FROM = 64
"""Messages shorter than this are not compressed: deflate's own bytes would eat the gain."""

_POLITE = frozenset({"close-received", "close-sent"})
"""Ends whose reason the peer or the user gave: nothing to ask the operating system about."""

LINGER = 1.0
"""Seconds a client gives the server to close TCP first, after both close frames.

RFC 6455, 7.1.1.
"""


def too_big_to_send(size: int, limit: int) -> MessageTooBig:
    """The error for a message of our own that is over the limit; both in bytes."""
    return MessageTooBig(
        f"a message of {size} bytes is over the limit of {limit}",
        limit=limit,
        size=size,
        blame="local",
    )


class WireLink(asyncio.BufferedProtocol):
    """One connection. It is born live by `go_live` and ends once, with a `Closure`.

    Args:
        loop: The loop the transport runs on.
        mask: True on the client's side: our frames are masked, the peer's must not be.
        options: Bounds; see `LinkOptions`.
        inbox: Where messages go. By default the link has its own, and ends it when it ends.
    """

    request: Request

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        mask: bool,
        options: LinkOptions,
        inbox: Inbox | None = None,
    ) -> None:
        self._loop = loop
        self._client = mask
        self._options = options
        self._own_inbox = inbox is None
        self.on_pause: Callable[[], None] | None = None
        """Called when reading is paused because the inbox is full."""
        self.reader = Reader(
            loop,
            options,
            inbox or Inbox(options.inbox_messages, options.inbox_bytes),
            on_control=self._on_control,
            on_error=self._on_error,
        )
        self.reader.on_pause = self._on_pause
        self._encoder = Encoder(masked=mask)
        self._deflate: Deflate | None = None
        self._pings = Pings()
        self._writer = Writer(
            loop,
            high=options.write_high,
            timeout=options.write_timeout,
            on_stuck=self._on_stuck,
        )
        self._pulse: Pulse | None = None
        self._closure: Closure | None = None
        self._ended: asyncio.Future[Closure] = loop.create_future()
        self._gone: asyncio.Future[None] = loop.create_future()
        self._sent_close: tuple[int | None, str] | None = None
        self._received_close: tuple[int, str] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._pong_due: bytes | None = None
        self._messages_sent = 0
        self.on_end: Callable[[Closure], None] | None = None
        """Called once, when the link ends, before its inbox does."""
        self.on_silence: Callable[[], None] | None = None
        """Called while no data comes for `Heartbeat.silence` seconds."""
        self.on_writable: Callable[[], None] | None = None
        """Called when the peer has read enough for `writable` to be true again."""

    # -- birth --------------------------------------------------------------------------------

    def go_live(
        self,
        transport: asyncio.Transport,
        request: Request,
        *,
        deflate: DeflateParameters | None = None,
        early: bytes = b"",
    ) -> None:
        """The opening handshake is done; the transport's protocol is this link already.

        Args:
            transport: An open transport.
            request: What was asked for, with the subprotocol that was agreed on.
            deflate: What was negotiated, or None.
            early: Bytes that came behind the handshake.
        """
        self.request = request
        self._transport = transport
        if deflate is not None:
            self._deflate = Deflate(deflate)
            self._writer.look_after = 1
        self._opened = self._loop.time()
        self.reader.start(transport, masked=not self._client, deflate=self._deflate)
        self._writer.start(transport)
        if self._options.heartbeat is not None:
            self._pulse = Pulse(
                self._loop,
                self._options.heartbeat,
                send_ping=self._send_heartbeat,
                on_dead=self._on_dead,
                on_silent=self._on_silent,
                progress=self._writer.progress,
                on_failure=self._on_pulse_failed,
                last_seen=lambda: (self.reader.last_byte, self.reader.last_data),
            )
            self.reader.liveness = self._pulse.liveness
        self.reader.begin(early)

    # -- bytes in -----------------------------------------------------------------------------

    def get_buffer(self, sizehint: int) -> memoryview:
        """Memory for the next read."""
        buffer: memoryview = self.reader.parser.get_buffer()
        return buffer

    def buffer_updated(self, nbytes: int) -> None:
        """So much was read."""
        self.reader.filled(nbytes)

    def eof_received(self) -> bool:
        """The peer says no more. `connection_lost` follows when what was written has left."""
        # That may be never: a peer that half closes need not read.
        self._end_of_tcp(None, leave=lambda: self._set_deadline(self._options.close_timeout))
        return False

    def _on_control(self, opcode: int, payload: bytes) -> None:
        if self._closure is not None:
            return
        if opcode == PING:
            self._answer_ping(payload)
        elif opcode == PONG:
            if self._pings.answer(payload):
                self.reader.saw_pong()
        else:
            self._on_close(payload)

    def _answer_ping(self, payload: bytes) -> None:
        if self._sent_close is not None:
            return
        if self._writer.paused:
            # The peer reads nothing: remember the last ping only, so that a flood costs nothing
            # (RFC 6455, 5.5.3 allows to answer just that).
            self._pong_due = payload
        else:
            self._writer.write(self._encoder.encode(PONG, payload))

    # -- liveness -----------------------------------------------------------------------------

    def _send_heartbeat(self) -> None:
        heartbeat = self._options.heartbeat
        if heartbeat is not None and heartbeat.message is not None:
            self._writer.write(self._frame(heartbeat.message))
        else:
            payload = self._pings.begin(self._loop.time(), None)
            self._writer.write(self._encoder.encode(PING, payload))

    def _on_dead(self) -> None:
        self._conclude("heartbeat-timeout", "network", leave=self._transport.abort)

    def _on_silent(self) -> None:
        if self.on_silence is not None:
            self.on_silence()

    def _on_pulse_failed(self, error: Exception) -> None:
        if self._closure is not None:
            raise error  # what it was told of has been done; the loop reports the rest
        self._on_error(error)

    def _on_stuck(self) -> None:
        if self._closure is None:
            self.reader.feed_rest()
        self._conclude("write-timeout", "peer", leave=self._transport.abort)

    # -- the user's side ----------------------------------------------------------------------

    @property
    def closure(self) -> Closure | None:
        """Why and how it ended; None while it lives."""
        return self._closure

    @property
    def inbox(self) -> Inbox:
        """Where its messages go."""
        return self.reader.inbox

    def recv(self, timeout: float | None = None) -> Awaitable[Data]:
        """The next message. Cancelling loses nothing.

        Args:
            timeout: Seconds to wait; None: until there is one or the link ends.

        Raises:
            TimeoutError: nothing came in time.
            LinkClosed: it has ended, and every message received has been handed over.
        """
        if timeout is None:
            return self.reader.inbox.receive()
        return self.reader.inbox.receive_within(timeout)

    def batches(self) -> AsyncIterator[list[Data]]:
        """Everything received since the last batch, at least one message each."""
        return self.reader.inbox.batches()

    def __aiter__(self) -> AsyncIterator[Data]:
        return self.reader.inbox.messages()

    async def send(self, data: Sendable) -> None:
        """Send one message; waits while the peer reads too slowly. Cancelling then sends nothing.

        Args:
            data: ``str`` goes as text, ``bytes`` (or ``bytearray``, ``memoryview``) as binary.

        Raises:
            LinkClosed: the link has ended or is closing.
            TypeError: it is neither text nor bytes.
            MessageTooBig: it is over `LinkOptions.max_message_bytes`.
        """
        if self._writer.paused or self._writer.overdue:
            await self._writer.ready()
        self.post(data)

    def post(self, data: Sendable) -> None:
        """Send without waiting: for callers that watch `writable` themselves. Raises as `send`."""
        if self._closure is not None or self._sent_close is not None:
            raise self._closed_error()
        self._writer.write(self._frame(data))
        if self._writer.deaf:
            raise self._closed_error()
        self._messages_sent += 1

    @property
    def writable(self) -> bool:
        """Whether `send` would go out without waiting."""
        return not self._writer.paused

    @property
    def overdue(self) -> bool:
        """Whether so much was sent in this turn of the loop that the rest of it waits.

        `send` lets the loop run then; who posts by itself ought to.
        """
        return self._writer.overdue

    async def wait_writable(self) -> None:
        """Wait as `send` does; returns at the end of the link, too."""
        await self._writer.ready()

    def _frame(self, data: Sendable) -> bytes:
        if isinstance(data, str):
            opcode = TEXT
            payload = data.encode()
        elif isinstance(data, bytes | bytearray | memoryview):
            opcode = BINARY
            payload = bytes(data)
        else:
            raise TypeError(f"a message is str or bytes, not {type(data).__name__}")
        if len(payload) > self._options.max_message_bytes:
            raise too_big_to_send(len(payload), self._options.max_message_bytes)
        if self._deflate is not None and len(payload) >= PACK_FROM:
            return self._encoder.encode(opcode, self._deflate.compress(payload), True)
        return self._encoder.encode(opcode, payload)

    async def ping(self) -> float:
        """Send a ping and wait for its pong.

        Returns:
            The round-trip time in seconds.

        Raises:
            LinkClosed: the link ended first; the heartbeat sees to it that a dead one does.
        """
        if self._closure is not None or self._sent_close is not None:
            raise self._closed_error()
        answered: asyncio.Future[float] = self._loop.create_future()
        self._writer.write(
            self._encoder.encode(PING, self._pings.begin(self._loop.time(), answered))
        )
        return await answered

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the link in good order. Takes no longer than the close time limit; safe to repeat.

        Args:
            code: The close code to send.
            reason: Up to 123 bytes of text for the peer.

        Raises:
            ValueError: the code must not be sent, or the reason is too long.
        """
        self.begin_close(code, reason)
        await asyncio.shield(self._gone)

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
        return await asyncio.shield(self._ended)

    async def wait_gone(self) -> None:
        """Wait until the socket itself is closed, which may be a moment after the end."""
        await asyncio.shield(self._gone)

    def condemn(self, end: End) -> Closure:
        """End it at once for a reason that only its owner knows; the record of its end."""
        return self._conclude(end, "peer", leave=self._transport.abort)

    def hand_over_to(self, inbox: Inbox) -> None:
        """Put messages into another inbox from now on, those that wait in the present one first.

        A canary link proves itself with an inbox of its own before it may use the client's.
        """
        waiting = self.reader.inbox.take()
        self._own_inbox = False
        self.reader.inbox = inbox
        inbox.on_room = self.reader.offer_room
        if waiting:
            inbox.commit_over(waiting, sum(map(size_of, waiting)))
        self.reader.go_on()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop it lives on."""
        return self._loop

    @property
    def gone(self) -> bool:
        """Whether its socket is closed."""
        return self._gone.done()

    @property
    def received(self) -> int:
        """Data messages received so far."""
        return self.reader.messages

    @property
    def rtt(self) -> float | None:
        """The latest round-trip time in seconds."""
        return self._pings.rtt

    @property
    def paused_since(self) -> float | None:
        """When reading was paused by a full inbox (the loop's time); None while it is not."""
        return self.reader.paused_since

    @property
    def last_seen(self) -> tuple[float, float | None, float | None]:
        """When the last byte, pong and data message came (the loop's time)."""
        return self.reader.last_byte, self.reader.last_pong, self.reader.last_data

    def clocks(self) -> Clocks | None:
        """The three clocks as they stand now, if the link has a heartbeat."""
        if self._pulse is None:
            return None
        self._pulse.see()
        return self._pulse.liveness.clocks

    # -- the end ------------------------------------------------------------------------------

    def _send_close(self, code: int | None, reason: str, payload: bytes) -> None:
        self._sent_close = (code, reason)
        if self._pulse is not None:
            # Nothing may follow a close frame (RFC 6455, 5.5.1); the end has a time limit anyway.
            self._pulse.stop()
        self._writer.write(self._encoder.encode(CLOSE, payload))
        self._writer.flush()

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

    def pause_writing(self) -> None:
        """The transport's buffer is full."""
        self._writer.pause()

    def resume_writing(self) -> None:
        """The transport's buffer has drained."""
        self._writer.resume()
        if self.on_writable is not None and self._closure is None:
            self.on_writable()
        if self._pong_due is not None and self._closure is None:
            payload, self._pong_due = self._pong_due, None
            self._answer_ping(payload)

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
        if not self._gone.done():
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
            if not self._ended.done():
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
            messages_sent=self._messages_sent,
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
