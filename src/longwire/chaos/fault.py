"""What a fault is: something that goes wrong between a client and a server, made on purpose.

A fault is a dataclass in a file of its own in `longwire.chaos.faults`; ``noop.py`` is the model.
Its fields are what a user can set, its docstring is its manual, its hooks do the work. When it
strikes, and for how long, is not its business: a `Strike` knows that.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
import sys
import types
import typing
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, NamedTuple

from longwire.chaos.values import Bytes, Seconds, parse_bytes, parse_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from random import Random

    from longwire.chaos.crossing import Crossing
    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane
    from longwire.chaos.opening import RequestHead
    from longwire.chaos.proxy import Proxy

Direction = Literal["c2s", "s2c"]
"""``c2s``: from the client to the server. ``s2c``: from the server to the client."""
Directions = Literal["c2s", "s2c", "both"]
Scope = Literal["lane", "crossing", "proxy"]


class Parcel(NamedTuple):
    """Bytes on their way to the other side."""

    data: bytes
    due: float = 0.0
    """Not before this moment of the loop's clock. Nothing overtakes what is in front of it."""
    alone: bool = False
    """In a write of its own, so that it is likely to be a TCP segment of its own."""

    def pieces(self, size: int, *, first_due: float, gap: float) -> Iterator[Parcel]:
        """The same bytes in pieces, each alone.

        Args:
            size: Bytes of a piece.
            first_due: When the first may go on, by the loop's clock.
            gap: Seconds between two of them.
        """
        for number, start in enumerate(range(0, len(self.data), size)):
            piece = self.data[start : start + size]
            yield self._replace(data=piece, due=first_due + number * gap, alone=True)


@dataclasses.dataclass(kw_only=True)
class Fault:
    """The base of all faults. Each hook does nothing here: a fault overrides what it needs.

    A fault is copied for each place that it strikes at, so what it keeps in itself (fields with
    ``init=False``) belongs to that place.

    Attributes:
        reproduces: Ids of the catalogue: the causes that a client in front of the proxy can meet.
        scope: Where one copy works: on a ``"lane"`` (one direction of one connection), on a
            ``"crossing"`` (a connection with both its directions), or on the ``"proxy"``.
        direction: The direction that it works in, or whose traffic sets it off, where the user
            names none.
        momentary: It happens in one moment (a reset, a close), and does not last.
        changes_messages: Its ``frame`` makes something else of messages, so that the journal has
            to tell where one passes that is too long for it.
        lane, crossing, proxy: Where it is at work; ``lane`` is the one whose traffic sets it off.
            A fault with the scope ``"proxy"`` has neither lane nor crossing.
        chance: Its own source of chance, the same in every run with the same seed.
    """

    reproduces: ClassVar[tuple[str, ...]] = ()
    scope: ClassVar[Scope] = "lane"
    direction: ClassVar[Directions] = "s2c"
    momentary: ClassVar[bool] = False
    changes_messages: ClassVar[bool] = False

    lane: Lane = dataclasses.field(init=False, repr=False, compare=False)
    crossing: Crossing = dataclasses.field(init=False, repr=False, compare=False)
    proxy: Proxy = dataclasses.field(init=False, repr=False, compare=False)
    chance: Random = dataclasses.field(init=False, repr=False, compare=False)

    # -- hooks --------------------------------------------------------------------------------

    def begins(self) -> None:
        """Its moment has come."""

    def ends(self) -> None:
        """Its time is over, while the connection lives on. Undo what would last."""

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """What goes on in place of a frame."""
        return (frame,)

    def takes_all(self) -> bool:
        """Whether it has begun what every frame belongs to now, whatever its conditions choose."""
        return False

    def large(self, frame: Frame, size: int, lane: Lane) -> bool:
        """Whether a data frame goes on that is too long to be kept and changed.

        Args:
            frame: Its beginning.
            size: Bytes of its payload.
            lane: Where it passes.
        """
        return True

    def parcel(self, parcel: Parcel, lane: Lane) -> Iterable[Parcel]:
        """What goes on in place of bytes, however they are cut."""
        return (parcel,)

    def kept(self, lane: Lane) -> Iterable[Frame]:
        """What it has kept back when a direction ends: that goes on in front of the end."""
        return ()

    def response(self, head: bytes) -> bytes:
        """What goes on in place of the head of the server's answer to the opening request."""
        return head

    def answer(self, request: RequestHead) -> bytes | None:
        """What the proxy answers to an opening request itself, and then ends the connection."""
        return None

    def ignores_opening(self) -> bool:
        """Whether a connection is accepted, and nothing of it read or answered."""
        return False

    def patience(self, lane: Lane) -> float:
        """Seconds that the end of a direction waits before it is passed on."""
        return 0.0

    # -- what it is called --------------------------------------------------------------------

    @classmethod
    def name(cls) -> str:
        """The name that users write: that of the class, in small letters with dashes."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def about(cls) -> str:
        """The first line of its manual."""
        return inspect.getdoc(cls).partition("\n")[0]  # type: ignore[union-attr]  # a test demands it

    @classmethod
    def works_on_frames(cls) -> bool:
        """Whether it decides frame by frame."""
        return cls.frame is not Fault.frame and not cls.momentary

    @classmethod
    def options(cls) -> dict[str, Any]:
        """What a user can set: names and types."""
        wanted = {one.name: one.type for one in dataclasses.fields(cls) if one.init}
        # The other annotations are of names that only type checkers import.
        public = types.SimpleNamespace(__annotations__=wanted)
        return typing.get_type_hints(public, vars(sys.modules[cls.__module__]), include_extras=True)

    @classmethod
    def made_of(cls, values: Mapping[str, object]) -> Fault:
        """A fault with these options, as text or as what they are.

        Raises:
            ValueError: there is no such option, or a value is not of its kind or makes no sense.
        """
        options = cls.options()
        made = {}
        for name, value in values.items():
            if name not in options:
                known = ", ".join(options) or "none"
                raise ValueError(f"the fault {cls.name()} has no option {name!r}; it has: {known}")
            try:
                made[name] = _value(value, options[name])
            except (ValueError, TypeError) as error:
                raise ValueError(f"the fault {cls.name()}, {name}: {error}") from error
        try:
            return cls(**made)
        except ValueError as error:
            raise ValueError(f"the fault {cls.name()}: {error}") from error


def _value(value: Any, hint: Any) -> object:
    """A value of the type that is annotated."""
    if typing.get_origin(hint) is Literal:
        if value not in typing.get_args(hint):
            raise ValueError(f"{value!r} is none of {', '.join(map(str, typing.get_args(hint)))}")
        return value
    return _READERS[hint](value)


def _whole(value: object) -> int:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not number.is_integer():
        raise ValueError(f"{value!r} is no whole number")
    return int(number)


def _text(value: object) -> str:
    # A number is text, too, as where it stands in a scenario without its quotes.
    if not isinstance(value, str | int | float):
        raise ValueError(f"{value!r} is no text")  # noqa: TRY004 - as all wrong values
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{text!a} is no text that can be sent: it has half a character") from None
    return text


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in {"yes", "true"}:
        return True
    if value in {"no", "false"}:
        return False
    raise ValueError(f"{value!r} is neither yes nor no")


_READERS: Final[dict[Any, Callable[[Any], object]]] = {
    Seconds: parse_seconds,
    Bytes: parse_bytes,
    bool: _truth,
    int: _whole,
    float: float,
    str: _text,
}
"""How a value is read for each type that an option may have, `Literal` aside."""
