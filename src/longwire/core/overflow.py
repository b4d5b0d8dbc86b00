"""What happens when messages come faster than they are taken: options, and what each policy means.

`ModelInbox` says in a few plain lines what the five policies of the inbox do. It is the reference
that the fast inbox is compared with; nothing else uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from longwire.core.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

# As in `longwire.link.base`, which lies above this room.
Data = str | bytes

WhenFull = Literal["wait", "drop-oldest", "drop-newest", "conflate", "fail"]
WhenDown = Literal["wait", "keep", "fail"]


def size_of(message: Data | Piece) -> int:
    """The size of a message in bytes, as it counts everywhere: its payload, text as UTF-8."""
    if isinstance(message, Piece):
        return message.size
    return len(message) if isinstance(message, bytes) else len(message.encode())


LEAST_HEADER = 2
"""Bytes that a frame has on the wire besides its payload, at least."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inbox:
    """The bounded queue between the links and your code, and what to do when it is full.

    It is full when one more message would pass either limit; a single message larger than ``bytes``
    is let in when nothing else waits. What is dropped is counted in ``stats().dropped`` and told
    in its place among the events as a `Gap` of the kind ``"overflow"``. In `connect` a plain number
    stands for ``messages``.

    What had arrived when a link ended is taken even if that passes a limit, as much as one read
    brings (128 KiB) and one message, over all links together; and the last message taken may pass
    it if it was compressed, since its size is known when it is inflated. So ``bytes`` and 128 KiB
    and two messages of ``max_message_bytes`` is the most that ever waits. A full inbox holds a new
    link back: nothing is read of it. Only if link after link brings messages together with its
    opening, or if what arrived inflates to more, something is dropped by every policy.

    Args:
        messages: The most messages that wait; 65,536, some seconds of a busy feed.
        bytes: The most bytes of payload that wait; 64 MiB, what a client may take of a small
            machine. There is no "unlimited": a slow consumer would then cost the whole process.
        when_full: What to do when it is full.

            - ``"wait"``: stop reading; nothing is dropped while a link lives. The peer is held up
              by TCP, and may in the end drop messages of its own or close the link. The default,
              since it loses the least.
            - ``"drop-oldest"``: drop the messages that have waited longest, until the new one fits.
              For who wants what is new.
            - ``"drop-newest"``: drop the message that came. For who wants what there is, unbroken.
            - ``"conflate"``: let it replace the newest waiting message with the same ``key``, in
              its place. If there is none, or the new one is too large for that place: wait. So the
              latest message of each key is never lost. Nothing is conflated while there is room.
              With a `Sequence` its streams must be these keys, since the order of messages with
              different keys changes.
            - ``"fail"``: end the client with `InboxFull`, after all that waits has been handed
              over.
        key: For ``"conflate"``: gives the key of a message (such as the instrument a price is for).
            It is called on the I/O thread with every message, so keep it quick.

    Raises:
        ValueError: a limit is below 1, ``when_full`` is unknown, or ``key`` is missing for
        ``"conflate"``
            or given for another policy.
        TypeError: ``key`` cannot be called.
    """

    messages: int = 65_536
    bytes: int = 64 * 2**20
    when_full: WhenFull = "wait"
    key: Callable[[Data], Hashable] | None = None

    def __post_init__(self) -> None:
        _check_limits("Inbox", self.messages, self.bytes)
        _check_choice("Inbox.when_full", self.when_full, get_args(WhenFull))
        if self.when_full == "conflate" and self.key is None:
            raise ValueError(
                "Inbox.key is missing: when_full='conflate' needs a function of a message"
            )
        if self.when_full != "conflate" and self.key is not None:
            raise ValueError(f"Inbox.key is for when_full='conflate', not for {self.when_full!r}")
        if self.key is not None and not callable(self.key):
            raise TypeError(f"Inbox.key must be a function of a message, not {self.key!r}")

    @classmethod
    def of(cls, value: Inbox | int) -> Inbox:
        """What `connect` accepts: options, or a plain number for ``messages``."""
        return value if isinstance(value, cls) else cls(messages=_plain_number("inbox", value))


@dataclass(frozen=True, kw_only=True, slots=True)
class Outbox:
    """What becomes of messages that are sent while there is no link to send them on.

    While there is a link a message is written as soon as the peer reads; if it reads too slowly
    messages wait here, and at a limit ``send`` waits. A message that was written to a link is not
    written again on the next: whether the peer got it before the link ended nobody can know. In
    `connect` a plain number stands for ``messages``.

    Args:
        messages: The most messages that wait to be written; 1,024, enough for commands and far too
            little for a feed, which shows early that the peer cannot keep up.
        bytes: The same in bytes of payload; 16 MiB, a quarter of the inbox's.
        when_down: What ``send`` does while there is no link.

            - ``"wait"``: it waits for the next link. The default: who sent it knows when it went
              out, and can stop waiting by a time limit of his own.
            - ``"keep"``: it keeps the message and returns. Kept messages go out in order on the
              next link, after the subscriptions; if the client ends first they are lost. At a limit
              it raises `OutboxFull`.
            - ``"fail"``: it raises `NotConnected`.

    Raises:
        ValueError: a limit is below 1, or ``when_down`` is unknown.
    """

    messages: int = 1_024
    bytes: int = 16 * 2**20
    when_down: WhenDown = "wait"

    def __post_init__(self) -> None:
        _check_limits("Outbox", self.messages, self.bytes)
        _check_choice("Outbox.when_down", self.when_down, get_args(WhenDown))

    @classmethod
    def of(cls, value: Outbox | int) -> Outbox:
        """What `connect` accepts: options, or a plain number for ``messages``."""
        return value if isinstance(value, cls) else cls(messages=_plain_number("outbox", value))


