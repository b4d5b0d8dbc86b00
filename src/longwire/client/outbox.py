"""The bounded queue between the user's ``send`` and the link of the moment."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

from longwire.core.overflow import size_of
from longwire.errors import ClientClosed, LinkClosed, LongwireError, NotConnected, OutboxFull

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.core.overflow import Outbox as OutboxOptions
    from longwire.link.base import Data, Sendable
    from longwire.link.fragments import Fragmented


class Carrier(Protocol):
    """What the outbox needs of a link."""

    @property
    def writable(self) -> bool:
        """Whether it takes a message without growing its buffer further."""

    @property
    def overdue(self) -> bool:
        """Whether the loop has had to wait for our writing, and is to run first."""

    def post(self, data: Data) -> None:
        """Write a message without waiting; raises LinkClosed."""

    def begin_fragments(self) -> Fragmented:
        """A message to be sent in fragments."""

    @property
    def post_at_once(self) -> Callable[[Sendable], bool]:
        """Writes a message if that means no waiting; tells whether it did."""


class Entry:
    """A message that waits to be written, and whoever wants to know that it was."""

    __slots__ = ("confirm", "data", "size")

    def __init__(self, data: Data) -> None:
        self.data = data
        self.size = size_of(data)
        self.confirm: asyncio.Future[Any] | None = None

    def carry(self, link: Carrier) -> None:
        """It is its turn. Raises LinkClosed."""
        link.post(self.data)


class Turn(Entry):
    """The place in line of a message that is sent in fragments, as they come."""

    __slots__ = ("message",)

    def __init__(self) -> None:
        super().__init__(b"")
        self.message: Fragmented | None = None
        """The message, which has the link to itself, when it is its turn."""

    def carry(self, link: Carrier) -> None:
        """Keep other messages back from now on."""
        message = link.begin_fragments()
        message.hold()
        self.message = message


class Outbox:
    """Messages that were accepted and not yet written. Nothing accepted is lost without a word.

    ``put`` runs on the user's loop; ``attach``, ``detach`` and the writing run on the link's loop,
    which may be another thread's.

    Args:
        options: Limits and what happens while there is no link.
        user_loop: Where ``put`` is awaited.
        call_writer: Runs a function soon on the link's loop, from any thread.
        same_loop: The link's loop is the user's: what can go out goes out without a detour.
        where: The address, for errors.
    """

    def __init__(
        self,
        options: OutboxOptions,
        *,
        user_loop: asyncio.AbstractEventLoop,
        call_writer: Callable[[Callable[[], None]], None],
        same_loop: bool,
        where: str,
    ) -> None:
        self._options = options
        self._user_loop = user_loop
        self._call_writer = call_writer
        self._same_loop = same_loop
        self._where = where
        self._lock = threading.Lock()
        self._queue: deque[Entry] = deque()
        self._bytes = 0
        self._link: Carrier | None = None
        self._scheduled = False
        self._waiting = False
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._end: Callable[[], LongwireError] | None = None
        self.sent = 0
        """Messages handed to a link, ever."""

    # -- the user's side ----------------------------------------------------------------------

    def put_at_once(self, data: Sendable) -> bool:
        """Write a message if that can be done here and now; else it is for `put`.

        Raises:
            TypeError, MessageTooBig: as the link has it.
        """
        link = self._link
        if link is None or not self._same_loop or self._queue or self._end is not None:
            return False
        if not link.post_at_once(data):
            return False
        self.sent += 1
        return True

    def offer(self, data: Data) -> bool:
        """Accept a message if that means no waiting, from any thread; else it is for `put`.

        Raises:
            OutboxFull, LongwireError: as `put`.
        """
        return self._options.when_down != "fail" and self._queue_up(Entry(data))

    async def put(self, data: Data) -> None:
        """Accept a message for sending, by the policy. Cancelling while it waits sends nothing.

        Raises:
            NotConnected: there is no link and the policy is ``"fail"``.
            OutboxFull: there is no link, the policy is ``"keep"`` and there is no room.
            LongwireError: the client has ended; its error.
        """
        if self._same_loop and self._link is not None:
            if self._link.overdue:
                await asyncio.sleep(0)
            if self._queue:
                # Or, once something has had to wait, everything behind it would be queued, too.
                self.drain()
        if self.put_at_once(data):
            return
        entry = Entry(data)
        while not self._queue_up(entry):
            await self._wait(entry.size)
        if entry.confirm is not None:
            await self._confirmed(entry, entry.confirm)

    def _queue_up(self, entry: Entry) -> bool:
        """Accept a message if it may be now. Asked and done under one lock: links end elsewhere.

        A signal may raise behind any call: what has been accepted then is written in its turn.
        """
        try:
            with self._lock:
                if not self._accepts(entry.size):
                    return False
                if self._options.when_down == "fail" and entry.confirm is None:
                    entry.confirm = self._user_loop.create_future()
                schedule = not self._scheduled and self._link is not None
                self._scheduled = self._scheduled or schedule
                self._bytes += entry.size
                self._queue.append(entry)
            if schedule:
                self._call_writer(self.drain)
        except BaseException:
            # The next message asks for the writing of this one, too.
            self._scheduled = False
            raise
        return True

    async def turn(self) -> Fragmented:
        """Wait in line for a link to send a message in fragments on, by the policy as `put`.

        Where that is ``"keep"`` it waits, too: what is not there yet cannot be kept. Once it has a
        link, the message stays with it.
        """
        entry = Turn()
        entry.confirm = self._user_loop.create_future()
        while not self._queue_up(entry):
            await self._wait(entry.size)
        await self._confirmed(entry, entry.confirm)
        message: Fragmented = entry.confirm.result()
        return message

    async def finish(self, message: Fragmented) -> None:
        """Send the end of a message in fragments. Link's loop only."""
        await message.finish()
        self.sent += 1

    def _give_back(self, entry: Entry) -> None:
        """Whoever waited for a turn that was given has gone."""
        if isinstance(entry, Turn) and entry.message is not None:
            message = entry.message
            self._call_writer(lambda: message.give_up(asyncio.CancelledError()))

    async def _confirmed(self, entry: Entry, confirm: asyncio.Future[Any]) -> None:
        try:
            await confirm
        except asyncio.CancelledError:
            with self._lock:
                if entry in self._queue:
                    self._queue.remove(entry)
                    self._bytes -= entry.size
            if not confirm.cancelled():
                self._give_back(entry)
            self._wake_waiters()
            raise

    def _accepts(self, size: int) -> bool:
        """Whether a message may be queued now; raises where waiting would not be right."""
        if self._end is not None:
            raise self._end()
        room = not self._queue or (
            len(self._queue) < self._options.messages and self._bytes + size <= self._options.bytes
        )
        if self._link is not None:
            return room
        if self._options.when_down == "fail":
            raise NotConnected(
                "there is no link to send on",
                where=self._where,
                hint='client.wait_live() waits for one, or use Outbox(when_down="wait" or "keep")',
            )
        if self._options.when_down == "wait":
            return False
        if not room:
            raise OutboxFull(
                f"there is no link, and {len(self._queue)} messages wait for one already",
                where=self._where,
                hint="raise Outbox(messages=, bytes=), or use when_down='wait'",
            )
        return True

    async def _wait(self, size: int) -> None:
        waiter = self._user_loop.create_future()
        self._waiters.append(waiter)
        with self._lock:
            self._waiting = True
        try:
            # Asked again, now that whoever makes room will see that somebody waits.
            if not self._accepts(size):
                await waiter
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    def _wake(self) -> None:
        """Let every waiting ``put`` look again. User's loop only."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)

    def _call_user(self, function: Callable[[], None]) -> None:
        try:
            self._user_loop.call_soon_threadsafe(function)
        except RuntimeError:
            # The user's loop is closed: nobody waits any more.
            self._waiters.clear()

    def _wake_waiters(self) -> None:
        with self._lock:
            waiting = self._waiting
            self._waiting = False
        if waiting:
            self._call_user(self._wake)

    @property
    def queued(self) -> int:
        """Messages accepted and not yet handed to a link."""
        return len(self._queue)

    # -- the link's side ----------------------------------------------------------------------

    def attach(self, link: Carrier) -> None:
        """A link is open and its subscriptions are out: write to it."""
        with self._lock:
            self._link = link
        self.drain()
        self._wake_waiters()

    def detach(self) -> None:
        """There is no link: what waits, waits for the next; whoever wanted proof is told."""
        with self._lock:
            self._link = None
            self._scheduled = False
            unproved = list(self._queue) if self._options.when_down == "fail" else []
            if unproved:
                self._queue.clear()
                self._bytes = 0
        for entry in unproved:
            self._settle(
                entry, NotConnected("the link ended before the message went out", where=self._where)
            )
        self._wake_waiters()

    def drain(self) -> None:
        """Write what waits as far as the link takes it; called again when it takes more."""
        with self._lock:
            self._scheduled = False
        while True:
            with self._lock:
                link = self._link
                if link is None or not self._queue or not link.writable:
                    break
                # A peer may read as fast as we write: the other links have their turn first.
                self._scheduled = link.overdue
                if self._scheduled:
                    self._call_writer(self.drain)
                    break
                entry = self._queue.popleft()
                self._bytes -= entry.size
            self._write(link, entry)
        self._wake_waiters()

    def _write(self, link: Carrier, entry: Entry) -> None:
        try:
            entry.carry(link)
        except LinkClosed as error:
            if self._options.when_down == "fail":
                self._settle(entry, error)
                return
            # The link is ending: the message is the next link's first.
            with self._lock:
                self._queue.appendleft(entry)
                self._bytes += entry.size
                self._link = None
            return
        if not isinstance(entry, Turn):
            self.sent += 1
        if entry.confirm is not None:
            self._settle(entry, None)

    def _settle(self, entry: Entry, error: Exception | None) -> None:
        confirm = entry.confirm

        def tell() -> None:
            if confirm is None or confirm.done():
                self._give_back(entry)
            elif error is None:
                confirm.set_result(entry.message if isinstance(entry, Turn) else None)
            else:
                confirm.set_exception(error)

        self._call_user(tell)

    def refuse(self, error: Callable[[], LongwireError]) -> None:
        """The user wants the end: every waiting and later ``put`` raises. From any thread.

        What has been accepted still goes out.
        """
        with self._lock:
            if self._end is not None:
                return
            self._end = error
            self._waiting = False
        self._refuse_turns(error)
        self._call_user(self._wake)

    def _refuse_turns(self, error: Callable[[], LongwireError]) -> None:
        """Nothing of a message in fragments is accepted before it is its turn."""
        with self._lock:
            turns = [entry for entry in self._queue if isinstance(entry, Turn)]
            for entry in turns:
                self._queue.remove(entry)
        for entry in turns:
            self._settle(entry, error())

    def end(self, error: Callable[[], LongwireError]) -> int:
        """The client has ended: every waiting and later ``put`` raises.

        Returns:
            How many accepted messages were not sent, those whose ``put`` raises not counted.
        """
        with self._lock:
            self._end = error
            self._waiting = False
            unsent = sum(1 for entry in self._queue if entry.confirm is None)
        self._refuse_turns(error)
        self.detach()
        self._call_user(self._wake)
        return unsent


def closed_error(where: str) -> ClientClosed:
    """What a closed client answers."""
    return ClientClosed("the client was closed", where=where)
