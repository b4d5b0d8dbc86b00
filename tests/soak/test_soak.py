"""Half an hour of random faults, with every promise watched."""

from __future__ import annotations

import os

import pytest

from soak import kinds
from soak.books import Broken
from soak.failure import soak
from soak.kinds import KINDS, Kind
from soak.schedule import drawn

SEED = int(os.environ.get("LONGWIRE_SOAK_SEED", "2026"))
SECONDS = {"secured": 200, "proxied": 200, "streaming": 200}
"""Virtual seconds for a kind that was tried long enough in few; the others have `LONG`."""
LONG = 330


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.blocking
@pytest.mark.parametrize("isolate", [True, False], ids=["isolated", "inline"])
@pytest.mark.parametrize("kind", KINDS)
def test_soak(kind: str, isolate: bool) -> None:
    """Nothing lost, doubled or out of order; no wrong cause, no leak; and it always comes back."""
    seconds = SECONDS.get(kind, LONG)
    far = soak(kind, SEED, isolate=isolate, seconds=seconds)
    assert len(far.taken) >= seconds / 40
    assert far.feed.next_number > seconds


@pytest.mark.blocking
def test_a_broken_promise_is_told_with_the_fewest_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that promises more than it was asked for fails, and one cut is enough for that."""
    boastful = Kind(options=KINDS["numbered"].options, losses="none")
    monkeypatch.setitem(kinds.KINDS, "boastful", boastful)
    with pytest.raises(Broken) as caught:
        soak("boastful", SEED, isolate=False, seconds=120)
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
