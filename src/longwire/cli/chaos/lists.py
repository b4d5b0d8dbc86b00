"""What ``longwire chaos`` can do: its faults, the manual of each, its scenarios."""

from __future__ import annotations

from longwire.chaos.catalogue import FAULTS
from longwire.chaos.manual import options_of, page_of, record_of
from longwire.chaos.scenario import load_scenario, scenario_names
from longwire.chaos.strike import strike_of
from longwire.cli.failures import WrongUsage, json_line
from longwire.cli.units import span


def print_faults(*, as_json: bool) -> int:
    """All faults, with their options and what they reproduce. Returns 0."""
    for name, kind in FAULTS.items():
        if as_json:
            print(json_line(record_of(kind)))
            continue
        options = " ".join(f"{one.name}=" for one in options_of(kind))
        print(f"{name} {options}".rstrip())
        print(f"    {kind.about()}")
        if kind.reproduces:
            print(f"    reproduces: {', '.join(kind.reproduces)}")
    return 0


def print_manual(name: str, *, as_json: bool) -> int:
    """The manual of one fault. Returns 0.

    Raises:
        WrongUsage: there is none of that name.
    """
    try:
        kind = type(strike_of(name, {}).fault)
    except ValueError as error:
        raise WrongUsage(str(error)) from error
    print(json_line(record_of(kind)) if as_json else page_of(kind))
    return 0


def print_scenarios(*, as_json: bool) -> int:
    """The scenarios that longwire brings along. Returns 0."""
    for name in scenario_names():
        scenario = load_scenario(name)
        about = " ".join(scenario.about.split())
        if as_json:
            print(json_line({"name": name, "about": about, "seconds": scenario.length}))
        else:
            lasting = span(scenario.length) if scenario.length else "until it is ended"
            print(f"{name} ({lasting})\n    {about}")
    return 0
