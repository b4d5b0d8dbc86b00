"""Numbers that come again: a repeat, or a numbering that has begun anew?

See `longwire.core.sequence` for the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from longwire.core.recent import WINDOW, Recent, print_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.core.recent import Key
    from longwire.core.sequence import Data

FAR: Final = WINDOW
"""Numbers from which a jump, ahead or back, is a far one: so many repeats would be remembered."""

MANY: Final = 256
"""Messages of one stream that come again in a row from which that is worth a word and, where none
of them is remembered, a reason to doubt it."""


@dataclass(slots=True)
class Row:
    """What came again of one stream since it last went on."""

    last: int
    """The highest number all the while."""
    length: int = 0
    unknown: int = 0
    """How many in a row, number after number, are not remembered."""
    following: int | None = None


class Repeats:
    """What came again of all streams.

    Args:
        describe: Gives a message's stream and number, None if it has none. None: no numbering ever
            begins anew, so nothing has to be remembered.
    """

    def __init__(self, describe: Callable[[Data], Key | None] | None) -> None:
        self.recent = None if describe is None else Recent(describe)
        """What was handed over; None: nobody needs to know."""
        self._rows: dict[str | None, Row] = {}
        self.count = 0
        """Messages that came again."""
        self.long_rows = 0
        """Times that so many as `MANY` did so in a row."""
        self.long_row = ""
        """The last of these rows in words."""

    def shows_restart(
        self, message: Data, stream: str | None, number: int, last: int, *, advanced: bool
    ) -> bool:
        """Whether a number between the first and the last of its stream shows a new numbering.

        Args:
            message: The message.
            stream: Its stream.
            number: Its number.
            last: The highest number of the stream.
            advanced: Whether the stream has gone on since the link began.
        """
        if self.recent is None:
            return False
        row = self._row(stream, last)
        known = self.recent.find(stream, number)
        if known is not None:
            row.unknown = 0
            return known != print_of(message)
        if not advanced and last - number >= FAR:
            return True
        row.unknown = row.unknown + 1 if number == row.following else 1
        row.following = number + 1
        return row.unknown == MANY

    def add(self, stream: str | None, number: int, last: int) -> None:
        """It is a repeat."""
        self.count += 1
        row = self._row(stream, last)
        row.length += 1
        if row.length == MANY:
            self.long_rows += 1
            whose = "" if stream is None else f" of the stream {stream!r}"
            self.long_row = (
                f"{MANY} messages in a row{whose} had come before, up to number {number} now; the "
                f"highest was {last}"
            )

    def _row(self, stream: str | None, last: int) -> Row:
        row = self._rows.get(stream)
        if row is None or row.last != last:
            row = self._rows[stream] = Row(last)
        return row

    def begin_anew(self, stream: str | None) -> None:
        """The stream's numbering does: what was remembered says nothing about it."""
        self._rows.pop(stream, None)
        if self.recent is not None:
            self.recent.forget(stream)

    def drop(self, stream: str | None) -> None:
        """The stream is followed no more."""
        self._rows.pop(stream, None)
