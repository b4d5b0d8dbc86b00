"""The live screen, drawn from a thread of its own: it goes on while the user's loop is blocked."""

from __future__ import annotations

import io
import re
import time
from html import unescape
from typing import TYPE_CHECKING, Final, Self

from rich.console import Console, Group
from rich.constrain import Constrain
from rich.live import Live
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from longwire.cli.dashboard import named
from longwire.cli.demo.report import NOTE, back_after, name_of, noticed_after
from longwire.cli.printable import printable
from longwire.cli.rate import Rate
from longwire.cli.units import span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from rich.console import RenderableType

    from longwire.cli.demo.report import Report, Row
    from longwire.client.client import Client
    from longwire.client.events import Event
    from longwire.core.causes import Interruption

WIDEST: Final = 100
"""Columns beyond which the eye loses the line."""

_PICTURE_WIDTH: Final = 90
_FRAMES: Final = 8
"""Pictures a second: enough to run, calm enough to read."""
_REMOTE_FONT: Final = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_TEXT: Final = re.compile(r'x="([\d.]+)"([^>]*?)textLength="([\d.]+)"([^>]*)>([^<]*)</text>')
_BLANK: Final = "&#160;"
_MARKS: Final = {
    "due": ("·", "dim"),
    "running": ("▸", "yellow"),
    "recovered": ("✓", "green"),
    "survived": ("✓", "green"),
    "failed": ("✗", "bold red"),
}


class Screen:
    """Shows everything on one screen that changes in place."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._width = min(self._console.width, WIDEST)
        self._rate = Rate(self._width - 50)
        self._began = time.monotonic()
        self._rtt: float | None = None
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
        self._rate.note(stats.received)
        # A link has none before its first pong, and the end has no link any more.
        self._rtt = self._rtt if stats.rtt is None else stats.rtt
        state = stats.state if report.numbered is None else "done"
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
        rtt = Text.assemble(span(self._rtt).ljust(12), ("loop lag  ", "dim"), lag)
        numbers.add_row("known gaps", f"{report.lost:,}", "round trip", rtt)
        numbers.add_row("queued", f"{stats.queued:,}", "links", f"{stats.links}")
        seconds = time.monotonic() - self._began if report.numbered is None else report.seconds
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
    svg = console.export_svg(title="longwire demo")
    # Fonts from elsewhere are fetched by nobody: the reader's own monospaced one will do.
    return _TEXT.sub(_anchored, _REMOTE_FONT.sub("", svg))


def _anchored(found: re.Match[str]) -> str:
    """A text that begins where its first character stands: not every renderer keeps blanks."""
    x, rest, length, other, text = found.groups()
    cells = text.split(_BLANK)
    leading = next((at for at, cell in enumerate(cells) if cell), len(cells) - 1)
    trailing = next((at for at, cell in enumerate(reversed(cells)) if cell), 0)
    stripped = _BLANK.join(cells[leading : len(cells) - trailing])
    cell = float(length) / len(unescape(text))
    begin, width = float(x) + leading * cell, len(unescape(stripped)) * cell
    return f'x="{begin:g}"{rest}textLength="{width:g}"{other}>{stripped}</text>'


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
    line = Rule(style="bright_black")
    parts: list[RenderableType] = [heading, line]
    if numbers is not None:
        parts += [numbers, line]
    parts += [_breaks(report), line, _sum(report)]
    return Constrain(Group(*parts), width)


def _breaks(report: Report) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim", expand=True)
    table.add_column("", width=1)
    table.add_column("break", width=13, no_wrap=True)
    table.add_column("cause, as the client names it", ratio=1)
    for name, width in (("noticed", 7), ("back", 6), ("lost", 4)):
        table.add_column(name, width=width, justify="right", no_wrap=True)
    for row in report.rows:
        mark, style = _MARKS[row.outcome]
        broken = Text(name_of(row), style="dim" if row.outcome == "due" else "bold")
        for at, cells in enumerate(_lines(row)):
            head = ("", "") if at else (Text(mark, style=style), broken)
            table.add_row(*head, *cells)
    for one in report.strays:
        table.add_row("", Text("-"), _line(one), *_times(one), "")
    return table


Cells = tuple[Text, "str | Text", "str | Text", str]
"""Cause, noticed, back, lost."""


def _lines(row: Row) -> Iterator[Cells]:
    """What is shown of a break: every interruption, the one under way or the last in two lines."""
    lost = f"{row.lost}"
    if row.outcome == "due":
        yield Text("\n"), "", "", ""
    elif row.outcome == "running":
        # As many lines as there will be, so that the screen does not jump more than it must.
        yield Text(row.happens + ("" if row.struck else "\n"), style="yellow"), "", "", ""
        for one in row.struck:
            yield _line(one), *_times(one), ""
    elif row.outcome == "survived":
        back = Text("no cut", style="green")
        yield _cause(row.title, row.cause, row.blame), span(row.noticed_after), back, lost
    elif row.outcome == "failed":
        for one in row.struck:
            yield _line(one), *_times(one), ""
        yield Text(f"{row.happens}\n{printable(row.note)}", style="red"), "", "", lost
    else:
        *earlier, last = row.struck
        for one in earlier:
            yield _line(one), *_times(one), ""
        yield _cause(last.cause.title, last.cause.id, last.cause.blame), *_times(last), lost


def _line(one: Interruption) -> Text:
    return Text.assemble(one.cause.title, (f", {one.cause.id}", "dim"))


def _cause(title: str, cause_id: str, blame: str) -> Text:
    return Text.assemble(title, "\n", (named(cause_id, blame), "dim"))


def _times(one: Interruption) -> tuple[str, str]:
    back = back_after(one)
    return span(noticed_after(one)), "" if back is None else span(back)


def _sum(report: Report) -> Text:
    if report.numbered is None:
        return Text("received + known gaps must be what the feed has numbered", style="dim")
    mark, style = ("✓", "bold green") if report.sum_is_right else ("✗", "bold red")
    said = Text.assemble((f"{mark} ", style), report.sum_line, (f"  {report.verdict}", style))
    said.append(f"\n{NOTE}", style="dim")
    for problem in report.problems:
        said.append(f"\n{printable(problem)}", style="red")
    return said
