"""Receiving on one transport: from the read buffer into the inbox, never more than fits.

Compiled in Cython's pure-Python mode; runs uncompiled too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from longwire.core.overflow import size_of
from longwire.link.deflate import PORTION
from longwire.link.encoder import CLOSE, PONG
from longwire.link.fragmentclock import FragmentClock
from longwire.link.framing import NO_LIMIT
from longwire.link.gate import Gate
from longwire.link.lender import READ_BUFFER, lender_for
from longwire.link.pacing import MOST_PONGS, fewer_pings
from longwire.link.parser import Parser
from longwire.link.streamparser import StreamParser
from longwire.link.transport import left_behind, reads_on

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
        self._stopped = False
        self._breather: asyncio.Handle | None = None
        self._offered = 0
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
        self._gate = Gate(transport, self._loop)
        self._reads_on = reads_on(transport)
        self._deflate = deflate
        limit = self._options.max_message_bytes
        lender = lender_for(transport, self._loop)
        self.parser: Parser | StreamParser = (
            StreamParser(masked=masked, max_message_bytes=limit, deflate=deflate, lender=lender)
            if self._options.stream
            else Parser(
                masked=masked,
                max_message_bytes=limit,
                max_fragments=self._options.max_fragments,
                deflate=deflate,
                lender=lender,
            )
        )
        self._clock: FragmentClock | None = None
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
        buffer: Any = self.parser.get_buffer()
        if self._reads_on:
            self._offered = len(buffer)
        return buffer

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
            if self._reads_on and nbytes == self._offered and not self._stopped:
                # There is more, and it would come in this same turn of the loop.
                self._breathe()
        finally:
            queue.hand_over()

    @cython.ccall
    def pump(self) -> cython.void:
        """Parse what was read, as far as there is room for it and time in this turn of the loop."""
        fresh: list[Data] = []
        room: cython.Py_ssize_t
        room_bytes: cython.longlong
        portioned: cython.bint
        inflated: cython.longlong = 0
        parser: Source = self.parser
        while not self._stopped and self._breather is None:
            # Asked each time: a callback may have handed the link over to another inbox.
            queue: Queue = self.inbox
            if self._unplaced and not self._place_again():
                break
            room = queue.room()
            room_bytes = queue.room_bytes()
            # Of compressed messages only a portion in each turn of the loop.
            portioned = self._deflate is not None and not -PORTION <= room_bytes <= PORTION
            if portioned:
                fresh = parser.parse(room, PORTION if room_bytes > 0 else -PORTION)
            if not portioned or (parser.blocked and not fresh and room > 0 and not parser.halfway):
                # Or one that is over a portion by itself.
                fresh = parser.parse(1 if portioned else room, room_bytes)
            if fresh:
                inflated += parser.payload_bytes
                self._accept(fresh, parser.payload_bytes)
            if parser.has_controls():
                self._take_controls()
            if parser.error is not None:
                self.on_error(parser.error)
                break
            if parser.blocked:
                # A policy has room for everything, and takes it a little at a time.
                portioned = portioned or (self._deflate is not None and inflated >= PORTION)
                if parser.halfway or (fresh and portioned):
                    self._breathe()
                    break
                # Nothing went in: the next message wants more room than the low mark gives.
                if self.inbox.stall(not fresh):
                    self._pause()
                    break
            elif not self._unplaced:
                break
        if self._stopped:
            return
        if self._clock is not None:
            if parser.opcode or self._clock.handle is not None:
                self._clock.watch()
        elif parser.opcode:
            # Most links never see a fragment.
            self._clock = FragmentClock(self, self._loop, self._options.fragment_timeout)
            self._clock.watch()

    def _take_controls(self) -> None:
        controls = self.parser.take_controls()
        if len(controls) > MOST_PONGS:
            controls = fewer_pings(controls)
        for opcode, payload in controls:
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

    # -- turns of the loop --------------------------------------------------------------------

    @cython.cfunc
    def _breathe(self) -> cython.int:
        """That is enough for one turn of the loop: others have theirs before this goes on."""
        if self._breather is None:
            self._breather = self._loop.call_soon(self._after_breath)
            self._gate.hold()
        return 0

    def _after_breath(self) -> None:
        self._breather = None
        if self._stopped:
            return
        queue: Queue = self.inbox
        queue.gathering = True
        try:
            self.pump()
        finally:
            queue.hand_over()
        self._read_on()

    def _read_on(self) -> None:
        """Read again, if nothing else is in the way."""
        if self.paused_since is None and self._breather is None and not self._stopped:
            self._gate.open()

    # -- room ---------------------------------------------------------------------------------

    def _pause(self) -> None:
        if self.paused_since is None:
            self.paused_since = self._loop.time()
            self._gate.hold()
            if self.liveness is not None:
                self.liveness.paused(self.paused_since)
            if self.on_pause is not None:
                self.on_pause()

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
        # Out of breath is not out of room.
        blocked = (self.parser.blocked and self._breather is None) or bool(self._unplaced)
        if self.paused_since is not None and not blocked and not self._stopped:
            now: float = self._loop.time()
            self.last_pause = (self.paused_since, now)
            self.paused_since = None
            # The rest of a fragmented message may have been in the socket all the time.
            if self._clock is not None:
                self._clock.begin(now)
            if self.liveness is not None:
                self.liveness.resumed(now)
            self._read_on()

    def stop(self) -> None:
        """Read no more, but see the end of TCP."""
        self._stopped = True
        if self._clock is not None:
            self._clock.stop()
        if self._breather is not None:
            self._breather.cancel()
            self._breather = None
        if self.inbox.on_room == self.offer_room:
            self.inbox.on_room = None
        self._gate.open()

    @property
    def partial(self) -> bool:
        """Whether a frame or a message is incomplete."""
        return self.parser.partial
