"""Follows the numbers of a feed. What they mean stands in `longwire.core.sequence`."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from longwire.core.repeats import FAR, Repeats
from longwire.core.sequence import Gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from longwire.core.sequence import Data, Fields, Sequence

_Given = TypeVar("_Given", bound="Callable[..., Any]")

WORTH: Final = 64
"""Messages that the fast way must be good for to be tried again after a single other one."""

PATIENCE: Final = 65_536
"""Messages after which what an inbox has dropped explains no gap any more."""


class Mark(Enum):
    """A verdict on a message that is no gap."""

    REPEAT = "repeat"
    """The message's place in the order has passed: drop it."""


REPEAT: Final = Mark.REPEAT


class Tracker:
    """Follows the numbers of all streams of one client, across its links.

    Call `check_batch` with what a link brought, in order; hand over what it returns (or the very
    batch, if that is None). Call `new_link` when messages come from another link from now on, and
    `dropped` where messages are missing because the inbox has dropped them.

    Args:
        sequence: The options.
        fields: Reads the JSON fields that they name; None where they name none.
    """

    __slots__ = (
        "_base",
        "_dropped",
        "_fields",
        "_heard",
        "_last",
        "_left",
        "_link_began",
        "_number",
        "_patience",
        "_recent",
        "_repeats",
        "_sequence",
        "_stream",
        "forgotten",
        "last_error",
        "missing",
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
        # Where a stream was when it jumped far ahead, and the far number.
        self._left: dict[str | None, tuple[int, int]] = {}
        self._repeats = Repeats(None if sequence.restarts == "never" else self._described)
        self._recent = self._repeats.recent
        # Messages that an inbox has dropped and no gap has shown yet, the streams that have gone
        # on since, and for how many messages more that explains anything.
        self._dropped = 0
        self._heard: set[str | None] = set()
        self._patience = 0
        self.missing = 0
        """Numbers left out so far, those refilled later included, without what `dropped` said."""
        self.restarted = 0
        """Times that a stream's numbering began anew."""
        self.forgotten = 0
        """Streams given up because there were too many."""
        self.unreadable = 0
        """Messages whose number or stream the user's functions could not tell."""
        self.last_error: Exception | None = None
        """The exception behind the last of them."""

    @property
    def repeated(self) -> int:
        """Messages dropped because they had been handed over, or told as missing, before."""
        return self._repeats.count

    @property
    def long_rows(self) -> int:
        """Times that suspiciously many messages came again in a row."""
        return self._repeats.long_rows

    @property
    def long_row(self) -> str:
        """The last of these rows in words."""
        return self._repeats.long_row

    def new_link(self) -> None:
        """Messages come from another link from now on."""
        self._link_began.update(self._last)
        self._left.clear()
        if self._sequence.restarts == "each-link":
            self._last.clear()

    def dropped(self, count: int) -> None:
        """So many messages were dropped by the inbox at this place, and told as an overflow.

        The next gap of each stream that shows it is not told again, or only with what is left.
        """
        self._dropped += count
        self._heard.clear()
        self._patience = PATIENCE

    # ---- one message -------------------------------------------------------------------------

    def check(self, message: Data) -> Gap | Literal[Mark.REPEAT] | None:
        """Judge the next message.

        Returns:
            None: nothing is missing, hand it over. A `Gap`: hand that over, then the message.
            `REPEAT`: its place in the order has passed, drop it.
        """
        verdict = self._verdict(message)
        if self._recent is not None and verdict is not REPEAT:
            self._recent.note([message], len(message))
        return verdict

    def _verdict(self, message: Data) -> Gap | Literal[Mark.REPEAT] | None:
        try:
            found = self._read(message)
            if found is None:
                return None
            stream, number = found
            last = self._last.get(stream)
        except Exception as error:  # noqa: BLE001 - typed outcome: counted, kept, told by the client
            self.unreadable += 1
            self.last_error = error
            return None
        if last is None:
            verdict: Gap | Literal[Mark.REPEAT] | None = self._first(number, stream)
        elif number > last:
            verdict = self._ahead(number, last, stream)
        else:
            verdict = self._behind(number, last, stream, message)
        if self._dropped and verdict is not REPEAT:
            self._hear(stream)
        return verdict

    def _read(self, message: Data) -> tuple[str | None, int] | None:
        """The message's stream and number, None if it has none. Raises what the functions raise."""
        number = self._number(message)
        if number is None:
            return None
        stream = None if self._stream is None else self._stream(message)
        if not isinstance(number, int):
            raise TypeError(f"Sequence.number gave {number!r}; it must give an int or None")
        return stream, number

    def _described(self, message: Data) -> tuple[str | None, int] | None:
        """The same of a message that was judged before, and its failure counted."""
        try:
            return self._read(message)
        except Exception:  # noqa: BLE001 - see above
            return None

    def _first(self, number: int, stream: str | None) -> Gap | None:
        if stream in self._link_began:
            # Numbered per link: nobody can tell how many the end of the old link cost.
            return self._restart(number, stream)
        if len(self._base) >= self._sequence.max_streams:
            oldest = next(iter(self._base))
            for known in (self._base, self._last, self._link_began):
                known.pop(oldest, None)
            self._left.pop(oldest, None)
            self._repeats.drop(oldest)
            self.forgotten += 1
        self._base[stream] = self._last[stream] = number
        return None

    # ---- ahead -------------------------------------------------------------------------------

    def _ahead(self, number: int, last: int, stream: str | None) -> Gap | None:
        self._last[stream] = number
        if number == last + 1:
            return None
        if number - last > FAR:
            left = self._place_left(stream, last)
            self._left[stream] = (last if left is None else left, number)
        return self._gap(stream, last + 1, number - 1)

    def _place_left(self, stream: str | None, last: int) -> int | None:
        """Where the stream was before a far jump that nothing has confirmed."""
        left, far = self._left.get(stream, (None, None))
        return left if far == last else None

    def _gap(self, stream: str | None, first: int, last: int) -> Gap | None:
        """What is missing, without what an inbox has dropped and told."""
        count = last - first + 1
        if self._dropped and stream not in self._heard:
            explained = min(count, self._dropped)
            self._dropped -= explained
            count -= explained
            if not count:
                return None
        self.missing += count
        return Gap(kind="sequence", stream=stream, first=first, last=last, count=count)

    def _hear(self, stream: str | None) -> None:
        """What was dropped came before this message: a later gap of its stream is another one."""
        self._heard.add(stream)
        self._patience -= 1
        if self._stream is None or not self._patience or len(self._heard) >= len(self._last):
            self._dropped = 0

    # ---- behind ------------------------------------------------------------------------------

    def _behind(
        self, number: int, last: int, stream: str | None, message: Data
    ) -> Gap | Literal[Mark.REPEAT]:
        left = self._place_left(stream, last)
        if left is not None and left < number <= left + FAR:
            # The far number was an error, and the stream goes on where it was.
            del self._left[stream]
            self._last[stream] = number
            self.restarted += 1
            return Gap(kind="restart", stream=stream)
        if self._has_restarted(number, last, stream, message):
            return self._restart(number, stream)
        self._repeats.add(stream, number, last)
        return REPEAT

    def _has_restarted(self, number: int, last: int, stream: str | None, message: Data) -> bool:
        if self._sequence.restarts == "never":
            return False
        base = self._base[stream]
        advanced = self._link_began.get(stream) != last
        if number == base == last:
            # The first message twice is a repeat on the same link, and a restart on a new one.
            return not advanced
        return number <= base or self._repeats.shows_restart(
            message, stream, number, last, advanced=advanced
        )

    def _restart(self, number: int, stream: str | None) -> Gap:
        self._base[stream] = self._last[stream] = number
        self._link_began.pop(stream, None)
        self._left.pop(stream, None)
        self._repeats.begin_anew(stream)
        self.restarted += 1
        return Gap(kind="restart", stream=stream)

    # ---- a batch -----------------------------------------------------------------------------

    def check_batch(self, messages: list[Data], size: int | None = None) -> list[Data | Gap] | None:
        """Judge messages in order.

        Args:
            messages: The messages.
            size: Their bytes, or more; None: they are counted.

        Returns:
            None if each is to be handed over and nothing is missing: hand over the very list.
            Otherwise what is to be handed over instead: the messages without repeats, each `Gap` in
            its place.
        """
        if size is None:
            size = sum(map(len, messages))
        good = 0 if self._dropped else self._count_good(messages)
        if good == len(messages):
            if self._recent is not None:
                self._recent.note(messages, size)
            return None
        kept: list[Data | Gap] = []
        self._keep(messages[:good], size, kept)
        changed = self._check_rest(messages, good, size, kept)
        return kept if changed else None

    def _check_rest(self, messages: list[Data], at: int, size: int, kept: list[Data | Gap]) -> bool:
        """Judge messages from a place on, one by one where that must be; whether it matters."""
        changed = False
        slowly = 1
        while at < len(messages):
            for message in messages[at : at + slowly]:
                verdict = self.check(message)
                if verdict is None:
                    kept.append(message)
                    continue
                changed = True
                if verdict is not REPEAT:
                    kept += (verdict, message)
            at += slowly
            if self._dropped or at >= len(messages):
                continue
            rest = messages[at:]
            good = self._count_good(rest)
            self._keep(rest[:good], size, kept)
            at += good
            # Where the fast way does not get far it is tried ever more rarely.
            slowly = 1 if good >= WORTH else 2 * slowly
        return changed

    def _keep(self, good: list[Data], size: int, kept: list[Data | Gap]) -> None:
        kept += good
        if self._recent is not None:
            self._recent.note(good, size)

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
