"""What people write for a fault and its conditions becomes a strike, or a clear error."""

from __future__ import annotations

from typing import Any

import pytest

from longwire.chaos.catalogue import FAULTS
from longwire.chaos.faults.drop_every import DropEvery
from longwire.chaos.faults.latency import Latency
from longwire.chaos.strike import CONDITIONS, Strike, parse_strike, strike_of
from longwire.chaos.values import Amount

ENDLESS = "9" * 400
"""More than a float can hold."""


def test_a_line_of_text() -> None:
    """The name, the fault's own options, and the conditions that all share."""
    strike = parse_strike(
        "drop-every n=3 direction=c2s after='100 frames' lasting=10s "
        "chance=0.5 crossings=2-4 only=seq"
    )
    assert strike == Strike(
        fault=DropEvery(n=3),
        direction="c2s",
        after=Amount(frames=100),
        lasting=Amount(seconds=10.0),
        chance=0.5,
        crossings=(2, 4),
        only="seq",
    )
    assert strike.name == "drop-every"


def test_a_fault_and_conditions() -> None:
    """From a program the same is said with objects; where nothing is said, it strikes at once."""
    assert parse_strike(Latency(seconds=0.2)) == parse_strike("latency seconds=200ms")
    assert parse_strike(DropEvery(), after=3) == parse_strike("drop-every after=3s")
    strike = parse_strike("mute")
    assert (strike.after, strike.lasting, strike.chance) == (None, None, 1.0)
    assert parse_strike(strike) is strike
    again = parse_strike(parse_strike("mute after=3s crossings=2-4"), after="5 frames")
    assert again == parse_strike("mute after='5 frames' crossings=2-4")


def test_every_fault_can_be_named() -> None:
    """With nothing but its name, and its own direction."""
    for name, kind in FAULTS.items():
        strike = strike_of(name, {})
        assert (strike.name, strike.direction) == (name, kind.direction)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("all", {1, 2, 9}), ("2", {2}), ("2-", {2, 9}), ("1-2", {1, 2})],
)
def test_which_connections_are_struck(text: str, numbers: set[int]) -> None:
    """By their numbers, from 1."""
    strike = parse_strike("mute", crossings=text)
    assert {number for number in (1, 2, 9) if strike.strikes_crossing(number)} == numbers


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "a fault has a name"),
        ("'", "is no fault"),
        ("drop-evry", "did you mean drop-every"),
        ("nonsense", "lists all"),
        ("mute now", "'now' has no value"),
        ("mute n=3", "the fault mute has no option 'n'; it has: none"),
        ("drop-every lastin=3s", "has no option 'lastin'; did you mean lasting?"),
        ("drop-every n=few", "the fault drop-every, n: "),
        ("drop-every n=2.5", "no whole number"),
        ("drop-every n=inf", "the fault drop-every, n: 'inf' is no whole number"),
        ("drop-every n=nan", "no whole number"),
        (f"slice size={'9' * 400}", "is "),
        (f"bandwidth rate={ENDLESS}", "is "),
        (f"mute after='{'9' * 400} frames'", "is "),
        ("mute lasting=0s", "it would end as it begins"),
        ("mute lasting='0 frames'", "it would end as it begins"),
        ("mute crossings=0", "counted from 1"),
        ("mute crossings=3-2", "crossings: '3-2' is none"),
        ("latency seconds=soon", "the fault latency, seconds: 'soon' is no"),
        ("idle-kill how=loudly", "none of fin, reset, silent"),
        ("mute direction=up", "none of c2s, s2c, both"),
        ("mute after=later", "after: 'later' is no amount"),
        ("mute lasting=-1s", "lasting: '-1s' is no amount"),
        (f"mute after='{ENDLESS} frames'", "is too much"),
        ("mute chance=2", "not between 0 and 1"),
        ("mute chance=maybe", "not between 0 and 1"),
        ("mute crossings=some", "crossings: 'some'"),
        ("mute crossings=4-2", "crossings: '4-2' is none"),
        ("mute crossings=0", "crossings: '0' is none"),
        ("mute matching='('", "no regular expression"),
        ("mute only='['", "no regular expression"),
        ("mute matching=a{99999999999}", "no regular expression"),
        (f"mute matching={'(' * 5_000}{')' * 5_000}", "no regular expression"),
        ("reset lasting=5s", "happens in a moment"),
        ("latency only=x", "only has no meaning"),
        ("refuse after='3 frames'", "strikes the proxy"),
        ("refuse matching=x", "strikes the proxy"),
        ("refuse chance=0.5", "chance has no meaning"),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, problem: str) -> None:
    """And the error says what there is instead."""
    with pytest.raises(ValueError, match=r".") as error:
        parse_strike(text)
    assert problem in str(error.value)


@pytest.mark.parametrize("key", ["matching", "only"])
@pytest.mark.parametrize("value", [5, b"x"])
def test_what_is_looked_for_is_text(key: str, value: object) -> None:
    """A scenario may have a number there, and is told at once, not on the first connection."""
    with pytest.raises(ValueError, match=f"^{key}: .* is no text"):
        parse_strike("mute", **{key: value})


def test_an_unknown_condition_is_refused() -> None:
    """From a program, too."""
    conditions: dict[str, Any] = {"untill": 3}
    with pytest.raises(ValueError, match="no condition is called 'untill'"):
        parse_strike(DropEvery(), **conditions)


@pytest.mark.parametrize("condition", ["matching", "only"])
@pytest.mark.parametrize("value", [3, b"x", ["x"]])
def test_a_pattern_is_text(condition: str, value: Any) -> None:
    """Said at once, not when the first connection comes."""
    with pytest.raises(ValueError, match=f"{condition}: .* is no text"):
        parse_strike(DropEvery(), **{condition: value})


def test_no_option_of_a_fault_is_called_like_a_condition() -> None:
    """Both are written in one line."""
    for kind in FAULTS.values():
        assert not set(kind.options()) & set(CONDITIONS)
