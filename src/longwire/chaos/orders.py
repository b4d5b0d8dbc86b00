"""What can be asked of a proxy while it runs, and the answers; how it is asked is `control`'s."""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, TypeVar

from longwire.chaos.catalogue import FAULTS
from longwire.chaos.manual import record_of
from longwire.chaos.scenario import load_scenario, scenario_names

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from longwire.chaos.crossing import Crossing
    from longwire.chaos.proxy import Proxy
    from longwire.chaos.scenario import Scenario
    from longwire.chaos.strike import Strike

    _Do = Callable[["Orders", "Order"], Coroutine[Any, Any, "Answer"]]

_T = TypeVar("_T")

_ID: Final = "([0-9]{1,9})"
PAGE: Final = 1_000
"""Records of the journal in one answer, where the asker does not say how many (``limit``)."""
_LONGEST_PAGE: Final = 10_000
"""What fits into some MiB, and delays the loop for some milliseconds only."""


class Order(NamedTuple):
    """What was asked for."""

    method: str
    path: str
    query: Mapping[str, str] = MappingProxyType({})
    body: Mapping[str, Any] = MappingProxyType({})
    number: int = 0
    """The one in the path, where there is one."""


class Answer(NamedTuple):
    """What is said to it: a status of HTTP, and what becomes JSON. None: nothing."""

    status: int
    body: object = None
    allow: str = ""
    """What may be asked of such a path, where it is not this."""


class Refused(Exception):
    """It cannot be done; the answer says why."""

    def __init__(self, status: int, why: str, *, allow: str = "") -> None:
        super().__init__(why)
        self.answer = Answer(status, {"error": why}, allow)


class Orders:
    """Does what is asked of a proxy, in its loop.

    Args:
        proxy: Entered.
    """

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy

    async def obey(self, order: Order) -> Answer:
        """Do it.

        Raises:
            Refused: it is not known, makes no sense, or is about something that is not there.
        """
        for pattern, methods in self._paths:
            found = pattern.fullmatch(order.path)
            if found is None:
                continue
            do = methods.get(order.method)
            if do is None:
                known = ", ".join(methods)
                raise Refused(405, f"{order.path} knows {known}", allow=known)
            number = int(found[1]) if pattern.groups else 0
            return await do(self, order._replace(number=number))
        raise Refused(404, f"nobody knows {order.path}; GET / lists what there is")

    async def _index(self, order: Order) -> Answer:
        known = [
            f"{method} {pattern.pattern.replace(_ID, 'ID')}"
            for pattern, methods in self._paths
            for method in methods
        ]
        proxy = self._proxy
        about = {"url": proxy.url, "to": str(proxy.to), "seed": proxy.seed}
        return Answer(200, about | {"knows": known})

    async def _faults(self, order: Order) -> Answer:
        return Answer(200, [record_of(kind) for kind in FAULTS.values()])

    async def _strikes(self, order: Order) -> Answer:
        strikes = self._proxy.strikes.items()
        return Answer(200, [_strike_record(number, strike) for number, strike in strikes])

    async def _strike(self, order: Order) -> Answer:
        _check_names(order.body, ("fault", "only_now"))
        fault = _field(order.body, "fault", str)
        only_now = _field(order.body, "only_now", bool, default=False)
        try:
            number = self._proxy.strike(fault, only_now=only_now)
        except ValueError as error:
            raise Refused(400, str(error)) from error
        return Answer(201, {"id": number})

    async def _end(self, order: Order) -> Answer:
        try:
            self._proxy.end(order.number)
        except KeyError:
            raise Refused(404, f"no strike has the id {order.number}") from None
        return Answer(204)

    async def _crossings(self, order: Order) -> Answer:
        return Answer(200, [_crossing_record(one) for one in self._proxy.crossings])

    async def _reset(self, order: Order) -> Answer:
        for crossing in self._proxy.crossings:
            if crossing.number == order.number:
                self._proxy.journal.tell("resets", crossing=crossing.number)
                crossing.reset()
                return Answer(204)
        raise Refused(404, f"no connection has the id {order.number}")

    async def _journal(self, order: Order) -> Answer:
        since = _number(order.query, "since", -1.0)
        limit = _number(order.query, "limit", float(PAGE))
        if not 1 <= limit <= _LONGEST_PAGE:
            raise Refused(400, f"limit is from 1 to {_LONGEST_PAGE}")
        records: list[Mapping[str, Any]] = []
        for one in self._proxy.journal:
            # Records of the same moment stay together, so that none falls between two answers.
            if len(records) >= limit and one["t"] > records[-1]["t"]:
                break
            if one["t"] > since:
                records.append(one)
        return Answer(200, records)

    async def _scenario(self, order: Order) -> Answer:
        _check_names(order.body, ("name", "speed"))
        name = _field(order.body, "name", str)
        speed = _field(order.body, "speed", float, default=1.0)
        try:
            scenario = (await asyncio.to_thread(_shipped, name)).faster(speed)
        except ValueError as error:
            raise Refused(400, str(error)) from error
        scenario.play(self._proxy)
        return Answer(202, {"name": name, "seconds": scenario.length})

    _paths: ClassVar[tuple[tuple[re.Pattern[str], Mapping[str, _Do]], ...]] = tuple(
        (re.compile(path), methods)
        for path, methods in (
            ("/", {"GET": _index}),
            ("/faults", {"GET": _faults}),
            ("/strikes", {"GET": _strikes, "POST": _strike}),
            (f"/strikes/{_ID}", {"DELETE": _end}),
            ("/crossings", {"GET": _crossings}),
            (f"/crossings/{_ID}/reset", {"POST": _reset}),
            ("/journal", {"GET": _journal}),
            ("/scenario", {"POST": _scenario}),
        )
    )
    """What there is to be asked: path, methods, and who does it."""


