"""When and where a fault strikes, and the small language in which people say it.

``drop-every n=3 direction=s2c after='100 frames' lasting=10s``: the name of a fault, its own
options, and the conditions that all faults share.
"""

from __future__ import annotations

import difflib
import re
import shlex
from typing import TYPE_CHECKING, Any, Final

import msgspec

from longwire.chaos.catalogue import FAULTS
from longwire.chaos.fault import Directions, Fault
from longwire.chaos.values import Amount, parse_amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from longwire.chaos.fault import Direction

_DIRECTIONS: Final = ("c2s", "s2c", "both")
_CROSSINGS: Final = re.compile(r"([0-9]+)(?:(-)([0-9]*))?")


class Strike(msgspec.Struct, frozen=True, kw_only=True):
    """A fault, and the conditions of its striking. `parse_strike` makes one.

    What compressed messages say can be known unless the proxy's ``compression`` is ``"as-is"``; in
    those where it cannot, ``matching`` and ``only`` find nothing.

    Attributes:
        fault: What happens. It is copied for every place that it strikes at.
        direction: The direction that it works in, or whose traffic sets it off.
        after: How much must pass first: on a connection from its opening on (or from now, where it
            was open already), for a fault of the whole proxy from now. None: it strikes at once.
        matching: It strikes with the first data frame that this regular expression finds something
            in; after ``after``. Not in those with more than 1 MiB.
        only: A fault that works on frames leaves alone the data frames in which this finds nothing,
            and those with more than 1 MiB.
        lasting: How much passes until it ends. None: it does not.
        chance: Of each frame where the fault works on frames, else of each connection: how
            probable it is that it is struck, from 0 to 1. For messages it is drawn apart from
            control frames, so that it does not depend on when a pong comes.
        crossings: The numbers of the connections that are struck, from 1: first and last (None: no
            last).
    """

    fault: Fault
    direction: Directions
    after: Amount | None = None
    matching: str | None = None
    only: str | None = None
    lasting: Amount | None = None
    chance: float = 1.0
    crossings: tuple[int, int | None] = (1, None)

    @property
    def name(self) -> str:
        """What the fault is called."""
        return self.fault.name()

    @property
    def trigger(self) -> Direction:
        """The direction whose traffic sets off a fault that has one copy for a connection."""
        return "s2c" if self.direction == "both" else self.direction

    def strikes_crossing(self, number: int) -> bool:
        """Whether a connection is among those that are struck."""
        first, last = self.crossings
        return first <= number and (last is None or number <= last)


CONDITIONS: Final = ("direction", "after", "matching", "only", "lasting", "chance", "crossings")
"""What every fault understands; no fault has an option of such a name."""


def parse_strike(what: str | Fault | Strike, /, **conditions: Any) -> Strike:
    """A strike from a line of text, or from a fault and conditions.

    Args:
        what: ``NAME KEY=VALUE ...``, a fault, or a strike.
        conditions: See `Strike`; they count more than those in the text or of the strike.

    Raises:
        ValueError: a name is not known, or a value is not of its kind. It says what there is.
    """
    if isinstance(what, Strike):
        if not conditions:
            return what
        return _strike(what.fault, {key: getattr(what, key) for key in CONDITIONS} | conditions)
    if not isinstance(what, str):
        return _strike(what, conditions)
    try:
        words = shlex.split(what)
    except ValueError as error:
        raise ValueError(f"{what!r} is no fault: {error}") from error
    if not words:
        raise ValueError("a fault has a name: write NAME KEY=VALUE ...")
    name, *pairs = words
    values: dict[str, Any] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign:
            raise ValueError(f"{what!r}: {pair!r} has no value; write KEY=VALUE")
        values[key] = value
    return strike_of(name, values | conditions)


