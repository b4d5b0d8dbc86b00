"""Receiving on one transport: from the read buffer into the inbox, never more than fits.

Compiled in Cython's pure-Python mode; runs uncompiled too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from longwire.core.overflow import size_of
from longwire.errors import ProtocolError
from longwire.link.encoder import CLOSE, PONG
from longwire.link.parser import NO_LIMIT, READ_BUFFER, Parser
from longwire.link.transport import left_behind, loses_what_it_read_ahead

if TYPE_CHECKING:
    from longwire.link import cython_shim as cython
else:
    try:
        import cython
    except ImportError:
        from longwire.link import cython_shim as cython

if cython.compiled:
    from cython.cimports.longwire.link.flow import Queue, Source
elif TYPE_CHECKING:
    from longwire.link.flow import Queue, Source

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from longwire.core.liveness import Liveness
    from longwire.link.base import Data
    from longwire.link.deflate import Deflate
    from longwire.link.inbox import Inbox
    from longwire.link.options import LinkOptions


@cython.nonecheck(True)
@cython.cclass
class Reader:
    """The receiving half of one link.

    Args:
        loop: The loop of the transport.
        options: The link's bounds.
        inbox: Where messages go.
        on_control: Called with opcode and payload of each control frame, after the messages of
            the same read that came before or after it were queued.
        on_error: Called once when the peer broke the protocol, or the user's function failed.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        options: LinkOptions,
        inbox: Inbox,
        *,
        on_control: Callable[[int, bytes], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._loop = loop
        self._options = options
        self._on_control = on_control
        self.on_error = on_error
        self._is_reply = None if options.heartbeat is None else options.heartbeat.is_reply
        self._unplaced: list[Data] = []
        self._fragment_timer: asyncio.TimerHandle | None = None
        self._fragment_recheck: asyncio.Handle | None = None
        # The message that has been given more time, as its rest lay in the socket.
        self._fragment_spared = 0
        # Which of the parser's fragmented messages is under way, and since when.
        self._fragmented = 0
        self._fragmented_since = 0.0
        self._stopped = False
        self.inbox: Inbox = inbox
        self.inspect: Callable[[list[Data]], list[Data]] | None = None
        self.on_pause: Callable[[], None] | None = None
        self.liveness: Liveness | None = None
        self.paused_since: float | None = None
        self.last_pause: tuple[float, float] | None = None
        self.bytes = 0
        self.messages = 0
        self.dropped = 0
        """Messages that had arrived when the link ended, and had no place in the inbox."""
        self.last_byte = 0.0
        self._byte_before = 0.0
        self.last_pong: float | None = None
        self.last_data: float | None = None

    def start(self, transport: asyncio.Transport, *, masked: bool, deflate: Deflate | None) -> None:
        """Begin to read; ``masked`` says whether the peer's frames must be."""
        self._transport = transport
        self._pause_later = loses_what_it_read_ahead(transport)
        self._deflate = deflate
        self.parser: Parser = Parser(
            masked=masked,
            max_message_bytes=self._options.max_message_bytes,
            max_fragments=self._options.max_fragments,
            deflate=deflate,
        )
        self.last_byte = self._byte_before = self._loop.time()
        self.inbox.on_room = self.offer_room

    def begin(self, early: bytes) -> None:
        """Take the bytes that came behind the handshake, and read on only if there is room.

        A full inbox holds a new link back from its first byte: what is not read cannot be lost
        when the link ends.
        """
        self.bytes += len(early)
        self.parser.feed(early)
        self.pump()
        full = self.inbox.room() == 0 or self.inbox.room_bytes() == 0
        if full and not self._stopped and self.inbox.stall():
            self._pause()

    def get_buffer(self, sizehint: int) -> Any:
        """Memory for the next read, never empty; `asyncio.BufferedProtocol` asks for it so."""
        return self.parser.get_buffer()

    def buffer_updated(self, nbytes: int) -> None:
        """So much was read into the parser's buffer."""
        self._byte_before = self.last_byte
        self.last_byte = self._loop.time()
        self.bytes += nbytes
        self.parser.filled(nbytes)
        if self._stopped:
            self.parser.discard()
            return
        queue: Queue = self.inbox
        queue.gathering = True
        try:
            self.pump()
        finally:
            queue.hand_over()

    @cython.ccall
    def pump(self) -> cython.void:
        """Parse what was read, as far as there is room for it."""
        fresh: list[Data]
        parser: Source = self.parser
        while not self._stopped:
            # Asked each time: a callback may have handed the link over to another inbox.
            queue: Queue = self.inbox
            if self._unplaced and not self._place_again():
                break
            fresh = parser.parse(queue.room(), queue.room_bytes())
            if fresh:
                self._accept(fresh, parser.payload_bytes)
            if parser.has_controls():
                self._take_controls()
            if parser.error is not None:
                self.on_error(parser.error)
                break
            if parser.blocked:
                # Nothing went in: the next message wants more room than the low mark gives.
                if self.inbox.stall(not fresh):
                    self._pause()
                    break
            elif not self._unplaced:
                break
        if self._fragment_timer is not None or parser.opcode or self._fragment_recheck:
            self._watch_fragments()

    def _take_controls(self) -> None:
        for opcode, payload in self.parser.take_controls():
            self._on_control(opcode, payload)

    @cython.cfunc
    def _accept(self, fresh: list[Data], size: cython.longlong) -> cython.int:
        failure: Exception | None = None
        if self._is_reply is not None or self.inspect is not None:
            fresh, failure = self._looked_at(fresh)
            size = sum(map(size_of, fresh))
        if fresh:
            self._place(fresh, size)
        if failure is None and self.inbox.ended:
            failure = self.inbox.error()
        if failure is not None and not self._stopped:
            self.on_error(failure)
        return 0

    @cython.cfunc
    def _place(self, fresh: list[Data], size: cython.longlong) -> cython.int:
        self.messages += len(fresh)
        self.last_data = self.last_byte
        taken: cython.Py_ssize_t = self.inbox.commit(fresh, size)
        if taken < len(fresh):
            self._unplaced = fresh[taken:]
        return 0

    def _looked_at(self, fresh: list[Data]) -> tuple[list[Data], Exception | None]:
        """What is left of fresh messages after the user's functions have seen them."""
        try:
            if self._is_reply is not None:
                count = len(fresh)
                fresh = [message for message in fresh if not self._is_reply(message)]
                if len(fresh) < count:
                    self.saw_pong()
            if self.inspect is not None and fresh:
                fresh = self.inspect(fresh)
        except Exception as error:  # noqa: BLE001 - the user's function failed: it ends the link
            return fresh, error
        return fresh, None

    def saw_pong(self) -> None:
        """A pong, or a reply in the application's own language, came with the latest bytes."""
        self.last_pong = self.last_byte
        if self.liveness is not None:
            self.liveness.saw_pong(self.last_byte)

    @property
    def last_byte_before_close(self) -> float:
        """When the last byte came that was no part of a close frame which has just been read.

        Otherwise a peer that closes an idle link would never seem to have been idle.
        """
        return max(self._byte_before, self.last_data or 0.0, self.last_pong or 0.0)

    def _place_again(self) -> bool:
        """Offer the inbox again what its policy had no place for; False if it must wait."""
        while self._unplaced:
            taken = self.inbox.commit(self._unplaced, 0)
            self._unplaced = self._unplaced[taken:]
            # Nothing went in: the next message may want more room than the low mark gives.
            if self._unplaced and self.inbox.stall(not taken):
                self._pause()
                return False
        return True

    def feed_rest(self) -> None:
        """The transport reads no more: take what it left behind, for `place_rest`."""
        for data in left_behind(self._transport):
            self.last_byte = self._loop.time()
            self.bytes += len(data)
            self.parser.feed(data)

    def place_rest(self) -> bytes | None:
        """The link ends: hand over what had arrived, as far as `Inbox.commit_over` has a place.

        Returns:
            The payload of a close frame behind it that nobody has seen yet.
        """
        self._stopped = True
        unplaced, self._unplaced = self._unplaced, []
        self.dropped = self.inbox.commit_over(unplaced, sum(map(size_of, unplaced)))
        while self._place_some_rest():
            pass
        close = None
        for opcode, payload in self.parser.take_controls():
            if opcode == PONG:
                self._on_control(opcode, payload)
            elif opcode == CLOSE:
                close = payload
        return close

    def _place_some_rest(self) -> bool:
        """One message of the rest and what goes with it, or all that has no place; is there more?

        It may inflate to a thousand times its size: a little at a time, and not for nothing.
        """
        if self.dropped and self._deflate is not None:
            self._deflate.stop()
        rest: list[Any] = self.parser.parse(NO_LIMIT, -READ_BUFFER)
        if rest and self.dropped:
            self.inbox.lose(len(rest))
            self.dropped += len(rest)
        elif rest:
            rest, _ = self._looked_at(rest)
            self.dropped = self.inbox.commit_over(rest, sum(map(size_of, rest)))
        self.messages += len(rest)
        return bool(self.parser.blocked)

    # -- room ---------------------------------------------------------------------------------

    def _pause(self) -> None:
        if self.paused_since is None:
            self.paused_since = self._loop.time()
            if self._pause_later:
                # What still comes before it takes effect waits in the read buffer.
                self._loop.call_soon(self._pause_now)
            else:
                self._transport.pause_reading()
            if self.liveness is not None:
                self.liveness.paused(self.paused_since)
            if self.on_pause is not None:
                self.on_pause()

    def _pause_now(self) -> None:
        if self.paused_since is not None and not self._stopped:
            self._transport.pause_reading()

    def offer_room(self) -> None:
        """The inbox has room again; may be called from another thread."""
        try:
            self._loop.call_soon_threadsafe(self.go_on)
        except RuntimeError:
            # The loop of the link is closed, and the link with it.
            self._stopped = True

    def go_on(self) -> None:
        """Parse what waits in the buffer, then read on."""
        if self._stopped:
            return
        self.pump()
        blocked = self.parser.blocked or bool(self._unplaced)
        if self.paused_since is not None and not blocked and not self._stopped:
            self.last_pause = (self.paused_since, self._loop.time())
            self.paused_since = None
            # The rest of a fragmented message may have been in the socket all the time.
            self._fragmented_since = self._loop.time()
            if self.liveness is not None:
                self.liveness.resumed(self._fragmented_since)
            self._transport.resume_reading()

    # -- fragments ----------------------------------------------------------------------------

    def _watch_fragments(self) -> None:
        """Keep a timer exactly while a fragmented message is under way."""
        seconds = self._options.fragment_timeout
        if not self.parser.opcode or self._stopped or seconds is None:
            for handle in (self._fragment_timer, self._fragment_recheck):
                if handle is not None:
                    handle.cancel()
            self._fragment_timer = self._fragment_recheck = None
            return
        if self._fragmented != self.parser.fragmented:
            self._fragmented = self.parser.fragmented
            self._fragmented_since = self._loop.time()
        if self._fragment_timer is None and self._fragment_recheck is None:
            self._fragment_timer = self._loop.call_at(
                self._fragmented_since + seconds, self._on_fragment_timeout, seconds
            )

    def _on_fragment_timeout(self, seconds: float) -> None:
        self._fragment_timer = None
        now = self._loop.time()
        if self.paused_since is not None:
            # Its rest may be in the socket; it is not the peer who is slow.
            self._fragmented_since = now
        if now < self._fragmented_since + seconds:
            # Another message than the one that the timer was set for.
            self._watch_fragments()
        elif self._fragment_spared == self._fragmented:
            self._fail_fragments(seconds)
        else:
            # We may be late ourselves, and the rest in the socket. Two turns: the second begins
            # after the loop has polled its sockets once.
            self._fragment_recheck = self._loop.call_soon(self._after_poll, seconds, self.bytes)

    def _after_poll(self, seconds: float, read: int) -> None:
        self._fragment_recheck = self._loop.call_soon(self._judge_fragments, seconds, read)

    def _judge_fragments(self, seconds: float, read: int) -> None:
        self._fragment_recheck = None
        if self._fragmented != self.parser.fragmented:
            self._watch_fragments()
        elif self.bytes > read or self.paused_since is not None:
            # Once: a peer that only ever goes on cannot hold half a message for ever.
            self._fragment_spared = self._fragmented
            self._fragmented_since = self._loop.time()
            self._watch_fragments()
        else:
            self._fail_fragments(seconds)

    def _fail_fragments(self, seconds: float) -> None:
        self.on_error(
            ProtocolError(
                f"the peer did not complete a fragmented message within {seconds} s", code=1008
            )
        )

    def stop(self) -> None:
        """Read no more, but see the end of TCP."""
        self._stopped = True
        self._watch_fragments()
        if self.inbox.on_room == self.offer_room:
            self.inbox.on_room = None
        if self.paused_since is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    @property
    def partial(self) -> bool:
        """Whether a frame or a message is incomplete."""
        return self.parser.partial
