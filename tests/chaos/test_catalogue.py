"""The faults are found by themselves, and declare what they reproduce."""

from __future__ import annotations

from pathlib import Path

from longwire.chaos import faults
from longwire.chaos.catalogue import FAULTS
from longwire.core.causes import CATALOGUE
from longwire.core.causes.instruments import left_out, matrix


def test_each_file_holds_one_fault_of_its_name() -> None:
    """So that whoever looks for a fault finds it."""
    files = {path.stem for path in Path(faults.__path__[0]).glob("*.py")} - {"__init__"}
    assert {name.replace("-", "_") for name in FAULTS} == files


def test_what_they_reproduce_stands_in_the_matrix() -> None:
    """By ids of the catalogue."""
    covered = matrix()
    for name, kind in FAULTS.items():
        for cause_id in kind.reproduces:
            assert cause_id in CATALOGUE, f"{name}: there is no cause {cause_id}"
            assert name in covered[cause_id]["chaos"]


def test_each_cause_has_a_fault_or_a_reason() -> None:
    """What chaos does not reproduce, it says why not; and not of what it does."""
    for cause_id, cells in matrix().items():
        assert bool(cells["chaos"]) != ("chaos" in left_out(cause_id)), cause_id
