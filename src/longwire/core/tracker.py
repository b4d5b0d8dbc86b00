"""Follows the numbers of a feed. What they mean stands in `longwire.core.sequence`."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from longwire.core.sequence import Gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from longwire.core.sequence import Data, Fields, Sequence

_Given = TypeVar("_Given", bound="Callable[..., Any]")


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
