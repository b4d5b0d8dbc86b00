"""Writing on one transport: joined, bounded, never stuck.

Compiled in Cython's pure-Python mode; runs uncompiled too.
"""

from __future__ import annotations

import asyncio
import functools
from time import monotonic
from typing import TYPE_CHECKING

from longwire.link.framing import NO_LIMIT
from longwire.link.kernel import way_out
from longwire.link.transport import ended_by_peer

if TYPE_CHECKING:
    from longwire.link import cython_shim as cython
else:
    try:
        import cython
    except ImportError:
        from longwire.link import cython_shim as cython

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.link.base import Sendable
    from longwire.link.encoder import Encoder

JOIN_LIMIT = 65_536
"""Bytes joined within one turn of the loop before they are written without waiting for its end."""


LONGEST_RUN = 0.005
"""Seconds a sender may go on without a pause, as in `longwire.link.inbox`. A peer that reads as
fast as we write would otherwise keep the sender's loop from everything else."""

LOOKS = 4
"""How often progress is looked for within the time limit for it."""

LOOK_AFTER = 32
"""Frames joined within one turn between two looks at the clock, which costs as much as a frame."""


@cython.cclass
class Writer:
    """The writing half of one link.

    The first write of a turn of the loop goes out at once; the rest of the turn follows in one
    system call at its end. ``ready`` is awaited before a write that may wait.

    Args:
        loop: The loop of the transport.
        encoder: Makes frames of messages.
        high: Bytes of unwritten data above which `ready` waits.
        timeout: Seconds without progress while waiting before ``on_stuck`` is called; None: never.
        on_stuck: Called once when the peer has read nothing for ``timeout`` seconds.
        look_after: Frames between two looks at the clock; 1 where each takes long to make.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        encoder: Encoder,
        *,
        high: int,
        timeout: float | None,
        on_stuck: Callable[[], None],
        look_after: int = LOOK_AFTER,
    ) -> None:
        self._loop = loop
        self._encoder = encoder
        self._high = min(high, NO_LIMIT)
        self._timeout = timeout
        self._on_stuck = on_stuck
        self._transport: asyncio.Transport | None = None
        self._joined: list[bytes] = []
        self._joined_bytes = 0
        self._turn: asyncio.Handle | None = None
        self._waiters: list[asyncio.Future[None]] = []
        self._holder: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._gone = 0
        self._moved = 0.0
        self._recheck: asyncio.Handle | None = None
        self._base: int | None = None
        self.look_after = look_after
        self._since_look = 0
        self._run_began: float | None = None
        self._peer_ended: Callable[[], bool] | None = None
        self.paused = False
        self.overdue = False
        """Frames have been written for so long within one turn that the rest of the loop waits."""
        self.held = False
        """A message goes out in fragments: no other may come between them."""
        self.deaf = False
        """The peer has ended the connection: what was written last, and what follows, is dropped.
        The end itself is told by reading."""
        self.shut = False
        """Our close frame is out, or the link has ended: nothing more is written."""
        self.messages = 0
        """Messages written, ever."""
        self.bytes_sent = 0

    def start(self, transport: asyncio.Transport) -> None:
        """Begin to write on a transport that is open."""
        self._transport = transport
        self._peer_ended = ended_by_peer(transport)
        view = way_out(transport)
        if view is not None:
            # What was written before: the opening, and with TLS its handshake.
            self._base = view.acknowledged + view.waiting + transport.get_write_buffer_size()
        transport.set_write_buffer_limits(high=self._high)

    @cython.ccall
    def post(self, data: Sendable) -> cython.bint:
        """Write a message without waiting; False if nothing more is written.

        Raises:
            TypeError, MessageTooBig: as `Encoder.frame`.
        """
        if self.shut or self.deaf or not self.write(self._encoder.frame(data)):
            return False
        self.messages += 1
        return True

    @cython.ccall
    def post_at_once(self, data: Sendable) -> cython.bint:
        """The same, and nothing but False where `ready` would wait."""
        if self.paused or self.overdue or self.held:
            return False
        return self.post(data)

    def write_last(self, frame: bytes) -> None:
        """Write a close frame: nothing may follow it (RFC 6455, 5.5.1)."""
        self.write(frame)
        self.flush()
        self.shut = True

    @cython.ccall
    def write(self, frame: bytes) -> cython.bint:
        """Write one frame, in order with all others; never waits. False if it is dropped."""
        transport = self._transport
        if transport is None or self.shut:
            return False
        self.bytes_sent += len(frame)
        if self._turn is None:
            # First of all: whatever comes after it, the peer works at the same time.
            self._hand_over(transport, frame)
            self._turn = self._loop.call_soon(self._end_turn)
            return not self.deaf
        self._joined.append(frame)
        self._joined_bytes += len(frame)
        self._since_look += 1
        if self._joined_bytes >= JOIN_LIMIT:
            self.flush()
            self._look()
        elif self._since_look >= self.look_after:
            self._look()
        return not self.deaf

    def _look(self) -> None:
        """See how long this turn lasts already."""
        self._since_look = 0
        now = monotonic()
        if self._run_began is None:
            self._run_began = now
        elif now - self._run_began >= LONGEST_RUN:
            self.overdue = True

    def _end_turn(self) -> None:
        self._turn = None
        self._since_look = 0
        self._run_began = None
        self.overdue = False
        self.flush()

    def flush(self) -> None:
        """Hand what was joined to the transport."""
        if not self._joined:
            return
        joined = self._joined
        self._joined = []
        self._joined_bytes = 0
        if self._transport is not None:
            self._hand_over(self._transport, joined[0] if len(joined) == 1 else b"".join(joined))

    @cython.cfunc
    def _hand_over(self, transport: asyncio.Transport, data: bytes) -> cython.void:
        if self._peer_ended is not None and (self.deaf or self._peer_ended()):
            self.deaf = True
        else:
            transport.write(data)

    @property
    def buffered(self) -> int:
        """Bytes accepted that the operating system has not taken yet."""
        if self._transport is None:
            return 0
        return self._transport.get_write_buffer_size() + self._joined_bytes

    def progress(self) -> tuple[int, int]:
        """How many bytes were to leave so far, and how many of them have left.

        Left means acknowledged by the peer's system where ours tells it: megabytes may wait in
        between, in the kernel, and with TLS in the engine. Elsewhere it means taken by our system.
        """
        buffered = self.buffered
        view = None if self._transport is None else way_out(self._transport)
        if view is None or self._base is None:
            return self.bytes_sent, self.bytes_sent - buffered
        acknowledged = view.acknowledged - self._base
        return max(self.bytes_sent, acknowledged + view.waiting + buffered), acknowledged

    async def ready(self) -> None:
        """Wait until there is room, and for the loop if it has had to wait for us.

        Cancelling leaves nothing behind.
        """
        if self.overdue:
            await asyncio.sleep(0)
        queue = self._waiters.append
        while self.paused or self.held:
            waiter = self._loop.create_future()
            queue(waiter)
            # Woken, and the buffer is full again: it keeps its place at the head.
            queue = functools.partial(self._waiters.insert, 0)
            try:
                await waiter
            finally:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
                elif waiter.cancelled() or not (self.paused or self.held):
                    self._wake_next()

    def hold(self) -> bool:
        """Keep every other message back until `release`; False if nothing more is written."""
        self.held = not self.shut and not self.deaf
        return self.held

    async def ready_within(self) -> None:
        """As `ready`, for who holds it."""
        if self.overdue:
            await asyncio.sleep(0)
        while self.paused:
            self._holder = self._loop.create_future()
            try:
                await self._holder
            finally:
                self._holder = None

    def release(self, sent: bool) -> None:
        """The message that held it is over; whether it was sent to its end."""
        self.held = False
        self.messages += sent
        self._wake_next()

    def _wake_holder(self) -> None:
        if self._holder is not None and not self._holder.done():
            self._holder.set_result(None)

    def pause(self) -> None:
        """The transport's buffer is above its high mark."""
        self.paused = True
        if self._timeout is not None and self._timer is None and self._recheck is None:
            self._gone = self.progress()[1]
            self._moved = self._loop.time()
            self._arm(self._timeout)

    def resume(self) -> None:
        """The transport's buffer is below its low mark."""
        self.paused = False
        self._stop_timer()
        self._wake_holder()
        self._wake_next()

    def _wake_next(self) -> None:
        # One at a time: each writes one message and wakes the next unless the buffer is full again.
        while self._waiters and not self.paused and not self.held:
            waiter = self._waiters.pop(0)
            if not waiter.done():
                waiter.set_result(None)
                return

    def _arm(self, timeout: float) -> None:
        due = min(self._loop.time() + timeout / LOOKS, self._moved + timeout)
        self._timer = self._loop.call_at(due, self._check_progress, timeout)

    def _check_progress(self, timeout: float) -> None:
        self._timer = None
        if self._goes_on(timeout):
            self._arm(timeout)
        else:
            # We may be late ourselves, and the peer not. Two turns: the second begins after the
            # loop has polled its sockets once, so that the transport could write on.
            self._recheck = self._loop.call_soon(self._after_poll, timeout)

    def _after_poll(self, timeout: float) -> None:
        self._recheck = self._loop.call_soon(self._judge_again, timeout)

    def _judge_again(self, timeout: float) -> None:
        self._recheck = None
        if self._goes_on(timeout):
            self._arm(timeout)
        else:
            self._on_stuck()

    def _goes_on(self, timeout: float) -> bool:
        """Whether the peer has still time. It begins anew with every byte that leaves."""
        now = self._loop.time()
        # Not the bytes left: heartbeats add to them.
        gone = self.progress()[1]
        if gone > self._gone:
            self._gone = gone
            self._moved = now
        return now < self._moved + timeout

    def _stop_timer(self) -> None:
        for handle in (self._timer, self._recheck):
            if handle is not None:
                handle.cancel()
        self._timer = self._recheck = None

    def stop(self) -> None:
        """Write no more; wake everyone who waits, so that they see the end."""
        self._joined = []
        self._transport = None
        self.shut = True
        self.paused = self.overdue = self.held = False
        self._wake_holder()
        self._stop_timer()
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        while self._waiters:
            waiter = self._waiters.pop(0)
            if not waiter.done():
                waiter.set_result(None)
