"""What all faults have in common: names, options, and hooks that do nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, cast

import pytest

from longwire.chaos.fault import Fault, Parcel
from longwire.chaos.frames import TEXT, Frame, make_frame
from longwire.chaos.values import Bytes, Seconds  # noqa: TC001 - types of options


@dataclass(kw_only=True)
class SpoilTheFun(Fault):
    """Spoil it.

    Whatever it is.
    """

    seconds: Seconds = 1.0
    size: Bytes = 10
    loud: bool = False
    count: int = 1
    share: float = 0.5
    how: Literal["gently", "badly"] = "gently"
    word: str = ""
    _kept: Frame | None = field(default=None, init=False)


def test_names_are_derived() -> None:
    """From the class and its docstring."""
    assert SpoilTheFun.name() == "spoil-the-fun"
    assert SpoilTheFun.about() == "Spoil it."


def test_options_are_the_fields_that_can_be_given() -> None:
    """Those that a copy keeps for itself are none."""
    assert list(SpoilTheFun.options()) == [
        "seconds", "size", "loud", "count", "share", "how", "word",
    ]  # fmt: skip


def test_options_are_read_from_text() -> None:
    """Each by its type."""
    made = SpoilTheFun.made_of(
        {
            "seconds": "200ms",
            "size": "4KiB",
            "loud": "yes",
            "count": "3",
            "share": "0.25",
            "how": "badly",
            "word": "boo",
        }
    )
    assert made == SpoilTheFun(
        seconds=0.2, size=4096, loud=True, count=3, share=0.25, how="badly", word="boo"
    )
    assert SpoilTheFun.made_of({"loud": False, "count": 3}) == SpoilTheFun(count=3)


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("loud", "perhaps", "neither yes nor no"),
        ("count", "2.5", "no whole number"),
        ("count", "many", "count: 'many' is no whole number"),
        ("count", "inf", "no whole number"),
        ("count", "nan", "no whole number"),
        ("share", "half", "share: "),
        ("how", "well", "none of gently, badly"),
        ("seconds", "long", "is no"),
        ("word", "\ud800", "half a character"),
        ("volume", "11", "it has: seconds, size, loud, count, share, how, word"),
        ("_kept", "x", "has no option '_kept'"),
    ],
)
def test_wrong_options_are_refused(option: str, value: str, problem: str) -> None:
    """The error names fault and option, and says what there is."""
    with pytest.raises(ValueError, match="the fault spoil-the-fun") as error:
        SpoilTheFun.made_of({option: value})
    assert problem in str(error.value)


@pytest.mark.parametrize("value", [["boo"], {"a": 1}, None])
def test_what_is_no_text_is_refused(value: object) -> None:
    """A scenario can hold anything; a number is meant as it stands there."""
    with pytest.raises(ValueError, match=r"the fault spoil-the-fun, word: .* is no text"):
        SpoilTheFun.made_of({"word": value})
    assert SpoilTheFun.made_of({"word": 3}) == SpoilTheFun(word="3")


def test_hooks_do_nothing_by_default() -> None:
    """A fault that overrides none lets everything go on."""
    fault = SpoilTheFun()
    lane = cast("Any", None)
    one, parcel = make_frame(TEXT, b"x"), Parcel(b"x")
    fault.begins()
    fault.ends()
    assert tuple(fault.frame(one, lane)) == (one,)
    assert tuple(fault.parcel(parcel, lane)) == (parcel,)
    assert fault.response(b"head") == b"head"
    assert fault.answer(cast("Any", None)) is None
    assert (fault.ignores_opening(), fault.patience(lane)) == (False, 0.0)
    assert not SpoilTheFun.works_on_frames()
