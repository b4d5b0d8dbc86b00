"""Draws a state machine as an arc diagram: states in a column, one arc for each way between two.

Arcs that lead down are on the right, arcs that lead back up on the left; each bears its events.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROW = 92
BOX = (120, 34)
REACH = 46
"""How much further out an arc goes for each state that it passes."""

STYLE = """
text { font: 13px sans-serif; fill: currentColor; text-anchor: middle }
text.label { font-size: 11px; text-anchor: start; paint-order: stroke;
  stroke: var(--bs-body-bg, white); stroke-width: 4px }
text.back { text-anchor: end }
rect { fill: none; stroke: currentColor; stroke-width: 1.5 }
path { fill: none; stroke: #3a7bd5; stroke-width: 1.5 }
path.back { stroke: #d5763a }
"""

HEAD = (
    '<svg viewBox="0 0 {width} {height}" width="100%" role="img" aria-label="state diagram"'
    ' xmlns="http://www.w3.org/2000/svg">'
)

TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
    ' orient="auto"><path d="M0 0 8 4 0 8z" style="fill: context-stroke; stroke: none"/></marker>'
    "</defs>"
)


@dataclass
class Arc:
    """The way from one row to another."""

    start: int
    end: int
    events: str
    left: int
    """Where the boxes begin."""

    @property
    def side(self) -> int:
        """1 where it leads down, on the right; -1 where it leads up, on the left."""
        return 1 if self.end > self.start else -1

    @property
    def kind(self) -> str:
        """How it is styled."""
        return "" if self.side == 1 else "back"

    @property
    def x(self) -> int:
        """The edge of the boxes that it leaves and reaches."""
        return self.left + BOX[0] if self.side == 1 else self.left

    @property
    def depth(self) -> int:
        """How far out its control points are."""
        return self.side * (20 + REACH * abs(self.end - self.start))

    def path(self) -> str:
        """Its line, which leaves a box off the middle so that those that arrive have room."""
        y1, y2 = middle(self.start) + 9 * self.side, middle(self.end) - 9 * self.side
        out = self.x + self.depth
        curve = f"M{self.x} {y1}C{out} {y1} {out} {y2} {self.x} {y2}"
        return f'<path class="{self.kind}" marker-end="url(#tip)" d="{curve}"/>'

    def label(self) -> str:
        """Its events, at the point furthest out: three quarters of the way to the controls."""
        x = self.x + self.depth * 3 // 4 + 5 * self.side
        y = (middle(self.start) + middle(self.end)) // 2 + 4
        return f'<text class="label {self.kind}" x="{x}" y="{y}">{escape(self.events)}</text>'


def middle(row: int) -> int:
    """The height of a row's middle."""
    return ROW * row + ROW // 2


def draw(states: Sequence[str], ways: Mapping[tuple[str, str], Sequence[str]]) -> str:
    """The diagram as SVG.

    Args:
        states: From top to bottom.
        ways: The events that lead from the first state of the pair to the second.
    """
    rows = {state: row for row, state in enumerate(states)}
    longest = REACH * len(states) * 3 // 4
    left = longest + 100
    arcs = [Arc(rows[a], rows[b], ", ".join(events), left) for (a, b), events in ways.items()]
    return "\n".join(
        [
            HEAD.format(width=2 * left + BOX[0], height=ROW * len(states)),
            f"<style>{STYLE}</style>{TIP}",
            *(box(state, left, row) for state, row in rows.items()),
            *(arc.path() for arc in arcs),
            *(arc.label() for arc in arcs),
            "</svg>",
        ]
    )


def box(state: str, left: int, row: int) -> str:
    """A state."""
    y = middle(row)
    return (
        f'<rect x="{left}" y="{y - BOX[1] // 2}" width="{BOX[0]}" height="{BOX[1]}" rx="8"/>'
        f'<text x="{left + BOX[0] // 2}" y="{y + 4}">{escape(state)}</text>'
    )
