"""Pictures of a run: green while a client receives, red while it is deaf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.svg import Drawing
from scoreboard.cells import CELLS

if TYPE_CHECKING:
    from scoreboard.measure import Result
    from scoreboard.tally import Results

_STYLE: Final = """
text{font-family:-apple-system,"Segoe UI",Inter,Roboto,"Helvetica Neue","DejaVu Sans",sans-serif;
fill:#1f2933;font-size:11.5px}
.card{fill:#ffffff;stroke:#d9dee5}
.title{font-size:17px;font-weight:600}
.note{fill:#66717f;font-size:11.5px}
.head{font-weight:600}
.label{text-anchor:end}
.named{font-size:10.5px}
.hears{fill:#2f9e6e}.deaf{fill:#d64545}.lost{fill:#e8a33d}.gone{fill:#7a1f1f}
.strike{stroke:#1f2933;stroke-width:1.2}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}.card{fill:#11161d;stroke:#2d3540}.note{fill:#93a0ae}
.hears{fill:#2fa37a}.deaf{fill:#e05d5d}.lost{fill:#d99a3a}.gone{fill:#a33c3c}
.strike{stroke:#e6edf3}
}
""".replace("\n", "")

_MARGIN: Final = 20.0
_LABELS: Final = 186.0
_TOP: Final = 96.0
_ROW: Final = 16.0
_BAR: Final = 11.0
_BEFORE: Final = 0.6
"""Seconds that are shown before the strike."""
_LEGEND: Final = (
    ("hears", "receives"),
    ("deaf", "deaf"),
    ("gone", "its program has ended"),
    ("lost", "receives, but loses messages silently"),
)


def overview(results: Results) -> str:
    """All clients side by side, a row for each cell."""
    columns = results.clients
    width, gap = 116.0, 14.0
    drawing, bottom = _page(
        "Who goes on receiving",
        "Each bar is one client meeting one cause; the line is the moment it strikes.",
        width=_MARGIN * 2 + _LABELS + 12 + len(columns) * (width + gap),
        rows=len(results.cells),
    )
    longest = max((CELLS[cell].seconds for cell in results.cells), default=1.0)
    for position, client in enumerate(columns):
        x = _MARGIN + _LABELS + 12 + position * (width + gap)
        drawing.text(x, _TOP - 10, client, "head")
        for row, cell in enumerate(results.cells):
            for one in results.of(client, cell)[:1]:
                _strip(drawing, one, x, _TOP + row * _ROW, width / (longest + _BEFORE))
    _labels(drawing, results.cells)
    _legend(drawing, bottom)
    return drawing.document()


def timeline(results: Results, client: str) -> str:
    """One client, with the causes that it named."""
    width = 420.0
    x = _MARGIN + _LABELS + 12
    drawing, bottom = _page(
        f"{client} {results.versions.get(client, '')}",
        "Seconds from the strike; on the right what the client itself says was the cause.",
        width=x + width + 260,
        rows=len(results.cells),
    )
    longest = max((CELLS[cell].seconds for cell in results.cells), default=1.0)
    scale = width / (longest + _BEFORE)
    for second in range(int(longest) + 1):
        drawing.text(x + (second + _BEFORE) * scale - 3, _TOP - 10, str(second), "note")
    for row, cell in enumerate(results.cells):
        y = _TOP + row * _ROW
        for one in results.of(client, cell)[:1]:
            _strip(drawing, one, x, y, scale)
            names = one.said or ["gaps, by number"] * (one.named > 0)
            drawing.text(x + width + 10, y + _BAR - 2, ", ".join(names), "named")
    _labels(drawing, results.cells)
    _legend(drawing, bottom)
    return drawing.document()


def _page(title: str, note: str, *, width: float, rows: int) -> tuple[Drawing, float]:
    bottom = _TOP + rows * _ROW + 12
    drawing = Drawing(width, bottom + 30, _STYLE, title)
    drawing.box(0.5, 0.5, width - 1, bottom + 29, "card", round_by=10)
    drawing.text(_MARGIN, 32, title, "title")
    drawing.text(_MARGIN, 52, note, "note")
    return drawing, bottom


def _labels(drawing: Drawing, cells: list[str]) -> None:
    for row, cell in enumerate(cells):
        drawing.text(_MARGIN + _LABELS, _TOP + row * _ROW + _BAR - 2, cell, "label")


def _legend(drawing: Drawing, y: float) -> None:
    x = _MARGIN
    for css, words in _LEGEND:
        drawing.box(x, y, 12, _BAR, css, round_by=2)
        drawing.text(x + 17, y + _BAR - 2, words, "note")
        x += 34 + 6.2 * len(words)


def _strip(drawing: Drawing, result: Result, x: float, y: float, scale: float) -> None:
    """One play: from shortly before the strike to its end."""
    end = result.span[1]
    width = (end + _BEFORE) * scale
    lossy = result.silent > 0 and result.deaf == 0
    drawing.box(x, y, width, _BAR, "lost" if lossy else "hears", round_by=2)
    for one in result.deafness:
        start = max(one.start, -_BEFORE)
        for_good = not one.over and result.exited is not None
        left, long = x + (start + _BEFORE) * scale, (min(one.end, end) - start) * scale
        drawing.box(left, y, max(long, 1.0), _BAR, "gone" if for_good else "deaf")
    moment = x + _BEFORE * scale
    drawing.line(moment, y - 1.5, moment, y + _BAR + 1.5, "strike")
