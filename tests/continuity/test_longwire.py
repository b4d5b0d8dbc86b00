"""Longwire meets every cause of the scoreboard, and keeps its promises in each.

How soon it is back in milliseconds is no test, since it depends on the machine: `make scoreboard`
measures it.
"""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Final

import pytest

from scoreboard.bars import gives_evidence
from scoreboard.cells import CELLS
from scoreboard.measure import measure
from scoreboard.play import play
from scoreboard.roster import CLIENTS

if TYPE_CHECKING:
    from scoreboard.cell import Cell
    from scoreboard.measure import Result

PATIENCE: Final = 1.3
"""Seconds that a peer has for a pong, in place of the scoreboard's 0.5: on a busy machine the tests
themselves, which are the peer, may be slower than that."""
RATE: Final = 50
"""Messages a second: a quarter of the scoreboard's, since many cells are played at once."""
GRACE: Final = 3.0
"""Seconds that a busy machine may add to what is noticed."""
AT_ONCE: Final = 2
"""Cells that one test plays side by side: they mostly wait."""

_TESTS: Final = -(-len(CELLS) // AT_ONCE)
BATCHES: Final = [list(CELLS)[first::_TESTS] for first in range(_TESTS)]
"""Dealt out, so that long cells are not all in one test."""
INLINE: Final = [
    ["upstream-feed-dead", "zombie-stream"],
    ["half-open-undetected", "sequence-gap"],
    ["blocked-event-loop"],
]


def back_within(cell: Cell) -> float:
    """Seconds behind the end of a cell; who is to return later need not be waited for."""
    return 0.0 if cell.returns_later else 10.0


def broken(cell: Cell, result: Result) -> list[str]:
    """The promises that were not kept."""
    late = cell.within is not None and (
        result.noticed is None or result.noticed > cell.within + GRACE
    )
    promises = {
        "no loss is silent": result.silent == 0,
        # It is told where the numbers are, so that an interruption alone says too little. Who is
        # not back yet cannot know them.
        "what is lost is named by number": result.told == 0 or not result.receives,
        "nothing that came is called lost": result.unfounded == 0,
        "nothing comes twice": result.twice == 0,
        "nothing comes late": result.late == 0,
        "it is noticed in time": not late,
        "no wrong cause is named": result.naming != "wrong",
        "the cause is named": result.naming == "right" or not gives_evidence(cell, result),
        "it receives at the end": result.receives or cell.returns_later,
        "it goes on by itself": result.exited is None,
        "nothing is left behind": result.clean,
    }
    return [promise for promise, kept in promises.items() if not kept]


async def play_all(client: str, causes: list[str]) -> dict[str, tuple[list[str], Result]]:
    """What was broken in some cells, played side by side; empty where all went well."""
    options = (*CLIENTS[client].options, "--within", str(PATIENCE))
    patient = dataclasses.replace(CLIENTS[client], options=options)
    async with asyncio.TaskGroup() as group:
        plays = [
            group.create_task(
                play(CELLS[one], patient, rate=RATE, patience=back_within(CELLS[one]))
            )
            for one in causes
        ]
    results = [
        measure(CELLS[cause], one.result()) for cause, one in zip(causes, plays, strict=True)
    ]
    broken_ones = [broken(CELLS[result.cell], result) for result in results]
    return {
        result.cell: (promises, result)
        for result, promises in zip(results, broken_ones, strict=True)
        if promises
    }


@pytest.mark.timeout(120)
@pytest.mark.parametrize("causes", BATCHES, ids=" ".join)
async def test_isolated(causes: list[str]) -> None:
    """By default: no loss is silent, the cause is named where there is evidence, and so on."""
    assert await play_all("longwire", causes) == {}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("causes", INLINE, ids=" ".join)
async def test_inline(causes: list[str]) -> None:
    """The same with the links on the user's loop."""
    assert await play_all("longwire inline", causes) == {}