def _shipped(name: str) -> Scenario:
    """A scenario by its name.

    Raises:
        ValueError: there is none. Files are none: who may break what passes here may not read what
            is on the disk.
    """
    names = scenario_names()
    if name not in names:
        raise ValueError(f"no scenario is called {name!r}; there are {', '.join(names)}")
    return load_scenario(name)


def _strike_record(number: int, strike: Strike) -> dict[str, object]:
    fault = strike.fault
    first, last = strike.crossings
    return {
        "id": number,
        "fault": strike.name,
        "options": {name: getattr(fault, name) for name in fault.options()},
        "direction": strike.direction,
        "after": None if strike.after is None else str(strike.after),
        "matching": strike.matching,
        "only": strike.only,
        "lasting": None if strike.lasting is None else str(strike.lasting),
        "chance": strike.chance,
        "crossings": [first, last],
    }


def _crossing_record(crossing: Crossing) -> dict[str, object]:
    lanes = crossing.lanes.items()
    return {
        "id": crossing.number,
        "live": crossing.live,
        "frames": {direction: lane.frames for direction, lane in lanes},
        "messages": {direction: lane.messages for direction, lane in lanes},
    }


def _check_names(body: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = set(body) - set(known)
    if unknown:
        raise Refused(400, f"nobody knows what {min(unknown)!r} is; there are {', '.join(known)}")


def _field(body: Mapping[str, Any], name: str, kind: type[_T], default: _T | None = None) -> _T:
    """A field of the body.

    Raises:
        Refused: it is missing, or of another kind.
    """
    value = body.get(name, default)
    if value is None:
        raise Refused(400, f"{name!r} is missing")
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        # JSON has whole numbers that no float can hold.
        with contextlib.suppress(OverflowError):
            value = float(value)
    if not isinstance(value, kind):
        raise Refused(400, f"{name!r} must be {_KINDS[kind]}")
    return value


_KINDS: Final[dict[type, str]] = {str: "text", bool: "true or false", float: "a number"}


def _number(query: Mapping[str, str], name: str, default: float) -> float:
    try:
        value = float(query.get(name, default))
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise Refused(400, f"{name} must be a number")
    return value
