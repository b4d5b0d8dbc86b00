"""The live screen. It draws from a thread of its own, so it goes on while the user's loop is blocked."""

from __future__ import annotations

import io
import time
from collections import deque
from typing import TYPE_CHECKING, Final, Self

from rich.console import Console, Group
from rich.live import Live
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from longwire.cli.demo.report import name_of, span
from longwire.cli.printable import printable

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import RenderableType

    from longwire.cli.demo.report import Report, Row
    from longwire.client.client import Client
    from longwire.client.events import Event

WIDEST: Final = 100
"""Columns beyond which the eye loses the line."""

_PICTURE_WIDTH: Final = 90
_FRAMES: Final = 8
"""Pictures a second: enough to run, calm enough to read."""
_SAMPLE: Final = 0.25
"""Seconds that one bar of the rate stands for."""
_BARS: Final = " ▁▂▃▄▅▆▇█"
_MARKS: Final = {
    "due": ("·", "dim"),
    "running": ("▸", "yellow"),
    "recovered": ("✓", "green"),
    "survived": ("✓", "green"),
    "failed": ("✗", "bold red"),
}


class Rate:
    """The rate of the last seconds, as bars."""

    def __init__(self, bars: int) -> None:
        self._counts: deque[int] = deque([0] * bars, maxlen=bars)
        self._since = time.monotonic()
        self._total = 0

    def sample(self, total: int) -> None:
        """Take the count of all messages so far."""
        now = time.monotonic()
        passed = int((now - self._since) / _SAMPLE)
        if passed < 1:
            return
        self._since += passed * _SAMPLE
        # If several samples are due at once, nobody knows which of them the messages belong to.
        share = (total - self._total) // passed
        self._total = total
        self._counts.extend([share] * passed)

    @property
    def per_second(self) -> float:
        """Messages a second, of the last second."""
        recent = list(self._counts)[-round(1 / _SAMPLE) :]
        return sum(recent) / (len(recent) * _SAMPLE)

    def __str__(self) -> str:
        top = max(self._counts) or 1
        return "".join(_BARS[-(-count * (len(_BARS) - 1) // top)] for count in self._counts)


class Screen:
    """Shows everything on one screen that changes in place."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._width = min(self._console.width, WIDEST)
        self._rate = Rate(self._width - 50)
        self._began = time.monotonic()
        self._client: Client | None = None
        self._report: Report | None = None
        self._live = Live(
            get_renderable=self._draw,
            console=self._console,
            refresh_per_second=_FRAMES,
            vertical_overflow="crop",
        )

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def begin(self, client: Client, report: Report) -> None:
        """See `Show`."""
        self._client, self._report = client, report

    def begins(self, row: Row) -> None:
        """See `Show`: the row itself says it."""

    def told(self, event: Event) -> None:
        """See `Show`: the rows and numbers say it."""

    def ends(self, row: Row) -> None:
        """See `Show`: the row itself says it."""

    def end(self, report: Report) -> None:
        """See `Show`: the last picture stays."""
        self._live.refresh()

    def _draw(self) -> RenderableType:
        client, report = self._client, self._report
        if client is None or report is None:
            return Text("starting a feed in a process of its own ...", style="dim")
        stats = client.stats()
        self._rate.sample(stats.received)
        state = stats.state if report.sent is None else "done"
        numbers = Table.grid(padding=(0, 2))
        numbers.add_column(width=10, style="dim")
        numbers.add_column(width=9, justify="right")
        numbers.add_column(width=10, style="dim")
        numbers.add_column()
        rate = Text.assemble(
            (f"{self._rate.per_second:>4.0f}/s  ", "default"), (str(self._rate), "cyan")
        )
        numbers.add_row("received", f"[bold]{stats.received:,}[/]", "rate", rate)
        lag = Text(span(stats.loop_lag), style="red" if stats.loop_lag >= 1 else "default")
        rtt = Text.assemble(span(stats.rtt).ljust(12), ("loop lag  ", "dim"), lag)
        numbers.add_row("known gaps", f"{report.lost:,}", "round trip", rtt)
        numbers.add_row("queued", f"{stats.queued:,}", "links", f"{stats.links}")
        seconds = time.monotonic() - self._began if report.sent is None else report.seconds
        return _frame(_heading(state, seconds), numbers, report, self._width)


def picture(report: Report) -> str:
    """The last screen as SVG."""
    console = Console(
        record=True,
        width=_PICTURE_WIDTH,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
        legacy_windows=False,
    )
    console.print(_frame(_heading("done", report.seconds), None, report, _PICTURE_WIDTH))
    return console.export_svg(title="longwire demo")


def _heading(state: str, seconds: float) -> Table:
    heading = Table.grid(expand=True)
    heading.add_column()
    heading.add_column(justify="right")
    style = "green" if state in {"live", "done"} else "yellow"
    heading.add_row(
        Text.assemble(("longwire demo", "bold"), ("  one client, one feed, six breaks", "dim")),
        Text.assemble((f"● {state}", style), (f"  {seconds:4.0f} s", "dim")),
    )
    return heading


def _frame(heading: Table, numbers: Table | None, report: Report, width: int) -> RenderableType:
    parts: list[RenderableType] = [heading, Rule(style="dim")]
    if numbers is not None:
        parts += [numbers, Rule(style="dim")]
    parts += [_breaks(report), Rule(style="dim"), _sum(report)]
    return Padding(Group(*parts), (0, 1), expand=False) if False else _Fixed(Group(*parts), width)
