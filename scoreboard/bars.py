"""What longwire promises, held against a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from scoreboard.cells import CELLS
from scoreboard.tally import middle

if TYPE_CHECKING:
    from scoreboard.cell import Cell
    from scoreboard.measure import Result
    from scoreboard.tally import Results

OURS: Final = ("longwire", "longwire inline")
BUSY: Final = 0.3
"""Seconds that a machine which plays several cells at once may add to what is noticed."""


class Bar(NamedTuple):
    """One promise."""

    text: str
    measured: str
    met: bool


def is_plain_cut(cell: Cell) -> bool:
    """Whether it is a cut that is known at once, behind which a new connection is well at once."""
    waits = cell.reachable or cell.returns_later or cell.cause in _NOT_ONE_CUT
    return cell.kind == "cut" and not waits


_NOT_ONE_CUT: Final = frozenset(
    {"backoff-reset-on-open", "middlebox-interference", "reconnected-but-deaf"}
)
"""Here the connections behind the first are ill, too."""


def is_needless(result: Result) -> bool:
    """Whether it was interrupted where nothing should stop anybody.

    A loop that stands still stops the links that it carries itself, and nothing else does.
    """
    carried = (result.client, result.cell) == ("longwire inline", "blocked-event-loop")
    return CELLS[result.cell].kind == "harmless" and result.noticed is not None and not carried


def gives_evidence(cell: Cell, result: Result) -> bool:
    """Whether the client could name the cause: there is evidence, and there was an interruption."""
    return cell.evidence and (cell.kind != "harmless" or bool(result.causes))


def late_notices(results: list[Result]) -> list[str]:
    """Cells in which a client was told later than the bound allows, or never."""
    late = []
    for one in results:
        within = CELLS[one.cell].within
        if within is not None and (one.noticed is None or one.noticed > within + BUSY):
            late.append(one.cell)
    return sorted(set(late))


def bars(results: Results) -> list[Bar]:
    """The promises and what was measured; none where longwire was not played."""
    ours = [one for name in OURS for one in results.of(name)]
    if not ours:
        return []
    silent = sorted({one.cell for one in ours if one.silent})
    wrong = sorted({one.cell for one in ours if one.naming == "wrong"})
    asked = [one for one in ours if gives_evidence(CELLS[one.cell], one)]
    right = [one for one in asked if one.naming == "right"]
    share = len(right) / len(asked) if asked else 1.0
    cuts = [one for one in ours if is_plain_cut(CELLS[one.cell])]
    back = middle(cuts, lambda one: one.back)
    late = late_notices(ours)
    left = sorted({one.cell for one in ours if not one.clean})
    needless = sorted({one.cell for one in ours if is_needless(one)})
    # Who is not back yet cannot know what it missed.
    inexact = sorted({one.cell for one in ours if (one.told and one.receives) or one.unfounded})
    return [
        Bar("no silent loss in any cell", _places(silent), not silent),
        Bar(
            "the right cause in 95 % of the cells that give evidence", f"{share:.0%}", share >= 0.95
        ),
        Bar("never a wrong cause", _places(wrong), not wrong),
        Bar(
            "back within 100 ms, in the median, of a cut that is known at once",
            "-" if back is None else f"{back * 1000:.0f} ms",
            back is None or back <= 0.1,
        ),
        Bar("noticed within the bound in every cell", _places(late), not late),
        Bar("nothing left behind in any cell", _places(left), not left),
        Bar("no interruption where nothing should stop anybody", _places(needless), not needless),
        Bar("what is lost is named by number, and nothing else is", _places(inexact), not inexact),
    ]


def _places(cells: list[str]) -> str:
    return ", ".join(cells) or "none"
