"""The inbox of a client whose ``when_full`` is not ``"wait"``."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any

from longwire.core.overflow import size_of
from longwire.core.sequence import overflow_gap
from longwire.errors import InboxFull
from longwire.link.framing import NO_LIMIT
from longwire.link.inbox import MAX_MARKS, Inbox
from longwire.link.lender import READ_BUFFER
from longwire.link.stream import StreamInbox

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from longwire.core.overflow import Inbox as InboxOptions


FORGET_KEYS_AT = 64
"""Keys kept beyond twice the entries before those whose message is gone are forgotten."""

KEYS_AT_ONCE = 64
"""Messages whose keys are asked for before they are placed. What must wait is asked for again."""


def make_inbox(
    options: InboxOptions,
    *,
    on_trouble: Callable[[str], None] | None = None,
    where: str = "",
    stream: bool = False,
) -> Inbox:
    """The inbox that the options ask for: the fast one, unless a policy must reach into it."""
    if stream:
        return StreamInbox(options.messages, options.bytes, where=where)
    if options.when_full == "wait":
        return Inbox(options.messages, options.bytes)
    return PolicyInbox(options, on_trouble=on_trouble, where=where)


class PolicyInbox(Inbox):
    """An inbox that drops, conflates or fails when it is full, and says how much, and where.

    One message at a time is handed over under the lock, so that the policy can reach all the rest.

    Args:
        options: Limits and policy.
        on_trouble: Called once with a text, in the producer's thread, when `Inbox.key` failed.
        where: The client's address, for the error of ``"fail"``.
    """

    def __init__(
        self,
        options: InboxOptions,
        *,
        on_trouble: Callable[[str], None] | None = None,
        where: str = "",
    ) -> None:
        super().__init__(options.messages, options.bytes)
        self.on_trouble = on_trouble
        self._where = where
        self._policy = options.when_full
        self._key: Callable[[Any], Hashable] | None = options.key
        # Messages and marks under rising numbers, and the numbers of each kind.
        self._entries: OrderedDict[int, Any] = OrderedDict()
        self._messages: deque[int] = deque()
        self._marks: deque[int] = deque()
        self._next = 0
        # How many were lost in front of which entry; the next number is that of what is to come.
        self._lost: dict[int, int] = {}
        self._by_key: dict[Hashable, int] = {}
        self._fresh_keys: list[Hashable] = []
        self._refused = False
        self._overflowed = False
        # The link has ended: what would wait in front of the queue has no place there any more.
        self._ending = False
        self._homeless = 0

    # -- the producer -------------------------------------------------------------------------

    def room(self) -> int:
        """A policy takes whatever comes."""
        return NO_LIMIT

    def room_bytes(self) -> int:
        """A policy takes whatever comes, but what is inflated only a read's worth at a time."""
        return -READ_BUFFER

    def commit(self, fresh: list[Any], payload_bytes: int) -> int:
        """Take messages by the policy. ``"fail"`` ends the inbox behind those that fitted."""
        if self._key is None:
            taken = super().commit(fresh, payload_bytes)
        else:
            taken = self._commit_with_keys(fresh, self._key)
        self._refused = taken < len(fresh)
        if self._overflowed and not self.ended:
            self.end(self._full)
        return taken

    def _commit_with_keys(self, fresh: list[Any], key: Callable[[Any], Hashable]) -> int:
        """The user's function is not called under the lock: it may ask for numbers itself."""
        for start in range(0, len(fresh), KEYS_AT_ONCE):
            some = fresh[start : start + KEYS_AT_ONCE]
            self._fresh_keys = [self._key_of(message, key) for message in some]
            taken = super().commit(some, 0)
            if taken < len(some):
                return start + taken
        return len(fresh)

    def _key_of(self, message: Any, key: Callable[[Any], Hashable]) -> Hashable:
        """The user's key of a message, or one that no other has where the function fails."""
        try:
            given = key(message)
            hash(given)
        except Exception as error:  # noqa: BLE001 - typed outcome: the message is told apart; an alert
            if self.on_trouble is not None:
                tell, self.on_trouble = self.on_trouble, None
                # Only the type: the text may quote the message.
                failed = type(error).__name__
                tell(f"Inbox.key failed on a message, which replaces no other: {failed}")
            return object()
        return given

    def commit_over(self, fresh: list[Any], payload_bytes: int) -> int:
        """Take what had arrived when a link ended. What must wait is put beyond the limits."""
        with self.lock:
            self.overshoot.look(self.queued(), self.queued_bytes())
        self._ending = True
        self._homeless = 0
        try:
            self.commit(fresh, payload_bytes)
        finally:
            self._ending = False
        return self._homeless

    def stall(self, drained: bool = False) -> bool:  # noqa: FBT001, FBT002 - as in the compiled base
        """Wait if a message was refused; until nothing waits, since it may fit nowhere else."""
        return self._refused and super().stall(drained=True)

    def _full(self) -> InboxFull:
        return InboxFull(
            f"the inbox is full: {self.max_messages} messages or {self.max_bytes} bytes wait",
            where=self._where,
            hint="read faster, raise Inbox(messages=, bytes=), or choose another when_full",
        )

    # -- the policy; the lock is held ---------------------------------------------------------

    def store(self, fresh: list[Any], payload_bytes: int) -> int:
        """Take messages by the policy."""
        for position, message in enumerate(fresh):
            size = size_of(message)
            key = self._fresh_keys[position] if self._fresh_keys else None
            if not (self._place(message, size, key) or self._place_at_the_end(message, size, key)):
                return position
            self.received += 1
            self.received_bytes += size
        return len(fresh)

    def _place(self, message: Any, size: int, key: Hashable) -> bool:
        """False if this message must wait."""
        if self._fits(size):
            self._append(message, size, key)
            return True
        if self._policy == "drop-newest":
            self._drop_here()
        elif self._policy == "drop-oldest":
            while not self._fits(size) and self._messages:
                self._drop_oldest()
            self._append(message, size, key)
        elif self._policy == "conflate":
            return self._conflate(message, size, key)
        else:
            self._overflowed = True
            return False
        return True

    def _place_at_the_end(self, message: Any, size: int, key: Hashable) -> bool:
        if not self._ending or self._policy == "fail":
            return False
        if self.overshoot.takes(size):
            self._append(message, size, key)
        else:
            self._drop_here()
            self._homeless += 1
        return True

    def _fits(self, size: int) -> bool:
        # What is in line for a refill is out of the policy's reach, and takes its room.
        waiting = self.pending_messages + self.held_messages
        if waiting == 0:
            return True
        return (
            waiting < self.max_messages
            and self.pending_bytes + self.held_bytes + size <= self.max_bytes
        )

    def _append(self, message: Any, size: int, key: Hashable) -> None:
        number = self._next
        self._next += 1
        self._entries[number] = message
        self._messages.append(number)
        self.pending_messages += 1
        self.pending_bytes += size
        if self._key is not None:
            self._by_key[key] = number
            if len(self._by_key) > 2 * len(self._entries) + FORGET_KEYS_AT:
                self._by_key = {
                    key: number for key, number in self._by_key.items() if number in self._entries
                }

    def _drop_oldest(self) -> None:
        number = self._messages.popleft()
        message = self._entries.pop(number)
        self.pending_messages -= 1
        self.pending_bytes -= size_of(message)
        self.dropped += 1
        self._move_loss(number)
        self._lose(self._behind(number), 1)

    def _conflate(self, message: Any, size: int, key: Hashable) -> bool:
        number = self._by_key.get(key)
        if number is None or number not in self._entries:
            return False
        growth = size - size_of(self._entries[number])
        alone = self.pending_messages + self.held_messages == 1
        if not alone and self.pending_bytes + self.held_bytes + growth > self.max_bytes:
            return False
        self.pending_bytes += growth
        self._entries[number] = message
        self.dropped += 1
        self._lose(number, 1)
        return True

    def _drop_here(self) -> None:
        self.dropped += 1
        self.store_loss(1)

    def store_loss(self, count: int) -> None:
        """Tell behind what waits that messages are missing there."""
        self._lose(self._next, count)

    # -- losses and marks; the lock is held ---------------------------------------------------

    def _behind(self, number: int) -> int:
        """The number of the entry behind a place."""
        number = max(number + 1, next(iter(self._entries), self._next))
        while number < self._next and number not in self._entries:
            number += 1
        return number

    def _lose(self, place: int, count: int) -> None:
        if place not in self._lost and self.pending_marks >= MAX_MARKS - 1:
            # Without a mark to give way it is told in front of everything, for want of a place.
            place = self._behind(place - 1) if self._drop_mark() else self._behind(-1)
        if place not in self._lost:
            self._lost[place] = 0
            self.pending_marks += 1
        self._lost[place] += count

    def store_mark(self, mark: object) -> None:
        """Put a mark behind what waits."""
        if self.pending_marks >= MAX_MARKS - 1:
            self._drop_mark()
        self._entries[self._next] = mark
        self._marks.append(self._next)
        self._next += 1
        self.pending_marks += 1

    def _drop_mark(self) -> bool:
        """Let go of the oldest mark, if there is one. Losses stay told."""
        if not self._marks:
            return False
        number = self._marks.popleft()
        del self._entries[number]
        self.pending_marks -= 1
        self._move_loss(number)
        return True

    def _move_loss(self, number: int) -> None:
        """An entry is gone: what is missing in front of it is missing in front of the next."""
        if number in self._lost:
            self.pending_marks -= 1
            self._lose(self._behind(number), self._lost.pop(number))

    # -- the consumer -------------------------------------------------------------------------

    def fetch(self, one: bool) -> list[Any]:  # noqa: FBT001 - as in the compiled base
        """Take what waits, or the next message and what is in front of it; the lock is held."""
        batch: list[Any] = []
        size = 0
        marks = 0
        while self._entries or self._next in self._lost:
            number = next(iter(self._entries), self._next)
            if number in self._lost:
                batch.append(overflow_gap(self._lost.pop(number)))
                marks += 1
                continue
            item = self._entries.pop(number)
            batch.append(item)
            if isinstance(item, str | bytes):
                self._messages.popleft()
                self.pending_messages -= 1
                size += size_of(item)
                if one:
                    break
            else:
                self._marks.popleft()
                marks += 1
        self.pending_bytes -= size
        self.pending_marks -= marks
        if not self._entries:
            self._by_key.clear()
        self.current_bytes = size
        self.current_marks = marks
        return batch
