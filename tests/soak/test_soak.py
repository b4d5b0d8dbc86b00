"""Half an hour of random faults, with every promise watched."""

from __future__ import annotations

import os
from typing import get_args

import pytest

from soak import kinds
from soak.books import Broken
from soak.failure import soak
from soak.kinds import KINDS, Kind
from soak.play import Mode, play
from soak.schedule import Step, drawn

SEED = int(os.environ.get("LONGWIRE_SOAK_SEED", "2026"))
OLD = ("numbered", "refilled", "dropping", "subscribed")
NEW = ("secured", "proxied", "streaming")
PLAYED: list[tuple[str, Mode, float]] = [
    *((kind, "inline", 300) for kind in OLD),
    *((kind, "isolated", 300) for kind in OLD),
    *((kind, "inline", 200) for kind in NEW),
    *((kind, "isolated", 100) for kind in NEW),
    *((kind, "blocking", 100) for kind in ("plain", "refilled", "dropping")),
]
"""Kinds, modes, and virtual seconds. Inline ones cost the least real time."""


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.blocking
@pytest.mark.parametrize(("kind", "mode", "seconds"), PLAYED)
def test_soak(kind: str, mode: Mode, seconds: float) -> None:
    """Nothing lost, doubled or out of order; no wrong cause, no leak; and it always comes back."""
    far = soak(kind, SEED, mode=mode, seconds=seconds)
    assert len(far.taken) >= seconds / 50
    assert far.feed.next_number > seconds


def test_every_kind_is_played() -> None:
    """And in every mode some."""
    assert {kind for kind, _, _ in PLAYED} == set(KINDS)
    assert {mode for _, mode, _ in PLAYED} == set(get_args(Mode))


@pytest.mark.parametrize("mode", ["isolated", "blocking"])
@pytest.mark.blocking
def test_a_broken_promise_ends_the_play_at_once(
    mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In whichever thread it is found; and nobody is left waiting for the other."""
    boastful = Kind(options=KINDS["numbered"].options, losses="none")
    monkeypatch.setitem(kinds.KINDS, "boastful", boastful)
    step = Step(fault="outage", amount=0.1, pause=0.0, settled=True)
    with pytest.raises(Broken, match="a gap was not refilled"):
        play("boastful", [step], mode=mode, seed=SEED)


@pytest.mark.blocking
def test_a_broken_promise_is_told_with_the_fewest_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that promises more than it was asked for fails, and one cut is enough for that."""
    boastful = Kind(options=KINDS["numbered"].options, losses="none")
    monkeypatch.setitem(kinds.KINDS, "boastful", boastful)
    with pytest.raises(Broken) as caught:
        soak("boastful", SEED, mode="inline", seconds=120)
    text = str(caught.value)
    assert "a gap was not refilled" in text
    assert f"seed {SEED}" in text
    assert text.count("Step(") == 1


def test_the_same_seed_draws_the_same_faults() -> None:
    """And every fault that a client can get over is drawn in time."""
    names = KINDS["subscribed"].faults()
    first, second = (drawn(7, names) for _ in range(2))
    some = [next(first) for _ in range(500)]
    assert some == [next(second) for _ in range(500)]
    assert {step.fault for step in some} == set(names)


@pytest.mark.parametrize(
    ("fault", "kinds_"),
    [
        ("mute", {"subscribed"}),
        ("message ended", {"streaming"}),
        ("TLS garbled", {"secured"}),
        ("proxy cuts", {"proxied"}),
    ],
)
def test_what_a_fault_needs(fault: str, kinds_: set[str]) -> None:
    """A client that does not listen for silence would wait for ever, as it was told to."""
    assert {name for name, kind in KINDS.items() if fault in kind.faults()} == kinds_
