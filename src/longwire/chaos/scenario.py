"""Scenarios: a named timeline of faults, in a file that can be shared and repeated."""

from __future__ import annotations

import dataclasses
import importlib.resources
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from longwire.chaos.strike import Strike, strike_of
from longwire.chaos.values import Amount, Seconds, parse_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from longwire.chaos.proxy import Proxy

_OWN_KEYS: Final = ("name", "at", "whom")
_SLOWEST: Final = 1e-6
_FASTEST: Final = 1_000_000
"""By how much a scenario can be sped up, so that each of its times can still be waited for."""
_FOLDER: Final = importlib.resources.files(__package__) / "scenarios"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One fault of a scenario.

    Attributes:
        at: Seconds from the start of the scenario.
        strike: What happens. A ``lasting`` in seconds is counted on the timeline, from ``at``.
        only_there: It strikes the connections that are there at that moment, and no later ones.
    """

    at: float
    strike: Strike
    only_there: bool


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A timeline of faults; `load_scenario` reads one, `play` lets it happen."""

    name: str
    about: str
    steps: tuple[Step, ...]
    seed: int | None = None
    """What chance is drawn from; None: the proxy's own."""

    @property
    def length(self) -> float:
        """Seconds until its last fault strikes, or ends on the timeline."""
        return max((step.at + _window(step.strike) for step in self.steps), default=0.0)

    def faster(self, factor: float) -> Scenario:
        """The same with every length of time divided by a factor; rates and counts stay.

        Raises:
            ValueError: the factor is not positive, or so far from 1 that times lose their meaning.
        """
        if not _SLOWEST <= factor <= _FASTEST:
            bounds = f"from {_SLOWEST:g} to {_FASTEST:,}"
            raise ValueError(
                f"a scenario can be sped up by a positive factor {bounds}, not by {factor}"
            )
        steps = (
            Step(
                at=step.at / factor,
                strike=_faster(step.strike, factor),
                only_there=step.only_there,
            )
            for step in self.steps
        )
        return msgspec.structs.replace(self, steps=tuple(steps))

    def play(self, proxy: Proxy) -> None:
        """Let it begin now; each step strikes in its time."""
        proxy.journal.tell("begins", scenario=self.name)
        for step in self.steps:
            if step.at:
                proxy.later(step.at, lambda step=step: _strike(proxy, step))  # type: ignore[misc]
            else:
                _strike(proxy, step)


def scenario_names() -> list[str]:
    """The scenarios that longwire brings along."""
    names = (one.name for one in _FOLDER.iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def load_scenario(what: str | Path) -> Scenario:
    """A scenario by its name, or from a file.

    Raises:
        ValueError: there is no such scenario, or the file holds none. It says what is wrong, and
            where.
        OSError: the file cannot be read.
    """
    name = str(what)
    if name in scenario_names():
        return _scenario(name, (_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    path = Path(what)
    if not path.exists() and not name.endswith(".toml"):
        raise ValueError(
            f"no scenario is called {name!r}, and no file; there are {', '.join(scenario_names())}"
        )
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{name}: it is not UTF-8: {error.reason}") from error
    return _scenario(name, text)


def _scenario(origin: str, text: str) -> Scenario:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{origin}: {error}") from error
    faults = table.pop("fault", [])
    if not (isinstance(faults, list) and faults and all(isinstance(one, dict) for one in faults)):
        raise ValueError(f"{origin}: it has no faults; write at least one [[fault]]")
    known = {"name": table.pop("name", Path(origin).stem), "about": table.pop("about", "")}
    seed = table.pop("seed", None)
    if table:
        raise ValueError(f"{origin}: nobody knows what {min(table)!r} is")
    for key, value in known.items():
        if not isinstance(value, str):
            problem = f"{origin}: {key} must be text, not {value!r}"
            raise ValueError(problem)  # noqa: TRY004 - as all other wrong values
    if seed is not None and type(seed) is not int:
        raise ValueError(f"{origin}: seed must be a whole number, not {seed!r}")
    steps = []
    for number, one in enumerate(faults, 1):
        try:
            steps.append(_step(one))
        except ValueError as error:
            raise ValueError(f"{origin}, fault {number}: {error}") from error
    return Scenario(**known, seed=seed, steps=tuple(steps))


def _step(table: Mapping[str, Any]) -> Step:
    if "name" not in table:
        raise ValueError("it has no name")
    name = table["name"]
    if not isinstance(name, str):
        raise ValueError(f"name must be text, not {name!r}")  # noqa: TRY004 - as all wrong values
    try:
        at = parse_seconds(table.get("at", 0.0))
    except ValueError as error:
        raise ValueError(f"at: {error}") from error
    values = {key: value for key, value in table.items() if key not in _OWN_KEYS}
    strike = strike_of(name, values)
    whom = table.get("whom", "there" if strike.fault.momentary and at else "all")
    if whom not in ("there", "all"):
        raise ValueError(f"whom: {whom!r} is neither there nor all")
    return Step(at=at, strike=strike, only_there=whom == "there")


def _strike(proxy: Proxy, step: Step) -> None:
    window = _window(step.strike)
    strike = msgspec.structs.replace(step.strike, lasting=None) if window else step.strike
    order = proxy.strike(strike, only_now=step.only_there)
    if window:
        proxy.later(window, lambda: _end(proxy, order))


def _end(proxy: Proxy, order: int) -> None:
    # Whoever gives orders meanwhile may have ended it before its time.
    if order in proxy.strikes:
        proxy.end(order)


def _window(strike: Strike) -> float:
    """Seconds on the timeline that a strike lasts; 0 where it has no end there."""
    return (strike.lasting.seconds if strike.lasting is not None else None) or 0.0


def _faster(strike: Strike, factor: float) -> Strike:
    fault = strike.fault
    lengths = {
        name: getattr(fault, name) / factor
        for name, hint in fault.options().items()
        if hint == Seconds
    }
    return msgspec.structs.replace(
        strike,
        fault=dataclasses.replace(fault, **lengths),
        after=_sooner(strike.after, factor),
        lasting=_sooner(strike.lasting, factor),
    )


def _sooner(amount: Amount | None, factor: float) -> Amount | None:
    if amount is None or amount.seconds is None:
        return amount
    return Amount(seconds=amount.seconds / factor)
