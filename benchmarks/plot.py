"""The plot that the README shows: who receives how much, and how long a round trip takes.

Rows are receivers, columns are message sizes; each column has a scale of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.report import rate_name, size_name
from benchmarks.roster import ECHO_SIZE, SIZES
from benchmarks.svg import Drawing

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.results import Results, Spread

_STYLE = """
text{font-family:-apple-system,"Segoe UI",Inter,Roboto,"Helvetica Neue","DejaVu Sans",sans-serif;
fill:#1f2933;font-size:12px}
.card{fill:#ffffff;stroke:#d9dee5}
.title{font-size:17px;font-weight:600}
.note{fill:#66717f;font-size:11.5px}
.head{font-weight:600}
.label{text-anchor:end}
.ours{font-weight:600}
.batches{fill:#0b7a75}.one{fill:#43b5a5}.peer{fill:#a9b4c2}
.rule{stroke:#e6eaef;stroke-width:1}
.axis{stroke:#c3cad4;stroke-width:1}
.whisker{stroke:#1f2933;stroke-opacity:.45;stroke-width:1}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}.card{fill:#11161d;stroke:#2d3540}.note{fill:#93a0ae}
.batches{fill:#19b3a6}.one{fill:#0f7f78}.peer{fill:#566272}
.rule{stroke:#222a34}.axis{stroke:#3a4552}.whisker{stroke:#e6edf3}
}
""".replace("\n", "")

_WIDTH, _MARGIN, _LABELS, _GAP = 960.0, 24.0, 206.0, 26.0
_TOP, _ROW, _BAR, _GROUP_GAP = 104.0, 25.0, 15.0, 12.0
_VALUE_ROOM = 46.0  # for the number behind the longest bar


@dataclass(frozen=True)
class _Row:
    label: str
    css: str
    rate: str
    echo: str | None = None

    @property
    def ours(self) -> bool:
        return self.css != "peer"


@dataclass(frozen=True)
class _Column:
    head: str
    spreads: list[Spread | None]
    name: Callable[[float], str]


_ROWS = (
    _Row("longwire isolated, batches", "batches", "client-isolated-batches"),
    _Row("longwire isolated, one by one", "one", "client-isolated-one", "echo-client-isolated"),
    _Row("longwire inline, batches", "batches", "client-inline-batches"),
    _Row("longwire inline, one by one", "one", "client-inline-one", "echo-client-inline"),
    _Row("picows, callbacks", "peer", "picows", "echo-picows"),
    _Row("picows, callbacks, unchecked", "peer", "picows-unchecked"),
    _Row("picows.websockets", "peer", "picows.websockets", "echo-picows.websockets"),
    _Row("aiohttp", "peer", "aiohttp", "echo-aiohttp"),
    _Row("websockets", "peer", "websockets", "echo-websockets"),
    _Row("websocket-client", "peer", "websocket-client"),
)


def plot(results: Results) -> str:
    """An SVG document."""
    height = _row_y(len(_ROWS)) + 62
    drawing = Drawing(_WIDTH, height, _STYLE, "longwire and other WebSocket clients: speed")
    drawing.box(0.5, 0.5, _WIDTH - 1, height - 1, "card", round_by=10)
    _heading(drawing)
    for index, row in enumerate(_ROWS):
        css = "label ours" if row.ours else "label"
        drawing.text(_MARGIN + _LABELS, _row_y(index) + _BAR - 3, row.label, css)
    for position, column in enumerate(_columns(results)):
        _draw_column(drawing, position, column)
    _footer(drawing, results, height)
    return drawing.document()


def _columns(results: Results) -> list[_Column]:
    columns = [
        _Column(size_name(size), [results.spread(row.rate, size) for row in _ROWS], rate_name)
        for size in SIZES
    ]
    trips = [results.spread(row.echo, ECHO_SIZE) if row.echo else None for row in _ROWS]
    return [*columns, _Column("64 B round trip", trips, lambda trip: f"{trip:.0f} µs")]


def _row_y(index: int) -> float:
    gap = _GROUP_GAP if index >= sum(row.ours for row in _ROWS) else 0.0
    return _TOP + index * _ROW + gap


def _heading(drawing: Drawing) -> None:
    drawing.text(_MARGIN, 34, "Messages received per second, and round trips", "title")
    note = (
        "One connection, one process, no compression; isolated, on a thread of its own, is the "
        "default. Longer is better; on the right, shorter."
    )
    drawing.text(_MARGIN, 54, note, "note")


def _footer(drawing: Drawing, results: Results, height: float) -> None:
    place, settings = results.environment, results.settings
    how = (
        f"Medians of {results.rounds} interleaved rounds of {settings.seconds:g} s on one machine; "
        f"whiskers from the lowest to the highest. {settings.kind.capitalize()} messages, loopback."
    )
    versions = ", ".join(
        f"{name} {results.versions[name]}"
        for name in ("picows", "websockets", "aiohttp", "websocket-client", "uvloop")
    )
    where = f"{place['implementation']} {place['python']}, {place['cpu_count']} cores; {versions}."
    drawing.text(_MARGIN, height - 34, how, "note")
    drawing.text(_MARGIN, height - 17, where, "note")


def _draw_column(drawing: Drawing, position: int, column: _Column) -> None:
    columns = len(SIZES) + 1
    left = _MARGIN + _LABELS + 14
    width = (_WIDTH - _MARGIN - left - _GAP * (columns - 1)) / columns
    x = left + position * (width + _GAP)
    drawing.text(x, _TOP - 14, column.head, "head")
    drawing.line(x, _TOP - 5, x, _row_y(len(_ROWS) - 1) + _ROW - 5, "axis")
    longest = max((spread.high for spread in column.spreads if spread), default=1.0)
    scale = (width - _VALUE_ROOM) / longest
    for index, spread in enumerate(column.spreads):
        if spread is not None:
            y = _row_y(index)
            end = _bar(drawing, x, y, spread, scale=scale, css=_ROWS[index].css)
            drawing.text(end + 5, y + _BAR - 3, column.name(spread.value), "value")


def _bar(drawing: Drawing, x: float, y: float, spread: Spread, *, scale: float, css: str) -> float:
    """Draw a bar with its whisker; return where both have ended."""
    drawing.box(x, y, max(spread.value * scale, 1.0), _BAR, css, round_by=2)
    middle = y + _BAR / 2
    drawing.line(x + spread.low * scale, middle, x + spread.high * scale, middle, "whisker")
    return x + max(spread.high * scale, 1.0)
