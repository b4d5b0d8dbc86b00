"""Gaps: finding what is missing in a stream of numbered messages, and filling it.

The user names the number (and the stream) that the feed puts into its messages; a `Tracker` follows
them. Within one stream, with ``base`` the first number it has seen and ``last`` the highest:

- ``last + 1`` is what should come;
- a higher number reveals a *gap*, told as a `Gap` in front of the message that revealed it;
- from ``base`` to ``last`` its place in the order has passed: it was handed over (a feed replays
  after a reconnect), or told as missing and comes too late. The message is dropped and counted in
  `Tracker.repeated`, so nothing is handed over twice or out of order;
- below ``base``, or ``base`` again when the stream had moved on or the link is new, the numbering
  has *restarted*: a `Gap` of the kind ``"restart"`` says that what is missing is unknown, and the
  stream starts anew. A number that was never seen cannot be a repeat; and where a repeat and a
  restart look the same (the very first number again) it is better to hand over twice, and say so,
  than to drop.
- None is a message without a number. It passes.

The first message of a stream sets its base: what came before it is not missed.
"""

from __future__ import annotations

import json
import math
from dataclasses import KW_ONLY, dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeVar, get_args

import msgspec

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from typing import Any

# As in `longwire.link.base`, which lies above this room.
Data = str | bytes

_Given = TypeVar("_Given", bound="Callable[..., Any]")

GapKind = Literal["sequence", "restart", "refill-failed", "overflow"]
"""Why messages are missing.

``sequence``: the feed's numbers leave some out. ``restart``: the feed's numbering began anew, so
nobody can say what is missing. ``refill-failed``: `Sequence.refill` raised, took too long, or did
not bring them. ``overflow``: the inbox was full and dropped them.
"""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A loss that is known. It stands where the missing messages would have been."""

    kind: GapKind
    """Why they are missing."""
    stream: str | None = None
    """The stream, as `Sequence.stream` named it; None if there is but one, or for an overflow."""
    first: int | None = None
    """The first number that is missing; None where unknown."""
    last: int | None = None
    """The last number that is missing; None where unknown."""
    count: int | None = None
    """How many are missing; None where unknown."""


def overflow_gap(count: int) -> Gap:
    """What stands in the place of messages that an inbox dropped."""
    return Gap(kind="overflow", count=count)


Restarts = Literal["detect", "each-link", "never"]


def field_path(path: str) -> list[str]:
    """The names on the way to a JSON field: ``"data.u"`` is ``u`` of the object ``data``.

    Raises:
        ValueError: a name is empty, or has a character that JSON must escape.
    """
    names = path.split(".")
    for name in names:
        if not name or json.dumps(name, ensure_ascii=False) != f'"{name}"':
            raise ValueError(
                f"{path!r} names no field of a JSON message: it must be names joined by dots, "
                "without quotes, backslashes and control characters"
            )
    return names


@dataclass(frozen=True, slots=True)
class Sequence:
    """Where a feed's numbers are, and how to get back what is missing.

    The functions run where the messages are handed over, once per message: keep them quick. If one
    raises, or gives something that is no number, the message passes as one without a number, and
    the client says so (`Tracker.unreadable`): one odd message must not end a long reception.

    For JSON messages the name of a field does in place of a function, and costs next to nothing:
    ``Sequence("seq")``, or with dots on the way to it, ``Sequence("data.u", stream="data.s")``. The
    number may stand in quotes; a message that has no such field has no number.

    Args:
        number: Gives the number of a message, which grows by one within its stream; None for a
            message that has none. Or the name of the JSON field that holds it.
        stream: Gives the name of the stream that a numbered message belongs to, or is the name of
            the JSON field that holds it. None: there is one stream only.
        refill: A coroutine function that gets a `Gap` (of the kind ``"sequence"``, with ``first``
            and ``last``) and returns the missing messages, in any order; others are ignored. Later
            messages wait until it is done. What it does not bring is told as a `Gap`. None: each
            gap is told.
        refill_timeout: Seconds that one refill may take, while messages queue up; 30, as long as a
            slow REST interface takes. It has no "for ever", since everything waits for it.
        restarts: When the feed's numbers start anew. ``"detect"``: as the numbers show, see the
            module's text. ``"each-link"``: with every new link, as exchanges do that number per
            connection. ``"never"``: every number not above the last is a repeat, for feeds
            that replay from the very beginning.
        max_streams: The most streams that are followed at once; 65,536 (some 10 MB). If a feed
            names more, the one first seen is forgotten, and counted in `Tracker.forgotten`.

    Raises:
        TypeError: one of the functions cannot be called.
        ValueError: a name can be no field's, or another value is out of its range.
    """

    number: Callable[[Data], int | None] | str
    stream: Callable[[Data], str] | str | None = None
    refill: Callable[[Gap], Awaitable[Iterable[Data]]] | None = None
    _: KW_ONLY
    refill_timeout: float = 30.0
    restarts: Restarts = "detect"
    max_streams: int = 65_536

    def __post_init__(self) -> None:
        functions: tuple[tuple[str, object], ...] = (
            ("number", self.number),
            ("stream", self.number if self.stream is None else self.stream),
        )
        for name, given in functions:
            if isinstance(given, str):
                field_path(given)
            elif not callable(given):
                rule = "must be a function, or the name of a JSON field"
                raise TypeError(f"Sequence.{name} {rule}, not {given!r}")
        refill: object = self.refill
        if refill is not None and not callable(refill):
            raise TypeError(f"Sequence.refill must be a function, not {refill!r}")
        if not 0 < self.refill_timeout < math.inf:
            rule = "must be seconds above 0, since later messages wait for the refill"
            raise ValueError(f"Sequence.refill_timeout {rule}, not {self.refill_timeout!r}")
        if self.restarts not in get_args(Restarts):
            choice = ", ".join(map(repr, get_args(Restarts)))
            raise ValueError(f"Sequence.restarts must be one of {choice}, not {self.restarts!r}")
        if self.max_streams < 1:
            raise ValueError(f"Sequence.max_streams must be 1 or more, not {self.max_streams!r}")


class Fields(Protocol):
    """What reads the JSON fields that a `Sequence` names; see `longwire.client.jsonfields`."""

    def number(self, message: Data, /) -> int | None:
        """As a function in `Sequence.number`."""
        ...

    def stream(self, message: Data, /) -> str:
        """As a function in `Sequence.stream`."""
        ...

    def count_good(self, messages: list[Data], last: dict[str | None, int], /) -> int:
        """How many messages are each the next of their stream; ``last`` is brought up to date."""
        ...


class Mark(Enum):
    """A verdict on a message that is no gap."""

    REPEAT = "repeat"
    """The message's place in the order has passed: drop it."""