def strike_of(name: str, values: Mapping[str, Any]) -> Strike:
    """A strike from a fault's name and everything else by name, as in a scenario.

    Raises:
        ValueError: as `parse_strike`.
    """
    kind = FAULTS.get(name)
    if kind is None:
        near = difflib.get_close_matches(name, FAULTS, n=1)
        guess = f"did you mean {near[0]}? " if near else ""
        raise ValueError(f"no fault is called {name!r}; {guess}`longwire chaos --faults` lists all")
    shared = {key: values[key] for key in CONDITIONS if key in values}
    own = {key: value for key, value in values.items() if key not in CONDITIONS}
    for key in own.keys() - kind.options():
        near = difflib.get_close_matches(key, CONDITIONS, n=1)
        if near:
            raise ValueError(f"the fault {name} has no option {key!r}; did you mean {near[0]}?")
    return _strike(kind.made_of(own), shared)


def _strike(fault: Fault, conditions: Mapping[str, Any]) -> Strike:
    given = dict(conditions)
    unknown = set(given) - set(CONDITIONS)
    if unknown:
        raise ValueError(
            f"no condition is called {min(unknown)!r}; there are {', '.join(CONDITIONS)}"
        )
    direction = given.pop("direction", fault.direction)
    if direction not in _DIRECTIONS:
        raise ValueError(f"direction: {direction!r} is none of {', '.join(_DIRECTIONS)}")
    for key in ("after", "lasting"):
        if given.get(key) is not None:
            given[key] = _amount(key, given[key])
    if given.get("lasting") is not None and given["lasting"].is_nothing:
        raise ValueError("lasting: with nothing at all to pass, it would end as it begins")
    for key in ("matching", "only"):
        if given.get(key) is not None:
            _check_pattern(key, given[key])
    if "chance" in given:
        given["chance"] = _probability(given["chance"])
    if "crossings" in given:
        given["crossings"] = _range(given["crossings"])
    strike = Strike(fault=fault, direction=direction, **given)
    _check(strike)
    return strike


def _check(strike: Strike) -> None:
    """Refuse conditions that the fault could not fulfil.

    Raises:
        ValueError: there is one.
    """
    fault = strike.fault
    if fault.momentary and strike.lasting is not None:
        raise ValueError(f"the fault {strike.name} happens in a moment: it cannot be lasting")
    if strike.only is not None and not fault.works_on_frames():
        raise ValueError(f"the fault {strike.name} does not work on frames: only has no meaning")
    if fault.scope != "proxy":
        return
    timed = all(one is None or one.seconds is not None for one in (strike.after, strike.lasting))
    if not timed or strike.matching is not None:
        raise ValueError(
            f"the fault {strike.name} strikes the proxy, not a connection: "
            "after and lasting must be lengths of time, and matching has no meaning"
        )
    if strike.chance < 1 and type(fault).begins is not Fault.begins:
        raise ValueError(f"the fault {strike.name} strikes all at once: chance has no meaning")


def _amount(key: str, value: Any) -> Amount:
    try:
        return parse_amount(value)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error


def _check_pattern(key: str, pattern: object) -> None:
    if not isinstance(pattern, str):
        raise ValueError(f"{key}: {pattern!r} is no text")  # noqa: TRY004 - as all wrong values
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{key}: {pattern!r} is no regular expression: {error}") from error


def _probability(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number <= 1:
        raise ValueError(f"chance: {value!r} is not between 0 and 1")
    return number


def _range(value: Any) -> tuple[int, int | None]:
    if isinstance(value, tuple) or value == "all":
        return (1, None) if value == "all" else value
    found = _CROSSINGS.fullmatch(str(value))
    if found is None:
        raise ValueError(f"crossings: {value!r} is none of: all, 1, 2-, 2-4")
    first = int(found[1])
    last = first if found[2] is None else int(found[3]) if found[3] else None
    if first < 1 or (last is not None and last < first):
        raise ValueError(f"crossings: {value!r} is none; they are counted from 1")
    return first, last
