"""The bounded queue between a link (or the links of a client) and the user's code.

Compiled in Cython's pure-Python mode; runs uncompiled too. One producer thread commits what one
read brought; one consumer loop takes it, whole or message by message. They may be two threads:
everything both touch is guarded by one lock, taken once per batch, never per message. Whoever holds
it finds every message in one place: it waits, or was handed over, or is counted as gone.

The queue holds messages (``str``, ``bytes``; with streaming a `Piece` each) and *marks*: any other
object, handed over in order to who asks for events and skipped for who asks for messages.

Its bounds: ``max_messages`` and ``max_bytes``. One larger message may wait alone, and the last one
may overshoot if it was compressed, since its size is known when it is inflated. What had arrived
when a link ended is taken beyond that, as much as one read buffer can bring (`READ_BUFFER` bytes,
frame headers included) and one message; over all links together, until the queue is back within
its limits. What has no place then either is dropped, counted, and told as a `Gap`.
"""

from __future__ import annotations

import asyncio
import threading
from asyncio import get_running_loop
from threading import get_ident
from time import monotonic
from typing import TYPE_CHECKING, Any

from longwire.core.overflow import Overshoot, size_of
from longwire.core.pieces import Piece
from longwire.core.sequence import Gap, overflow_gap
from longwire.link.flow import NOTHING
from longwire.link.lender import READ_BUFFER
from longwire.link.receive import Messages, Receive

if TYPE_CHECKING:
    from longwire.link import cython_shim as cython
else:
    try:
        import cython
    except ImportError:
        from longwire.link import cython_shim as cython

if cython.compiled:
    from cython.cimports.longwire.link.flow import Queue
    from cython.cimports.longwire.link.waiter import Waiter
else:
    from longwire.link.flow import Queue
    from longwire.link.waiter import Waiter

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_RUN = 0.005
"""Seconds a consumer may be served without a pause. A feed that is faster than its consumer would
otherwise keep the consumer's loop from everything else; it is CPython's own switch interval."""

MAX_MARKS = 512
"""Marks that may wait; a program that reads no events must not grow. The oldest go first, but those
that say how many messages were dropped: they become one."""


@cython.ccall
def is_mark(item: object) -> cython.bint:
    """Whether an item is neither a message nor a piece of one."""
    return type(item) is not str and type(item) is not bytes and type(item) is not Piece


def count_marks(items: list[Any]) -> int:
    """How many of the items are marks."""
    return sum(map(is_mark, items))


def is_loss(item: object) -> bool:
    """Whether a mark says that messages were dropped."""
    return isinstance(item, Gap) and item.kind == "overflow"


