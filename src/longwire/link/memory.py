"""An in-process pair of links: what `longwire.link.base.Link` means, in plain Python.

It is the reference that the real link is held against, and a fast, exact stand-in for it in tests.
Its frames never become bytes, but they have the size that RFC 6455 gives them, they wait in order
in a bounded space, and control frames wait behind data: while one side does not read, the other's
pings are stuck. Times are those of the loop that the pair was made on, so they may be virtual.

Of `LinkOptions`, ``max_fragments`` and ``fragment_timeout`` have no meaning here.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from longwire.core.pieces import Cut
from longwire.errors import LinkClosed, MessageTooBig
from longwire.link.base import Closure, Data, Request
from longwire.link.closing import NO_CODE, write_close
from longwire.link.errormap import map_loss
from longwire.link.fragments import HALF_SENT
from longwire.link.headers import Headers
from longwire.link.heartbeat import Pulse
from longwire.link.memory_inbox import MemoryInbox
from longwire.link.memory_messages import Assembly, MemoryFragmented, Messaging
from longwire.link.memory_wire import (
    Close,
    Fin,
    Fragment,
    Frame,
    Message,
    Ping,
    Pong,
    Wire,
    payload_size,
)
from longwire.link.options import LinkOptions
from longwire.link.pings import Pings, checked
from longwire.link.stream import Streams

if TYPE_CHECKING:
    from longwire.core.causes.evidence import End
    from longwire.errors import Blame


def pair(
    *,
    options: LinkOptions | None = None,
    server_options: LinkOptions | None = None,
    path: str = "/",
    subprotocol: str | None = None,
) -> tuple[MemoryLink, MemoryLink]:
    """Two live links that talk to each other: the client's side and the server's.

    To be called on a running event loop, which both belong to.

    Args:
        options: Bounds of both; None: the defaults of `LinkOptions`.
        server_options: Bounds of the server's side, where they differ.
        path: What the client's request asked for.
        subprotocol: What both sides agreed on; None: nothing.
    """
    loop = asyncio.get_running_loop()
    options = options or LinkOptions()
    request = Request(path=path, headers=Headers(), peer="memory:0", subprotocol=subprotocol)
    up, down = Wire(masked=True), Wire(masked=False)
    client = MemoryLink(loop, options, request, out=up, into=down)
    server = MemoryLink(loop, server_options or options, request, out=down, into=up)
    client.other, server.other = server, client
    return client, server


class MemoryLink(Messaging):
    """One side of a `pair`. See `longwire.link.base.Link` for what its methods promise."""

    other: MemoryLink
    """The other side, for tests that need to look."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        options: LinkOptions,
        request: Request,
        *,
        out: Wire,
        into: Wire,
    ) -> None:
        self._loop = loop
        self._options = options
        self._request = request
        self._out = out
        self._into = into
        self._inbox = MemoryInbox(options.inbox_messages, options.inbox_bytes, self._arrived)
        self._assembly = Assembly(stream=options.stream)
        self._streams = Streams(self.next_item) if options.stream else None
        self._pings = Pings()
        self._turn: asyncio.Handle | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._closure: Closure | None = None
        self.ended: asyncio.Future[Closure] = loop.create_future()
        self.sending = asyncio.Lock()
        self.fragmented: MemoryFragmented | None = None
        """The message that holds it until its last fragment."""
        self._way_out = asyncio.Event()
        self._pong_due: Pong | None = None
        self._sent_close: Close | None = None
        self._received_close: Close | None = None
        self._opened = self._last_byte = self._byte_before = loop.time()
        self._last_pong: float | None = None
        self._last_data: float | None = None
        self._paused_since: float | None = None
        self._messages_received = self._messages_sent = self._bytes_received = 0
        into.on_arrival = self._arrived
        out.on_departure = self._departed
        self._pulse: Pulse | None = None
        if options.heartbeat is not None:
            self._pulse = Pulse(
                loop,
                options.heartbeat,
                send_ping=self._send_heartbeat,
                on_dead=lambda: self._end("heartbeat-timeout", "network"),
                on_silent=lambda: None,
                progress=lambda: (out.bytes_put, out.bytes_taken),
                on_failure=lambda error: self._end("local-error", "local", error),
            )

    # -- the user's side ----------------------------------------------------------------------

    @property
    def request(self) -> Request:
        """The opening request, as if there had been one."""
        return self._request

    @property
    def closure(self) -> Closure | None:
        """Why and how it ended; None while it lives."""
        return self._closure

    async def ping(self, payload: bytes | str | None = None) -> float:
        """Round-trip time of a ping in seconds. Raises as `Link.ping` does."""
        own = checked(payload)
        self._check_open()
        answered: asyncio.Future[float] = self._loop.create_future()
        self._out.put(Ping(self._pings.begin(self._loop.time(), answered, own)))
        return await answered

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End it in good order within the close time limit. Raises ValueError; safe to repeat."""
        write_close(code, reason)
        self._begin_close(Close(code, reason))
        await self.wait_closed()

    def abort(self) -> None:
        """End it at once, without a close handshake. The other side sees the end of the bytes."""
        self._end("aborted", "local")

    async def wait_closed(self) -> Closure:
        """Wait for the end and return its record."""
        return await asyncio.shield(self.ended)

    # -- faults -------------------------------------------------------------------------------

    def drop(self) -> None:
        """Vanish: from now on nothing travels in either direction, and neither side is told."""
        self._out.cut = self._into.cut = True

    def reset(self) -> None:
        """The network resets the connection: both sides are told; what was on its way is lost."""
        end, by, error = map_loss(ConnectionResetError(), where=self._request.peer)
        self._end(end, by, error)
        if self.other.closure is None:
            self.other.reset()

    def close_without_code(self) -> None:
        """Send an empty close frame, as some peers do."""
        self._begin_close(Close(None))

    # -- sending ------------------------------------------------------------------------------

    def put(self, frame: Message | Fragment) -> None:
        """Send a message or a part of one. Raises LinkClosed if it is not open."""
        self._check_open()
        self._messages_sent += isinstance(frame, Message) or frame.last
        self._out.put(frame)

    def fail_half_sent(self, error: Exception) -> None:
        """The other side has half a message, and will not get the rest."""
        if self._is_open():
            self._sent_close = self._put_close(Close(HALF_SENT))
            self._end("local-error", "local", error)

    async def wait_for_room(self) -> None:
        """Wait while too much is unread by the other side, or until the link is closing."""
        while self._out.waiting > self._options.write_high and self._is_open():
            self._way_out.clear()
            try:
                async with asyncio.timeout(self._options.write_timeout):
                    await self._way_out.wait()
            except TimeoutError:
                self._end("write-timeout", "peer")

    def _departed(self) -> None:
        """The other side has taken something from our way out."""
        self._way_out.set()
        if self._pong_due is not None and self._out.waiting <= self._options.write_high:
            pong, self._pong_due = self._pong_due, None
            self._answer(pong)

    def _answer(self, pong: Pong) -> None:
        if self._sent_close is not None or self._closure is not None:
            return
        if self._out.waiting > self._options.write_high:
            # Only the last one, so that a flood of pings costs nothing (RFC 6455, 5.5.3).
            self._pong_due = pong
        else:
            self._out.put(pong)

    def _send_heartbeat(self) -> None:
        heartbeat = self._options.heartbeat
        if heartbeat is not None and heartbeat.message is not None and not self.sending.locked():
            self._out.put(self.checked(heartbeat.message))
        else:
            self._out.put(Ping(self._pings.begin(self._loop.time(), None)))

    def _begin_close(self, close: Close) -> None:
        if not self._is_open():
            return
        self._sent_close = self._put_close(close)
        self._way_out.set()
        self._deadline = self._loop.call_later(
            self._options.close_timeout, self._end, "close-sent", "local"
        )

    # -- receiving ----------------------------------------------------------------------------

    def _arrived(self) -> None:
        """There is something to read, or room to read it into."""
        if self._turn is None and self._closure is None:
            self._turn = self._loop.call_soon(self._read)

    def _read(self) -> None:
        """Take frames in order, until a message does not fit into the inbox."""
        self._turn = None
        while self._closure is None:
            frame = self._into.peek()
            if frame is None:
                break
            data = isinstance(frame, Message | Fragment)
            if data and not self._inbox.fits(self._assembly.size + payload_size(frame)):
                self._pause()
                return
            self._resume()
            self._note(self._into.take())
            self._handle(frame)

    def _pause(self) -> None:
        if self._paused_since is None:
            self._paused_since = self._loop.time()
            if self._pulse is not None:
                self._pulse.liveness.paused(self._paused_since)

    def _resume(self) -> None:
        if self._paused_since is not None:
            self._paused_since = None
            if self._pulse is not None:
                self._pulse.liveness.resumed(self._loop.time())

    def _note(self, size: int) -> None:
        self._byte_before = self._last_byte
        self._last_byte = self._loop.time()
        self._bytes_received += size
        if self._pulse is not None:
            self._pulse.liveness.saw_bytes(self._last_byte)

    def _handle(self, frame: Frame) -> None:
        match frame:
            case Message() | Fragment():
                self._on_message(frame)
            case Ping(payload):
                self._answer(Pong(payload))
            case Pong(payload):
                if self._pings.answer(payload):
                    self._saw_pong()
            case Close():
                self._on_close(frame)
            case Fin():
                if self._sent_close is None:
                    self._end("eof", "peer")
                else:
                    self._end("close-sent", "local")

    def _on_message(self, frame: Message | Fragment) -> None:
        try:
            if self._streams is None:
                self.check_size(self._assembly.size + frame.size, "peer")
            for item, size in self._assembly.add(frame):
                self._on_item(item, size)
        except MessageTooBig as error:
            self._sent_close = self._sent_close or self._put_close(Close(1009))
            self._end("message-too-big", "peer", error)
            return
        except Exception as error:  # noqa: BLE001 - the user's is_reply failed: it ends the link
            self._end("local-error", "local", error)

    def _on_item(self, item: Any, size: int) -> None:
        if self._is_reply(item):
            self._saw_pong()
            return
        self._messages_received += 1
        self._last_data = self._last_byte
        if self._pulse is not None:
            self._pulse.liveness.saw_data(self._last_data)
        self._inbox.put(item, size)

    def _is_reply(self, data: Data) -> bool:
        heartbeat = self._options.heartbeat
        return heartbeat is not None and heartbeat.is_reply is not None and heartbeat.is_reply(data)

    def _saw_pong(self) -> None:
        self._last_pong = self._last_byte
        if self._pulse is not None:
            self._pulse.liveness.saw_pong(self._last_pong)

    def _on_close(self, close: Close) -> None:
        self._received_close = close
        if self._sent_close is None:
            # The same code back, and nothing for nothing (RFC 6455, 5.5.1).
            self._sent_close = self._put_close(Close(close.code))
            self._end("close-received", "peer")
        else:
            self._end("close-sent", "local")

    def _put_close(self, close: Close) -> Close:
        if self._pulse is not None:
            self._pulse.stop()  # nothing may follow a close frame (RFC 6455, 5.5.1)
        self._out.put(close)
        return close

    # -- the end ------------------------------------------------------------------------------

    def _is_open(self) -> bool:
        return self._closure is None and self._sent_close is None

    def _check_open(self) -> None:
        if not self._is_open():
            raise self.closed_error()

    def closed_error(self) -> LinkClosed:
        """What who asks something of it is told when it has ended, or is about to."""
        if self._closure is None:
            return LinkClosed("it is closing")
        error = LinkClosed(self._closure)
        error.__cause__ = self._closure.error
        return error

    def _end(self, end: End, by: Blame, error: Exception | None = None) -> None:
        """The first end is the only one; what follows changes nothing."""
        if self._closure is not None:
            return
        self._closure = self._record(end, by, error)
        if self._pulse is not None:
            self._pulse.stop()
        for handle in filter(None, (self._turn, self._deadline)):
            handle.cancel()
        self._into.abandon()
        self._out.put(Fin())
        if self.fragmented is not None:
            self.fragmented.release()
        self._pings.fail(self.closed_error())
        if self._streams is not None and self._assembly.inside:
            self._inbox.put(Cut(self._closure), 0)
        self._inbox.end(self.closed_error, quiet=self._closure.normal)
        self._way_out.set()
        self.ended.set_result(self._closure)

    def _record(self, end: End, by: Blame, error: Exception | None) -> Closure:
        received, sent = self._received_close, self._sent_close
        return Closure(
            end=end,
            by=by,
            received_code=None if received is None else received.code or NO_CODE,
            received_reason="" if received is None else received.reason,
            sent_code=None if sent is None else sent.code,
            sent_reason="" if sent is None else sent.reason,
            error=error,
            opened=self._opened,
            ended=self._loop.time(),
            bytes_received=self._bytes_received,
            bytes_sent=self._out.bytes_put,
            messages_received=self._messages_received,
            messages_sent=self._messages_sent,
            last_byte=self._byte_before if end == "close-received" else self._last_byte,
            last_pong=self._last_pong,
            last_data=self._last_data,
            rtt=self._pings.rtt,
            ping_unanswered_since=self._pings.unanswered_since,
            paused_since=self._paused_since,
            write_buffered=self._out.waiting,
            partial_frame=self._assembly.inside,
        )
