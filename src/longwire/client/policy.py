"""The inbox of a client whose ``when_full`` is not ``"wait"``."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from longwire.core.overflow import size_of
from longwire.core.sequence import Gap
from longwire.errors import InboxFull
from longwire.link.inbox import MAX_MARKS, Inbox
from longwire.link.parser import NO_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from longwire.core.overflow import Inbox as InboxOptions


FORGET_KEYS_AT = 64
"""Keys kept beyond twice the entries before those whose message is gone are forgotten."""


def make_inbox(options: InboxOptions, *, on_trouble: Callable[[str], None] | None = None) -> Inbox:
    """The inbox that the options ask for: the fast one, unless a policy must reach into it."""
    if options.when_full == "wait":
        return Inbox(options.messages, options.bytes)
    return PolicyInbox(options, on_trouble=on_trouble)


class Lost:
    """A mark that grows while messages are lost at its place; handed over as a `Gap`."""

    def __init__(self) -> None:
        self.count = 0


class PolicyInbox(Inbox):
    """An inbox that drops, conflates or fails when it is full, and says how much.

    One message at a time is handed over under the lock, so that the policy can reach all the rest.

    Args:
        options: Limits and policy.
        on_trouble: Called once with a text, in the producer's thread, when `Inbox.key` failed.
    """

    def __init__(
        self, options: InboxOptions, *, on_trouble: Callable[[str], None] | None = None
    ) -> None:
        super().__init__(options.messages, options.bytes)
        self.on_trouble = on_trouble
        self._trouble = ""
        self._policy = options.when_full
        self._key: Callable[[Any], Hashable] | None = options.key
        self._entries: OrderedDict[int, Any] = OrderedDict()
        self._by_key: dict[Hashable, int] = {}
        self._next = 0
        self._lost_in_front = 0
        self._overflowed = False

    def room(self) -> int:
        """A policy takes whatever comes."""
        return NO_LIMIT

    def room_bytes(self) -> int:
        """A policy takes whatever comes."""
        return NO_LIMIT

    def store(self, fresh: list[Any], payload_bytes: int) -> int:
        """Take messages by the policy; the lock is held."""
        for position, message in enumerate(fresh):
            size = size_of(message)
            if not self._place(message, size):
                return position
            self.received += 1
            self.received_bytes += size
        return len(fresh)

    def commit(self, fresh: list[Any], payload_bytes: int) -> int:
        """Take messages by the policy. ``"fail"`` ends the inbox behind those that fitted."""
        taken = super().commit(fresh, payload_bytes)
        if self._overflowed and not self.ended:
            self.end(self._full)
        if self._trouble and self.on_trouble is not None:
            # Not under the lock: whoever is told may ask for numbers.
            tell, self.on_trouble = self.on_trouble, None
            tell(self._trouble)
        return taken

    def stall(self, drained: bool = False) -> bool:  # noqa: FBT001, FBT002 - as in the compiled base
        """Wait for room; until nothing waits, since what has no place may fit nowhere else."""
        return super().stall(drained=True)

    def _full(self) -> InboxFull:
        return InboxFull(
            f"the inbox is full: {self.max_messages} messages or {self.max_bytes} bytes wait",
            hint="read faster, raise Inbox(messages=, bytes=), or choose another when_full",
        )

    def commit_over(self, fresh: list[Any], payload_bytes: int) -> None:
        """Append what had arrived when a link ended; conflation may overshoot by one read."""
        taken = self.commit(fresh, payload_bytes)
        if taken == len(fresh) or self.ended:
            return
        with self.lock:
            for message in fresh[taken:]:
                size = size_of(message)
                self._append(message, size)
                self.received += 1
                self.received_bytes += size

    def _place(self, message: Any, size: int) -> bool:
        """False if this message must wait."""
        if self._fits(size):
            self._append(message, size)
            return True
        if self._policy == "drop-newest":
            self._lose_here()
        elif self._policy == "drop-oldest":
            while not self._fits(size) and self._drop_oldest():
                pass
            self._append(message, size)
        elif self._policy == "conflate":
            return self._conflate(message, size)
        else:
            self._overflowed = True
            return False
        return True

    def _fits(self, size: int) -> bool:
        if self.pending_messages == 0:
            return True
        return (
            self.pending_messages < self.max_messages
            and self.pending_bytes + size <= self.max_bytes
        )

    def _append(self, message: Any, size: int) -> None:
        number = self._next
        self._next += 1
        self._entries[number] = message
        self.pending_messages += 1
        self.pending_bytes += size
        if self._key is not None:
            self._by_key[self._key_of(message)] = number
            if len(self._by_key) > 2 * len(self._entries) + FORGET_KEYS_AT:
                self._by_key = {
                    key: number for key, number in self._by_key.items() if number in self._entries
                }

    def _key_of(self, message: Any) -> Hashable:
        """The user's key of a message, or one that no other has where the function fails."""
        try:
            key: Hashable = None if self._key is None else self._key(message)
            hash(key)
        except Exception as error:  # noqa: BLE001 - typed outcome: the message is told apart; an alert
            self._trouble = f"Inbox.key failed on a message, which replaces no other: {error!r}"
            return object()
        return key

    def _drop_oldest(self) -> bool:
        for number, item in self._entries.items():
            if isinstance(item, str | bytes):
                del self._entries[number]
                self._forget(item)
                self.dropped += 1
                self._lost_in_front += 1
                return True
        return False

    def _forget(self, message: Any) -> None:
        self.pending_messages -= 1
        self.pending_bytes -= size_of(message)

    def _conflate(self, message: Any, size: int) -> bool:
        number = self._by_key.get(self._key_of(message))
        if number is None or number not in self._entries:
            return False
        growth = size - size_of(self._entries[number])
        if self.pending_messages > 1 and self.pending_bytes + growth > self.max_bytes:
            return False
        self.pending_bytes += growth
        self._entries[number] = message
        self.dropped += 1
        self._lost_in_front += 1
        return True

    def _lose_here(self) -> None:
        self.dropped += 1
        last = next(reversed(self._entries.values()), None)
        if not isinstance(last, Lost):
            last = Lost()
            self.store_mark(last)
        last.count += 1

    def store_mark(self, mark: object) -> None:
        """Put a mark behind what waits; the lock is held."""
        self._entries[self._next] = mark
        self._next += 1
        self.pending_marks += 1
        if self.pending_marks > MAX_MARKS:
            self._drop_oldest_mark()

    def _drop_oldest_mark(self) -> None:
        for number, item in self._entries.items():
            if not isinstance(item, str | bytes):
                del self._entries[number]
                self.pending_marks -= 1
                if isinstance(item, Lost):
                    # The losses stay counted, if not in their place.
                    self._lost_in_front += item.count
                return

    def fetch(self, one: bool) -> list[Any]:  # noqa: FBT001 - as in the compiled base
        """Take what waits, or the next message and the marks in front of it; the lock is held."""
        batch: list[Any] = []
        if self._lost_in_front:
            batch.append(overflow_gap(self._lost_in_front))
            self._lost_in_front = 0
        while self._entries:
            _, item = self._entries.popitem(last=False)
            if isinstance(item, Lost):
                batch.append(overflow_gap(item.count))
                self.pending_marks -= 1
                continue
            batch.append(item)
            if isinstance(item, str | bytes):
                self._forget(item)
                if one:
                    break
            else:
                self.pending_marks -= 1
        if not self._entries:
            self._by_key.clear()
        self.current_bytes = 0
        self.current_marks = sum(1 for item in batch if not isinstance(item, str | bytes))
        return batch


def overflow_gap(count: int) -> Gap:
    """What a user sees in the place of messages that a policy dropped."""
    return Gap(stream=None, first=None, last=None, count=count, kind="overflow")