@cython.cclass
class Inbox(Queue):
    """A bounded queue with exact counts.

    Args:
        max_messages: Messages that may wait.
        max_bytes: Bytes of payload that may wait; one larger message may wait alone.
    """

    max_messages = cython.declare(cython.Py_ssize_t, visibility="readonly")
    max_bytes = cython.declare(cython.longlong, visibility="readonly")
    received = cython.declare(cython.longlong, visibility="public")
    """Messages accepted or dropped by policy, ever."""
    received_bytes = cython.declare(cython.longlong, visibility="public")
    dropped = cython.declare(cython.longlong, visibility="public")
    """Messages dropped by policy, or for want of any place when a link ended, ever."""
    stalled = cython.declare(cython.bint, visibility="readonly")
    """The producer waits for room."""
    on_room = cython.declare(object, visibility="public")
    """Called by the consumer, in its thread, when a stalled producer may go on."""
    on_asked = cython.declare(object, visibility="public")
    """Called by a consumer that the end is about to be told to; says for how many seconds it is to
    be held back before. See `longwire.observe.spin`."""
    vet = cython.declare(object, visibility="public")
    """Judges what is taken, on the consumer's side, or None; see `longwire.client.vetting`.

    ``admit(batch, marks, size)`` and, while it is ``ready``, ``release()`` give what may be handed
    over; while it is ``holding`` it wants nothing. ``settle()``, with the lock held, makes its
    counters and `held_messages` say what has become of the batch."""
    held_messages = cython.declare(cython.Py_ssize_t, visibility="public")
    """Messages that were taken and are being judged, or wait in line for a refill."""
    held_bytes = cython.declare(cython.longlong, visibility="public")
    pending_messages = cython.declare(cython.Py_ssize_t, visibility="public")
    pending_bytes = cython.declare(cython.longlong, visibility="public")
    pending_marks = cython.declare(cython.Py_ssize_t, visibility="public")
    current_bytes = cython.declare(cython.longlong, visibility="public")
    current_marks = cython.declare(cython.Py_ssize_t, visibility="public")
    on_fresh = cython.declare(object, visibility="public")
    """Called, in whichever thread, when there may be something for a consumer without a loop."""
    loaded_elsewhere = cython.declare(cython.bint, visibility="public")
    """Whoever takes finds only what `load` was called for: it is called in another thread."""
    on_near_limit = cython.declare(object, visibility="public")
    """Called by the producer, in its thread, at four fifths of either limit."""
    _warn_at: cython.Py_ssize_t
    _warn_at_bytes: cython.longlong
    _warned: cython.bint
    _suspended: cython.double
    _drain: cython.bint
    overshoot = cython.declare(object, visibility="readonly")
    """What the ends of links have put beyond the limits; guarded by the lock."""
    lock = cython.declare(object, visibility="readonly")
    """Held while `store`, `fetch` and `store_mark` run."""
    _pending: list[Any]
    _current: list[Any]
    _index: cython.Py_ssize_t
    _loop: Any
    _thread: cython.ulonglong
    _waiters: Any
    _last_waiter: Any
    _due: cython.bint
    _waiting: cython.bint

    def __init__(self, max_messages: int, max_bytes: int) -> None:
        self.max_messages = max_messages
        self.max_bytes = max_bytes
        self.received = 0
        self.received_bytes = 0
        self.dropped = 0
        self.stalled = False
        self.ended = False
        self.quiet = False
        self.error: Any = None
        self.on_room = None
        self.on_asked = None
        self.vet = None
        self.held_messages = 0
        self.held_bytes = 0
        self.on_fresh = None
        self.loaded_elsewhere = False
        self.on_near_limit = None
        self._warn_at = max(1, max_messages * 4 // 5)
        self._warn_at_bytes = max(1, max_bytes * 4 // 5)
        self._warned = False
        self.overdue = False
        self._suspended = 0.0
        self._drain = False
        self.overshoot = Overshoot(max_messages, max_bytes, READ_BUFFER)
        self.lock = threading.Lock()
        self.pending_messages = 0
        self.pending_bytes = 0
        self.pending_marks = 0
        self._pending = []
        self._current = []
        self._index = 0
        self.current_bytes = 0
        self.current_marks = 0
        self._loop = None
        self._thread = 0
        self._waiters = []
        self._last_waiter = None
        self.gathering = False
        self._due = False
        self._waiting = False

    # -- what both sides may ask --------------------------------------------------------------

    @cython.ccall
    def queued(self) -> cython.Py_ssize_t:
        """Messages that wait, marks not counted."""
        current: cython.Py_ssize_t = len(self._current) - self._index - self.current_marks
        return self.pending_messages + self.held_messages + current

    @cython.ccall
    def queued_bytes(self) -> cython.longlong:
        """Payload bytes that wait. What is being handed over one by one counts until its end."""
        waiting: cython.longlong = self.pending_bytes + self.held_bytes
        if len(self._current) - self._index > self.current_marks:
            return waiting + self.current_bytes
        return waiting

    def consumer(self) -> tuple[Any, int, float] | None:
        """The task that waited for a message last, the thread of its loop, and when that was.

        None: nobody has. The time is that of the monotonic clock.
        """
        waiter: Any = self._last_waiter
        task: Any = None if waiter is None else waiter.task()
        return None if task is None else (task, self._thread, self._suspended)

    # -- the producer -------------------------------------------------------------------------

    @cython.ccall
    def room(self) -> cython.Py_ssize_t:
        """How many more messages may be committed now."""
        room: cython.Py_ssize_t
        self.lock.acquire()
        room = self.max_messages - self.queued()
        self.lock.release()
        return room if room > 0 else 0

    @cython.ccall
    def room_bytes(self) -> cython.longlong:
        """How many more bytes may be committed now.

        Negative: nothing waits, so one message of any size may, or more of ``-room_bytes()`` bytes.
        """
        room: cython.longlong
        self.lock.acquire()
        room = self.max_bytes - self.queued_bytes()
        if self.queued() == 0:
            room = -self.max_bytes
        elif room < 0:
            room = 0
        self.lock.release()
        return room

    @cython.ccall
    def commit(self, fresh: list[Any], payload_bytes: cython.longlong) -> cython.Py_ssize_t:
        """Append the messages of one read. Returns how many were taken; the rest must wait."""
        taken: cython.Py_ssize_t
        if len(fresh) == 0:
            return 0
        self.lock.acquire()
        try:
            taken = self.store(fresh, payload_bytes)
            wake: cython.bint = self._waiting and self.pending_messages > 0
            if wake and self.vet is not None and self.vet.holding:
                # Nothing may be taken before the refill is over, and its end wakes.
                wake = False
            if wake:
                self._waiting = False
            queued: cython.Py_ssize_t = self.queued()
            queued_bytes: cython.longlong = self.queued_bytes()
        finally:
            self.lock.release()
        if wake:
            self._call_consumer()
        if queued >= self._warn_at or queued_bytes >= self._warn_at_bytes:
            self._warn()
        elif self._warned and queued * 2 < self.max_messages and queued_bytes * 2 < self.max_bytes:
            self._warned = False
        return taken

    @cython.ccall
    def store(self, fresh: list[Any], payload_bytes: cython.longlong) -> cython.Py_ssize_t:
        """Put messages behind what waits; the lock is held. A policy overrides this."""
        count: cython.Py_ssize_t = len(fresh)
        if self._pending:
            self._pending.extend(fresh)
        else:
            self._pending = fresh
        self.received += count
        self.received_bytes += payload_bytes
        self.pending_messages += count
        self.pending_bytes += payload_bytes
        return count

    @cython.ccall
    def fetch(self, one: cython.bint) -> list[Any]:
        """Take what waits and count it as current; the lock is held.

        A policy overrides this; asked for one, it may hand over one message only, so that the rest
        stays within its reach.
        """
        batch: list[Any] = self._pending
        self._pending = []
        self.current_bytes = self.pending_bytes
        self.current_marks = self.pending_marks
        self.pending_messages = 0
        self.pending_bytes = 0
        self.pending_marks = 0
        return batch

    def store_mark(self, mark: object) -> None:
        """Put a mark behind what waits; the lock is held."""
        self._pending.append(mark)
        self.pending_marks += 1
        if self.pending_marks > MAX_MARKS:
            self._forget_mark()

    def _forget_mark(self) -> None:
        """Let go of the oldest mark. Losses stay told: of two, the older tells of both."""
        loss: cython.Py_ssize_t = -1
        for position, item in enumerate(self._pending):
            if not is_mark(item):
                continue
            if is_loss(item):
                if loss < 0:
                    loss = position
                    continue
                self._pending[loss] = overflow_gap(self._pending[loss].count + item.count)
            del self._pending[position]
            self.pending_marks -= 1
            return

    def store_loss(self, count: int) -> None:
        """Tell behind what waits that messages are missing there; the lock is held."""
        if self._pending and is_loss(self._pending[-1]):
            self._pending[-1] = overflow_gap(self._pending[-1].count + count)
        else:
            self.store_mark(overflow_gap(count))

    def _warn(self) -> None:
        """Say once per filling that the limit is near: while reading is paused it is too late."""
        if not self._warned:
            self._warned = True
            if self.on_near_limit is not None:
                self.on_near_limit()

    def commit_over(self, fresh: list[Any], payload_bytes: int) -> int:
        """Append what had arrived when a link ended, also beyond the limits; see the module's text.

        Returns:
            How many messages had no place: they are dropped, counted, and told.
        """
        with self.lock:
            self.overshoot.look(self.queued(), self.queued_bytes())
            fitting: int = self.overshoot.fitting(
                fresh, payload_bytes, self.queued(), self.queued_bytes()
            )
        if fitting == len(fresh):
            self.commit(fresh, payload_bytes)
            return 0
        self.commit(fresh[:fitting], sum(map(size_of, fresh[:fitting])))
        self.lose(len(fresh) - fitting)
        return len(fresh) - fitting

    def lose(self, count: int) -> None:
        """Count messages that arrived and have no place, and tell it behind what waits."""
        waiting: cython.bint = False
        with self.lock:
            self.received += count
            self.dropped += count
            self.store_loss(count)
            waiting = self._waiting
            self._waiting = False
        if waiting:
            self._call_consumer()

    def stall(self, drained: bool = False) -> bool:
        """Say that the producer waits for room; False if there is room already.

        Args:
            drained: Wait until nothing is queued: the next message is larger than half the queue.
        """
        with self.lock:
            self._drain = drained
            self.stalled = not self._has_low_water()
            return self.stalled

    def mark(self, mark: object) -> None:
        """Append a mark behind everything committed so far."""
        waiting: cython.bint = False
        with self.lock:
            self.store_mark(mark)
            waiting = self._waiting
            self._waiting = False
        if waiting:
            self._call_consumer()

    def end(self, error: Callable[[], Exception], *, quiet: bool = False) -> None:
        """No more will come.

        Args:
            error: Makes what is raised after the last message.
            quiet: Iteration ends after the last message instead of raising.
        """
        with self.lock:
            if self.ended:
                return
            self.ended = True
            self.error = error
            self.quiet = quiet
            self._waiting = False
            self._last_waiter = None
        self._call_consumer()

    def _call_consumer(self) -> None:
        """Wake the consumer, from whichever thread this is; at most once per batch."""
        if self.on_fresh is not None:
            self.on_fresh()
            return
        loop = self._loop
        if loop is None:
            return
        if get_ident() == self._thread:
            if self.gathering:
                self._due = True
            else:
                self.wake()
            return
        try:
            loop.call_soon_threadsafe(self.wake)
        except RuntimeError:
            # The consumer's loop is closed: nobody is left to be woken.
            self._waiters.clear()

    @cython.ccall
    def hand_over(self) -> cython.void:
        """Let the consumer go on at once with what was committed while `gathering` was set.

        The last thing that the producer does in a callback of the loop.
        """
        self.gathering = False
        if self._due:
            self._due = False
            self.wake(True)

    # -- the consumer -------------------------------------------------------------------------
    #
    # A consumer without a loop may be the main thread, where a signal raises behind any call and at
    # the entry of any function. Wherever it does, an item waits still, or has been handed over.

    @cython.ccall
    def pop(self, marks: cython.bint = False) -> object:
        """The next item without waiting, or `NOTHING`. Marks are left out unless asked for."""
        item: object
        while True:
            if self._index < len(self._current):
                item = self._current[self._index]
                if self.current_marks and is_mark(item):
                    self._pass_mark()
                    if not marks:
                        continue
                    return item
                self._index += 1
                if self.stalled:
                    try:
                        # The lock is taken once per stall, not for each message until then.
                        if self._has_low_water():
                            self._offer_room()
                    except BaseException:
                        self._index -= 1
                        raise
                self._current[self._index - 1] = None
                return item
            if not self._load(True):
                return NOTHING

    @cython.cfunc
    def _pass_mark(self) -> cython.int:
        at: cython.Py_ssize_t = self._index
        try:
            # Together: who looks in between would find a message too many or too few.
            with self.lock:
                self.current_marks -= 1
                self._index = at + 1
        except BaseException:
            self.current_marks += self._index - at
            self._index = at
            raise
        return 0

    @cython.ccall
    def take(self, marks: cython.bint = False) -> list[Any] | None:
        """Everything that waits, or None. Marks are left out unless asked for."""
        batch: list[Any]
        while self._index < len(self._current) or self._load(False):
            current: list[Any] = self._current
            index: cython.Py_ssize_t = self._index
            had_marks: cython.Py_ssize_t = self.current_marks
            try:
                with self.lock:
                    self._current = []
                    self._index = 0
                    self.current_marks = 0
                if self.stalled:
                    self._offer_room()
                batch = current[index:] if index else current
                if had_marks and not marks:
                    batch = [item for item in batch if not is_mark(item)]
            except BaseException:
                self._current = current
                self._index = index
                self.current_marks = had_marks
                raise
            if batch:
                return batch
        return None

    @cython.cfunc
    def _load(self, one: cython.bint) -> cython.bint:
        return False if self.loaded_elsewhere else self.load(one)

    @cython.ccall
    def load(self, one: cython.bint) -> cython.bint:
        """Make what was committed current; False if there is nothing."""
        if self.vet is not None:
            return self._load_vetted(one)
        with self.lock:
            self._current = self.fetch(one)
            self._index = 0
        self._note_run()
        return len(self._current) > 0

    @cython.cfunc
    def _load_vetted(self, one: cython.bint) -> cython.bint:
        """The same, past who judges it; what stands in line there goes first."""
        if self.vet.holding:
            return False
        if self.vet.ready:
            self._hand_on([], 0, self.vet.release())
        else:
            self._judge(one)
        self._note_run()
        return len(self._current) > 0

    @cython.cfunc
    def _note_run(self) -> cython.int:
        # Who finds nothing is about to wait, and its loop to run.
        if len(self._current) > 0 and monotonic() - self._suspended >= LONGEST_RUN:
            self.overdue = True
        if self.stalled:
            self._offer_room()
        return 0

    @cython.cfunc
    def _judge(self, one: cython.bint) -> cython.int:
        """Take what was committed and have it judged, not under the lock: the user's code does it.

        All the while it counts as held.
        """
        batch: list[Any]
        marks: cython.Py_ssize_t
        size: cython.longlong
        self.lock.acquire()
        try:
            batch = self.fetch(one)
            marks = self.current_marks
            size = self.current_bytes
            self._current = []
            self._index = 0
            self.current_marks = 0
            self.current_bytes = 0
            self.held_messages = len(batch) - marks
            self.held_bytes = size
        finally:
            self.lock.release()
        if len(batch) == 0:
            return 0
        try:
            admitted: list[Any] = self.vet.admit(batch, marks > 0, size)
        except BaseException:
            # The user's function was interrupted: what nobody has judged is not lost.
            self._hand_on(batch, marks, batch)
            raise
        self._hand_on(batch, marks, admitted)
        return 0

    @cython.cfunc
    def _hand_on(
        self, batch: list[Any], marks: cython.Py_ssize_t, admitted: list[Any]
    ) -> cython.int:
        """Make what was admitted current, in one step with the counters of who judged it."""
        if admitted is not batch:
            marks = count_marks(admitted)
        self.lock.acquire()
        try:
            self._current = admitted
            self._index = 0
            self.current_marks = marks
            self.current_bytes = self.vet.settle()
        finally:
            self.lock.release()
        return 0

    @cython.cfunc
    def _has_low_water(self) -> cython.bint:
        waiting: cython.Py_ssize_t = self.queued()
        if waiting == 0 or self._drain:
            return waiting == 0
        return waiting * 2 <= self.max_messages and self.queued_bytes() * 2 <= self.max_bytes

    def _offer_room(self) -> None:
        try:
            with self.lock:
                if not self.stalled or not self._has_low_water():
                    return
                self.stalled = False
            # The producer's thread may take it away at any moment.
            on_room = self.on_room
            if on_room is not None:
                on_room()
        except BaseException:
            # Offered again with the next message: twice does no harm, not at all would.
            self.stalled = True
            raise

    @cython.ccall
    def finished(self) -> cython.bint:
        """Whether everything has been handed over and no more will come."""
        if not self.ended:
            return False
        with self.lock:
            return (
                not self.pending_messages
                and not self.pending_marks
                and self._index >= len(self._current)
                and not (self.vet is not None and (self.vet.holding or self.vet.ready))
            )

    @cython.ccall
    def breathe(self) -> cython.void:
        """The consumer lets its loop run."""
        self.overdue = False
        self._suspended = monotonic()

    @cython.ccall
    def expect(self) -> cython.bint:
        """Have the consumer told when something comes; False if there may be something already."""
        due: cython.bint = False
        with self.lock:
            due = self.pending_messages > 0 or self.pending_marks > 0 or self.ended
            if self.vet is not None:
                due = (due or self.vet.ready) and not self.vet.holding
            if not due:
                self._waiting = True
        return not due

    @cython.ccall
    def add_waiter(self) -> object:
        """What to wait on until there may be something; None if there may be already."""
        loop: Any = get_running_loop()
        if self._loop is not loop:
            with self.lock:
                self._loop = loop
                self._thread = get_ident()
        if not self.expect():
            return None
        self.breathe()
        waiter: Waiter = Waiter(loop)
        self._last_waiter = waiter
        self._waiters.append(waiter)
        return waiter

    @cython.ccall
    def hold_back(self) -> object:
        """What to wait on before the end is told yet again, to who asks too often; or None.

        Nothing suspends who is told the end: a program that swallows it would stop its loop.
        """
        pause: float = 0.0 if self.on_asked is None else self.on_asked()
        if pause == 0.0:
            return None
        waiter: Waiter = Waiter(get_running_loop())
        waiter.resume_in(pause)
        return waiter

    @cython.ccall
    def drop_waiter(self, waiter: object) -> cython.void:
        """A waiter was cancelled: pass its turn on if it had been given one."""
        if waiter in self._waiters:
            self._waiters.remove(waiter)
        elif self._waiters:
            self.wake()

    @cython.ccall
    def pass_on(self) -> cython.void:
        """A receiver was served: if there is more, it is the next one's turn."""
        if self._waiters and (
            self.queued() or self.pending_marks or self.current_marks or self.ended
        ):
            self.wake()

    @cython.ccall
    def wake(self, at_once: cython.bint = False) -> cython.void:
        """Give the longest waiter its turn; all of them when it is over. Consumer's thread only.

        Args:
            at_once: As `Waiter.wake` has it.
        """
        if self.on_fresh is not None:
            self.on_fresh()
            return
        if self.ended:
            # Those that wait now: one that is resumed at once may wait again, for a refill.
            everyone: Any = self._waiters
            self._waiters = []
            for waiter in everyone:
                waiter.wake(at_once)
            return
        while self._waiters:
            first: Waiter = self._waiters.pop(0)
            if first.done():
                continue
            if self._waiters:
                with self.lock:
                    self._waiting = True
            first.wake(at_once)
            return

    def receive(self) -> Receive:
        """An awaitable for the next message; raises the end's error when there are no more."""
        return Receive(self, False, False, False)

    async def receive_within(self, timeout: float) -> Any:
        """The next message; TimeoutError if none comes in time. 0 takes what is there."""
        if self.overdue:
            self.breathe()
            await asyncio.sleep(0)
        item = self.pop()
        if item is not NOTHING:
            return item
        async with asyncio.timeout(timeout):
            return await self.receive()

    def messages(self, marks: bool = False) -> Messages:
        """Iterate over messages, with the marks between them if asked."""
        return Messages(self, False, marks)

    def batches(self, marks: bool = False) -> Messages:
        """Iterate over batches of messages, with the marks between them if asked."""
        return Messages(self, True, marks)