class Overshoot:
    """How far a queue may be filled beyond its limits by what had arrived when links ended.

    A link whose messages have no room is not read, but what was read of it before it ended is
    there. It is as much as one read brings, so one link's rest has a place beyond the limits. That
    of the next has not, while the first is still there: or a peer that ends link after link would
    fill the memory.

    Args:
        messages: The queue's limit.
        size: The same in bytes of payload.
        allowance: Bytes on the wire that may go beyond. The last message may be larger.
    """

    __slots__ = (
        "_allowance",
        "_beyond",
        "_bytes",
        "_messages",
    )

    def __init__(self, messages: int, size: int, allowance: int) -> None:
        self._messages = messages
        self._bytes = size
        self._allowance = allowance
        self._beyond = 0

    def look(self, queued: int, queued_bytes: int) -> None:
        """See whether the queue, as it stands now, is back within its limits."""
        if queued <= self._messages and (queued <= 1 or queued_bytes <= self._bytes):
            self._beyond = 0

    def takes(self, size: int) -> bool:
        """Whether one more message may be put beyond the limits. If so it counts."""
        if self._beyond >= self._allowance:
            return False
        self._beyond += size + LEAST_HEADER
        return True

    def fitting(
        self, rest: Sequence[Data | Piece], size: int, queued: int, queued_bytes: int
    ) -> int:
        """How many messages of a rest have a place, within the limits or beyond.

        Args:
            rest: The messages.
            size: All their bytes.
            queued: Messages in the queue, as `look` was told.
            queued_bytes: The same in bytes.
        """
        if queued + len(rest) <= self._messages and queued_bytes + size <= self._bytes:
            return len(rest)
        for position, message in enumerate(rest):
            taken = size_of(message)
            queued += 1
            queued_bytes += taken
            within = queued <= self._messages and queued_bytes <= self._bytes
            if not within and queued > 1 and not self.takes(taken):
                return position
        return len(rest)


def _check_limits(owner: str, messages: int, payload: int) -> None:
    for name, limit in (("messages", messages), ("bytes", payload)):
        if not limit >= 1:
            rule = "must be 1 or more; there is no unlimited queue"
            raise ValueError(f"{owner}.{name} {rule}, not {limit!r}")


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, not {value!r}")


def _plain_number(name: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    options = name.capitalize()
    raise TypeError(f"{name} must be {options} options or a number of messages, not {value!r}")


# ---------------------------------------------------------------- the meaning of the policies

Fate = Literal["queued", "replaced", "dropped", "wait", "full"]
"""What became of a message that was offered.

``queued``: it waits to be taken; with ``drop-oldest`` others may have gone for it. ``replaced``: it
waits in the place of an older one with its key. ``dropped``: it was dropped itself. ``wait``: it
was not accepted; offer it again after something was taken. ``full``: it was not accepted, and the
client ends.
"""


class ModelInbox:
    """The five policies, written to be read.

    At every moment ``received == delivered + dropped + queued``; a message that was not accepted
    counts nowhere.

    Args:
        options: Limits and policy.
    """

    def __init__(self, options: Inbox) -> None:
        self._options = options
        # Without a key no two messages are alike; only "conflate" asks, and it has a key.
        self._key: Callable[[Data], Hashable] = options.key or (lambda message: message)
        self._queue: list[Data] = []
        self.received = 0
        """Messages accepted, or dropped by policy."""
        self.delivered = 0
        """Messages taken."""
        self.dropped = 0
        """Messages dropped by policy, those replaced included."""
        self.failed = False
        """The policy ``"fail"`` has struck: nothing is accepted any more."""

    @property
    def queued(self) -> int:
        """Messages that wait."""
        return len(self._queue)

    @property
    def queued_bytes(self) -> int:
        """Bytes of payload that wait."""
        return sum(map(size_of, self._queue))

    @property
    def ended(self) -> bool:
        """The error is due: it failed, and all that waited has been taken."""
        return self.failed and not self._queue

    def take(self, limit: int | None = None) -> list[Data]:
        """Take the oldest messages, at most ``limit`` if that is given."""
        taken = self._queue[:limit]
        del self._queue[: len(taken)]
        self.delivered += len(taken)
        return taken

    def offer(self, message: Data) -> Fate:
        """Offer what a link received."""
        if self._fits(message) and not self.failed:
            return self._accept(message)
        match self._options.when_full:
            case "wait":
                return "wait"
            case "fail":
                self.failed = True
                return "full"
            case "drop-newest":
                self.received += 1
                self.dropped += 1
                return "dropped"
            case "drop-oldest":
                while not self._fits(message):
                    self._drop(0)
                return self._accept(message)
            case "conflate":
                return self._conflate(message)

    def _fits(self, message: Data) -> bool:
        if not self._queue:
            return True
        room = self.queued < self._options.messages
        return room and self.queued_bytes + size_of(message) <= self._options.bytes

    def _accept(self, message: Data) -> Fate:
        self._queue.append(message)
        self.received += 1
        return "queued"

    def _drop(self, place: int) -> None:
        del self._queue[place]
        self.dropped += 1

    def _conflate(self, message: Data) -> Fate:
        place = self._newest_with_key_of(message)
        if place is None:
            return "wait"
        growth = size_of(message) - size_of(self._queue[place])
        if self.queued > 1 and self.queued_bytes + growth > self._options.bytes:
            return "wait"
        self._drop(place)
        self._queue.insert(place, message)
        self.received += 1
        return "replaced"

    def _newest_with_key_of(self, message: Data) -> int | None:
        wanted = self._key(message)
        places = range(self.queued - 1, -1, -1)
        return next((place for place in places if self._key(self._queue[place]) == wanted), None)
