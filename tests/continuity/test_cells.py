"""Every cause of the catalogue has a cell, or a reason for having none; each cell makes sense."""

from __future__ import annotations

import pytest

from longwire.chaos import FAULTS, parse_strike
from longwire.core.causes import CATALOGUE
from scoreboard.cells import CELLS
from scoreboard.nocells import NO_CELL
from scoreboard.steps import Strike


def test_every_cause_is_accounted_for() -> None:
    """A cell or a reason, and not both."""
    assert set(CELLS) | set(NO_CELL) == set(CATALOGUE)
    assert not set(CELLS) & set(NO_CELL)


@pytest.mark.parametrize("cause", CELLS)
def test_each_cell_can_be_played(cause: str) -> None:
    """Its strikes are ones, its steps lie within it, its other names are in the catalogue."""
    cell = CELLS[cause]
    assert cell.steps
    assert set(cell.also) <= set(CATALOGUE)
    for step in cell.steps:
        assert 0 <= step.at < cell.seconds
        if isinstance(step, Strike):
            parse_strike(step.fault)
            assert step.at + (step.lasting or 0) <= cell.seconds
    assert cell.reachable < cell.seconds


@pytest.mark.parametrize("cause", CELLS)
def test_chaos_says_that_it_reproduces_what_it_plays(cause: str) -> None:
    """One of the faults of a cell names its cause, where the proxy makes it at all."""
    faults = [
        parse_strike(step.fault).fault for step in CELLS[cause].steps if isinstance(step, Strike)
    ]
    if faults:
        assert any(cause in fault.reproduces for fault in faults), cause
    assert all(fault.name() in FAULTS for fault in faults)
