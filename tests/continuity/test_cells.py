"""Every cause of the catalogue has a cell, or a reason for having none; each cell makes sense."""

from __future__ import annotations

import re

import pytest

from longwire.chaos import FAULTS, parse_strike
from longwire.core.causes import CATALOGUE
from scoreboard.cells import CELLS, GROUPS
from scoreboard.nocells import NO_CELL
from scoreboard.steps import Expired, Strike


def test_every_cause_is_accounted_for() -> None:
    """A cell or a reason, and not both."""
    played = {cell.cause for cell in CELLS.values()}
    assert played | set(NO_CELL) == set(CATALOGUE)
    assert not played & set(NO_CELL)


def test_reasons_lead_to_cells() -> None:
    """A cause that looks as another does, does so in a cell."""
    told = {cause: set(re.findall(r"[a-z]+(?:-[a-z]+)+", why)) for cause, why in NO_CELL.items()}
    for cause, names in told.items():
        for other in names & set(CATALOGUE) - {cause}:
            assert other in CELLS, cause


def test_no_cell_hides_another() -> None:
    """Cells of one cause have names of their own, and each cause has its usual cell."""
    causes = [cell.cause for cell in CELLS.values() if not cell.variant]
    assert len(causes) == len(set(causes))
    assert {cell.cause for cell in CELLS.values()} == set(causes)
    assert len(CELLS) == sum(map(len, GROUPS))


@pytest.mark.parametrize("name", CELLS)
def test_each_cell_can_be_played(name: str) -> None:
    """Its strikes are ones, its steps lie within it, its other names are in the catalogue."""
    cell = CELLS[name]
    assert cell.steps
    assert set(cell.also) <= set(CATALOGUE)
    for step in cell.steps:
        assert 0 <= step.at < cell.seconds
        if isinstance(step, Strike):
            parse_strike(step.fault)
            assert step.at + (step.lasting or 0) <= cell.seconds
    assert cell.reachable < cell.seconds


@pytest.mark.parametrize("name", CELLS)
def test_chaos_says_that_it_reproduces_what_it_plays(name: str) -> None:
    """One of the faults of a cell names its cause, where the proxy makes it at all."""
    cell = CELLS[name]
    faults = [parse_strike(step.fault).fault for step in cell.steps if isinstance(step, Strike)]
    if faults and not any(isinstance(step, Expired) for step in cell.steps):
        assert any(cell.cause in fault.reproduces for fault in faults), name
    assert all(fault.name() in FAULTS for fault in faults)