REPEAT: Final = Mark.REPEAT


class Tracker:
    """Follows the numbers of all streams of one client, across its links.

    Call `check_batch` with what a link brought, in order; hand over what it returns (or the very
    batch, if that is None). Call `new_link` when messages come from another link from now on.

    Args:
        sequence: The options.
        fields: Reads the JSON fields that they name; None where they name none.
    """

    __slots__ = (
        "_base",
        "_fields",
        "_last",
        "_link_began",
        "_number",
        "_sequence",
        "_stream",
        "forgotten",
        "last_error",
        "missing",
        "repeated",
        "restarted",
        "unreadable",
    )

    def __init__(self, sequence: Sequence, fields: Fields | None = None) -> None:
        self._sequence = sequence
        number, stream = sequence.number, sequence.stream
        named = isinstance(number, str) and (stream is None or isinstance(stream, str))
        self._fields = fields if named else None
        self._number = _function(number, None if fields is None else fields.number)
        self._stream = (
            None if stream is None else _function(stream, None if fields is None else fields.stream)
        )
        self._base: dict[str | None, int] = {}
        self._last: dict[str | None, int] = {}
        # What each stream had reached when the link began; without those that have restarted on it.
        self._link_began: dict[str | None, int] = {}
        self.missing = 0
        """Numbers left out so far, those refilled later included."""
        self.repeated = 0
        """Messages dropped because they had been handed over, or told as missing, before."""
        self.restarted = 0
        """Times that a stream's numbering began anew."""
        self.forgotten = 0
        """Streams given up because there were too many."""
        self.unreadable = 0
        """Messages whose number or stream the user's functions could not tell."""
        self.last_error: Exception | None = None
        """The exception behind the last of them."""

    def new_link(self) -> None:
        """Messages come from another link from now on."""
        self._link_began.update(self._last)
        if self._sequence.restarts == "each-link":
            self._last.clear()

    # ---- one message -------------------------------------------------------------------------

    def check(self, message: Data) -> Gap | Literal[Mark.REPEAT] | None:
        """Judge the next message.

        Returns:
            None: nothing is missing, hand it over. A `Gap`: hand that over, then the message.
            `REPEAT`: its place in the order has passed, drop it.
        """
        try:
            number = self._number(message)
            if number is None:
                return None
            stream = None if self._stream is None else self._stream(message)
            return self._judge(number, stream)
        except Exception as error:  # noqa: BLE001 - typed outcome: counted, kept, told by the client
            self.unreadable += 1
            self.last_error = error
            return None

    def _judge(self, number: int, stream: str | None) -> Gap | Literal[Mark.REPEAT] | None:
        if not isinstance(number, int):
            raise TypeError(f"Sequence.number gave {number!r}; it must give an int or None")
        last = self._last.get(stream)
        if last is None:
            return self._first(number, stream)
        if number > last:
            self._last[stream] = number
            if number == last + 1:
                return None
            return self._gap(stream, last + 1, number - 1)
        if self._has_restarted(number, last, stream):
            return self._restart(number, stream)
        self.repeated += 1
        return REPEAT

    def _first(self, number: int, stream: str | None) -> Gap | None:
        if stream in self._link_began:
            # Numbered per link: nobody can tell how many the end of the old link cost.
            return self._restart(number, stream)
        if len(self._base) >= self._sequence.max_streams:
            oldest = next(iter(self._base))
            for known in (self._base, self._last, self._link_began):
                known.pop(oldest, None)
            self.forgotten += 1
        self._base[stream] = self._last[stream] = number
        return None

    def _has_restarted(self, number: int, last: int, stream: str | None) -> bool:
        if self._sequence.restarts == "never":
            return False
        base = self._base[stream]
        if number == base == last:
            # The first message twice is a repeat on the same link, and a restart on a new one.
            return self._link_began.get(stream) == last
        return number <= base

    def _restart(self, number: int, stream: str | None) -> Gap:
        self._base[stream] = self._last[stream] = number
        self._link_began.pop(stream, None)
        self.restarted += 1
        return Gap(kind="restart", stream=stream)

    def _gap(self, stream: str | None, first: int, last: int) -> Gap:
        count = last - first + 1
        self.missing += count
        return Gap(kind="sequence", stream=stream, first=first, last=last, count=count)

    # ---- a batch -----------------------------------------------------------------------------

    def check_batch(self, messages: list[Data]) -> list[Data | Gap] | None:
        """Judge messages in order.

        Returns:
            None if each is the next of its stream: hand over the very list. Otherwise what is to be
            handed over instead: the messages without repeats, each `Gap` in its place.
        """
        good = self._count_good(messages)
        if good == len(messages):
            return None
        kept: list[Data | Gap] = list(messages[:good])
        changed = False
        check = self.check
        for message in messages[good:]:
            verdict = check(message)
            if verdict is None:
                kept.append(message)
                continue
            changed = True
            if verdict is not REPEAT:
                kept += (verdict, message)
        return kept if changed else None

    def _count_good(self, messages: list[Data]) -> int:
        """Take messages as long as each is the next of its stream; how many those are."""
        number, stream = self._number, self._stream
        try:
            if self._fields is not None:
                return self._fields.count_good(messages, self._last)
            if stream is None:
                return self._count_good_of_one(messages, number)
            return self._count_good_of_many(messages, number, stream)
        except Exception:  # noqa: BLE001 - not lost: `check` meets it again and keeps it
            return 0

    def _count_good_of_one(self, messages: list[Data], number: Callable[[Data], int | None]) -> int:
        last = self._last.get(None)
        if last is None:
            return 0
        following = last + 1
        good = 0
        for message in messages:
            found = number(message)
            if found == following:
                following += 1
            elif found is not None:
                break
            good += 1
        self._last[None] = following - 1
        return good

    def _count_good_of_many(
        self,
        messages: list[Data],
        number: Callable[[Data], int | None],
        stream: Callable[[Data], str],
    ) -> int:
        good = 0
        known = self._last
        reached: dict[str, int] = {}
        for message in messages:
            found = number(message)
            if found is not None:
                name = stream(message)
                last = reached.get(name)
                if last is None:
                    last = known.get(name)
                if last is None or found != last + 1:
                    break
                reached[name] = last + 1
            good += 1
        known.update(reached)
        return good

    # ---- a refill ----------------------------------------------------------------------------

    def refilled(self, gap: Gap, messages: Iterable[Data]) -> list[Data | Gap]:
        """What is to be handed over in place of a gap, given what `Sequence.refill` brought.

        Args:
            gap: The gap, of the kind ``"sequence"``.
            messages: What came, in any order; nothing if the refill failed. Messages that are not
                missing are ignored.

        Returns:
            The missing messages in order, and a `Gap` of the kind ``"refill-failed"`` for each
            run of numbers that did not come.
        """
        if gap.first is None or gap.last is None:
            return [gap]
        found: dict[int, Data] = {}
        for message in messages:
            number = self._missing_number(gap, message)
            if number is not None:
                found.setdefault(number, message)
        placed: list[Data | Gap] = []
        following = gap.first
        for number in sorted(found):
            if number > following:
                placed.append(_not_refilled(gap, following, number - 1))
            placed.append(found[number])
            following = number + 1
        if following <= gap.last:
            placed.append(_not_refilled(gap, following, gap.last))
        return placed

    def _missing_number(self, gap: Gap, message: Data) -> int | None:
        """The message's number if it is one of those missing."""
        try:
            number = self._number(message)
            if number is None or not (gap.first or 0) <= number <= (gap.last or 0):
                return None
            stream = None if self._stream is None else self._stream(message)
        except Exception as error:  # noqa: BLE001 - typed outcome: counted, kept, told by the client
            self.unreadable += 1
            self.last_error = error
            return None
        return number if stream == gap.stream else None


def _function(given: _Given | str, reader: _Given | None) -> _Given:
    """The user's function, or the one that reads the field that the user named."""
    if not isinstance(given, str):
        return given
    if reader is None:
        raise TypeError(f"nobody reads the field {given!r}")
    return reader


def _not_refilled(gap: Gap, first: int, last: int) -> Gap:
    return Gap(
        kind="refill-failed", stream=gap.stream, first=first, last=last, count=last - first + 1
    )
