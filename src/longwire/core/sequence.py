"""Gaps: finding what is missing in a stream of numbered messages, and filling it.

The user names the number (and the stream) that the feed puts into its messages; a
`longwire.core.tracker.Tracker` follows them. Within one stream, with ``base`` the first number it
has seen and ``last`` the highest:

- ``last + 1`` is what should come;
- a higher number reveals a *gap*, told as a `Gap` in front of the message that revealed it;
- from ``base`` to ``last`` its place in the order has passed: it was handed over (a feed replays
  after a reconnect), or told as missing and comes too late. The message is dropped and counted in
  `Tracker.repeated`, so nothing is handed over twice or out of order. Unless it shows a restart;
- below ``base``, or ``base`` again when the stream had moved on or the link is new, the numbering
  has *restarted*: a `Gap` of the kind ``"restart"`` says that what is missing is unknown, and the
  stream starts anew. A number that was never seen cannot be a repeat; and where a repeat and a
  restart look the same (the very first number again) it is better to hand over twice, and say so,
  than to drop;
- None is a message without a number. It passes.

The first message of a stream sets its base: what came before it is not missed.

A number between ``base`` and ``last`` shows a restart, too,

- if the message that had it is remembered, and was another one. The last 1,024 messages that were
  handed over are, all streams together, and fewer if they measure more than 256 KiB;
- if it is not remembered, 1,024 or more below ``last``, and the stream has not gone on since the
  link began: no feed replays so much unless `Sequence.restarts` says so;
- if 256 numbers in a row come again and none is remembered. The 255 before it are lost: what a
  restart has cost is unknown.

Where 256 come again in a row otherwise, the client says so, and drops them.

A number more than 1,024 above ``last`` may be an error. It is told as a gap, as every other. But if
the stream goes on where it was, with a number at most 1,024 above the old ``last``, before anything
has confirmed the jump, it is followed there: a ``"restart"`` says that the gap was none.

What an inbox dropped is told as an ``"overflow"`` where it was, and not a second time as what the
numbers leave out: the first gap of a stream behind it is told with what is left of its ``count``,
or not at all. If there are several streams, nobody can say whose messages were dropped; the sum is
right. (Dropped messages without a number cannot be told from those with one: so many numbers that
are missing at the same place are not told.)
"""

from __future__ import annotations

import json
import math
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Literal, Protocol, get_args

import msgspec

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

# As in `longwire.link.base`, which lies above this room.
Data = str | bytes

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
    """How many are missing; None where unknown. Fewer than from ``first`` to ``last`` where an
    overflow has told of the others."""


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

    The functions run where the messages are handed over, once per message, and once more for those
    that are remembered when a number comes again: keep them quick. If one raises, or gives
    something that is no number, the message passes as one without a number, and the client says so
    (`Tracker.unreadable`): one odd message must not end a long reception.

    For JSON messages the name of a field does in place of a function, and costs next to nothing:
    ``Sequence("seq")``, or with dots on the way to it, ``Sequence("data.u", stream="data.s")``. The
    number may stand in quotes; a message that has no such field has no number.

    Args:
        number: Gives the number of a message, which grows by one within its stream; None for a
            message that has none. Or the name of the JSON field that holds it.
        stream: Gives the name of the stream that a numbered message belongs to, or is the name of
            the JSON field that holds it. None: there is one stream only.
        refill: A function that gets a `Gap` (of the kind ``"sequence"``, with ``first`` and
            ``last``) and returns the missing messages, in any order; others are ignored. With an
            event loop it should be a coroutine function, for a plain one blocks the loop. Later
            messages wait until it is done. What it does not bring is told as a `Gap`. What the
            inbox has dropped is not asked for. None: each gap is told.
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
    refill: Callable[[Gap], Awaitable[Iterable[Data]] | Iterable[Data]] | None = None
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
