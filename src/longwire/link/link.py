"""One WebSocket connection on a transport: the real `longwire.link.base.Link`, either side."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from longwire.core.overflow import size_of
from longwire.link.deflate import Deflate, DeflateParameters
from longwire.link.encoder import PING, PONG, Encoder
from longwire.link.ending import Ending
from longwire.link.fragments import Fragmented, send_all
from longwire.link.heartbeat import Pulse
from longwire.link.inbox import Inbox
from longwire.link.pings import Pings, checked
from longwire.link.reader import Reader
from longwire.link.stream import StreamInbox, streams_of
from longwire.link.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from longwire.core.liveness import Clocks
    from longwire.link.base import Data, Request, Sendable
    from longwire.link.fragments import FragmentSource
    from longwire.link.options import LinkOptions
    from longwire.link.stream import Stream


class WireLink(Ending, asyncio.BufferedProtocol):
    """One connection. It is born live by `go_live` and ends once, with a `Closure`.

    Args:
        loop: The loop the transport runs on.
        mask: True on the client's side: our frames are masked, the peer's must not be.
        options: Bounds; see `LinkOptions`.
        inbox: Where messages go. By default the link has its own, and ends it when it ends.
    """

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        mask: bool,
        options: LinkOptions,
        inbox: Inbox | None = None,
    ) -> None:
        super().__init__(loop, options, client=mask, own_inbox=inbox is None)
        self.reader = Reader(
            loop,
            options,
            inbox
            or (StreamInbox if options.stream else Inbox)(
                options.inbox_messages, options.inbox_bytes
            ),
            on_control=self._on_control,
            on_error=self._on_error,
        )
        self.reader.on_pause = self._on_pause
        # The transport calls the reader, for every read, without a detour.
        self.get_buffer = self.reader.get_buffer  # type: ignore[method-assign]
        self.buffer_updated = self.reader.buffer_updated  # type: ignore[method-assign]
        self._encoder = Encoder(masked=mask, max_message_bytes=options.max_message_bytes)
        self._pings = Pings()
        self._writer = Writer(
            loop,
            self._encoder,
            high=options.write_high,
            timeout=options.write_timeout,
            on_stuck=self._on_stuck,
        )
        self.post_at_once: Callable[[Sendable], bool] = self._writer.post_at_once
        """As `post`, but False, and nothing sent, where `send` would wait or the link is over."""
        self._pong_due: bytes | None = None
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
            if deflate.send:
                self._encoder.deflate = self._deflate
                self._encoder.pack_from = deflate.min_bytes
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
                last_seen=self._last_seen,
            )
            self.reader.liveness = self._pulse.liveness
        self.reader.begin(early)

    # -- bytes in -----------------------------------------------------------------------------

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

    def pause_writing(self) -> None:
        """The transport's buffer is full."""
        self._writer.pause()

    def resume_writing(self) -> None:
        """The transport's buffer has drained."""
        self._writer.resume()
        self._tell_writable()
        if self._pong_due is not None and self._closure is None:
            payload, self._pong_due = self._pong_due, None
            self._answer_ping(payload)

    # -- liveness -----------------------------------------------------------------------------

    def _send_heartbeat(self) -> None:
        heartbeat = self._options.heartbeat
        if heartbeat is not None and heartbeat.message is not None and not self._writer.held:
            self._writer.write(self._encoder.frame(heartbeat.message))
        else:
            payload = self._pings.begin(self._loop.time(), None)
            self._writer.write(self._encoder.encode(PING, payload))

    def _last_seen(self) -> tuple[float, float | None]:
        return self.reader.last_byte, self.reader.last_data

    def _on_dead(self) -> None:
        self._conclude("heartbeat-timeout", "network", leave=self._transport.abort)

    def _on_silent(self) -> None:
        if self.on_silence is not None:
            self.on_silence()

    def _on_pulse_failed(self, error: Exception) -> None:
        if self._closure is not None:
            raise error  # what it was told of has been done; the loop reports the rest
        self._on_error(error)

    # -- the user's side ----------------------------------------------------------------------

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

    def recv_stream(self) -> Stream:
        """The next message while it comes; see `Link.recv_stream`."""
        return streams_of(self.reader.inbox).stream()

    def streams(self) -> AsyncIterator[Stream]:
        """Message after message, each while it comes; see `Link.streams`."""
        return streams_of(self.reader.inbox)

    async def send(self, data: Sendable) -> None:
        """Send one message; waits while the peer reads too slowly. Cancelling then sends nothing.

        Args:
            data: ``str`` goes as text, ``bytes`` (or ``bytearray``, ``memoryview``) as binary.

        Raises:
            LinkClosed: the link has ended or is closing.
            TypeError: it is neither text nor bytes.
            MessageTooBig: it is over `LinkOptions.max_message_bytes`.
        """
        if self._writer.post_at_once(data):
            return
        await self._writer.ready()
        if not self._writer.post(data):
            asked = self.reader.inbox.on_asked
            pause = 0.0 if asked is None else asked()
            if pause:
                await asyncio.sleep(pause)
            raise self._closed_error()

    def post(self, data: Sendable) -> None:
        """Send without waiting: for callers that watch `writable` themselves. Raises as `send`."""
        if not self._writer.post(data):
            raise self._closed_error()

    async def send_fragments(self, fragments: FragmentSource) -> None:
        """Send one message whose parts come one by one; see `Link.send_fragments`."""
        await send_all(fragments, self.begin_fragments())

    def begin_fragments(self) -> Fragmented:
        """A message to be sent in fragments: for callers that have them elsewhere."""
        return Fragmented(
            self._writer,
            self._encoder,
            self._until_ended(),
            limit=self._options.max_message_bytes,
            closed=self._closed_error,
            fail=self._fail_half_sent,
            on_over=self._tell_writable,
        )

    def _tell_writable(self) -> None:
        if self.on_writable is not None and self._closure is None and self.writable:
            self.on_writable()

    @property
    def writable(self) -> bool:
        """Whether `send` would go out without waiting."""
        return not (self._writer.paused or self._writer.held)

    @property
    def overdue(self) -> bool:
        """Whether so much was sent in this turn of the loop that the rest of it waits.

        `send` lets the loop run then; who posts by itself ought to.
        """
        return self._writer.overdue

    async def wait_writable(self) -> None:
        """Wait as `send` does; returns at the end of the link, too."""
        await self._writer.ready()

    async def ping(self, payload: bytes | str | None = None) -> float:
        """Send a ping and wait for its pong.

        Args:
            payload: Up to 125 bytes for the peer to send back, text as UTF-8; None: random ones.

        Returns:
            The round-trip time in seconds.

        Raises:
            LinkClosed: the link ended first; the heartbeat sees to it that a dead one does.
            TypeError, ValueError: the payload cannot be sent, or another ping with the same one
                waits for its pong.
        """
        own = checked(payload)
        if self._closure is not None or self._sent_close is not None:
            raise self._closed_error()
        answered: asyncio.Future[float] = self._loop.create_future()
        self._writer.write(
            self._encoder.encode(PING, self._pings.begin(self._loop.time(), answered, own))
        )
        return await answered

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
