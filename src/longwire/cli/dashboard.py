"""The live view of ``listen --stats``, drawn from a thread of its own, whatever the loop does."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Final, Self

from rich.console import Console, Group
from rich.constrain import Constrain
from rich.live import Live
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from longwire.cli.printable import printable
from longwire.cli.rate import Rate
from longwire.cli.units import span, unix_milliseconds
from longwire.link.address import redact

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import RenderableType

    from longwire.client.client import Client
    from longwire.core.causes import Interruption
    from longwire.observe.stats import Stats

WIDEST: Final = 110
"""Columns beyond which the eye loses the line."""
_FRAMES: Final = 4
"""Pictures a second."""
_INTERRUPTIONS: Final = 5
_ALERTS: Final = 3
_BLAMED: Final = {"local": "our own side", "peer": "the other side", "network": "the network"}
_WIDTHS: Final = (9, 13, 10, 8, 9)
"""Columns of the numbers; what is left is for the last one, and as many bars of the rate."""
_PAD: Final = 2
_LAGGING: Final = 0.5
"""Seconds of loop lag that are shown as a trouble."""


def named(cause_id: str, blame: str) -> str:
    """A cause's id, and who is to blame, where that is known."""
    return f"{cause_id}, {_BLAMED[blame]}" if blame in _BLAMED else cause_id


class Dashboard:
    """Shows a client's numbers, clocks and interruptions while it is entered.

    Args:
        client: Need not have been entered yet.
        url: Where it connects to.
        console: Where it is drawn; standard error by default, so that messages may go elsewhere.
    """

    def __init__(self, client: Client, url: str, console: Console | None = None) -> None:
        self._client = client
        self._url = printable(redact(url))
        self._console = console or Console(stderr=True, highlight=False)
        self._width = min(self._console.width, WIDEST)
        self._rate = Rate(self._width - sum(_WIDTHS) - _PAD * len(_WIDTHS))
        self._began = time.monotonic()
        self._live = Live(
            get_renderable=self.draw,
            console=self._console,
            refresh_per_second=_FRAMES,
            # Nothing else is printed while it lives but messages, which go elsewhere.
            redirect_stdout=False,
            redirect_stderr=False,
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

    def draw(self) -> RenderableType:
        """The view of this moment."""
        if self._client.state == "idle":
            return Text(f"{self._url}: starting", style="dim")
        stats = self._client.stats()
        self._rate.note(stats.received)
        line = Rule(style="bright_black")
        parts = [self._heading(stats), line, self._numbers(stats), line]
        interruptions = self._client.interruptions[-_INTERRUPTIONS:]
        if interruptions:
            parts.append(_interruptions(interruptions))
        else:
            parts.append(Text("no interruptions so far", style="dim"))
        parts += [
            Text.assemble(
                (f"{_clock(alert.at)}  ", "dim"),
                (f"{printable(alert.text)} [{alert.cause}]", "yellow"),
            )
            for alert in self._client.alerts[-_ALERTS:]
        ]
        return Constrain(Group(*parts), self._width)

    def _heading(self, stats: Stats) -> RenderableType:
        heading = Table.grid(expand=True, padding=(0, 2, 0, 0))
        heading.add_column(no_wrap=True, overflow="ellipsis")
        heading.add_column(justify="right", no_wrap=True)
        lasted = dt.timedelta(seconds=round(time.monotonic() - self._began))
        style = "green" if stats.state == "live" else "yellow"
        heading.add_row(
            Text(self._url, style="bold"),
            Text.assemble((f"● {stats.state}", style), (f"  {lasted}", "dim")),
        )
        return heading

    def _numbers(self, stats: Stats) -> RenderableType:
        numbers = Table.grid(padding=(0, _PAD, 0, 0))
        for width in _WIDTHS:
            numbers.add_column(
                width=width, no_wrap=True, justify="right" if width == max(_WIDTHS) else "left"
            )
        numbers.add_column(no_wrap=True)
        rate = Text(f"{self._rate.per_second:,.0f}/s")
        lag = Text(span(stats.loop_lag), style="bold red" if stats.loop_lag >= _LAGGING else "")
        rows: list[tuple[str, Text | str, str, Text | str, str, Text | str]] = [
            ("received", f"{stats.received:,}", "rate", rate, "", Text(str(self._rate), "cyan")),
            (
                "delivered",
                f"{stats.delivered:,}",
                "round trip",
                span(stats.rtt),
                "last byte",
                _ago(stats.byte_age),
            ),
            ("queued", _queued(stats), "loop lag", lag, "last pong", _ago(stats.pong_age)),
            (
                "missing",
                f"{stats.missing + stats.dropped:,}",
                "links",
                f"{stats.links:,}",
                "last data",
                _ago(stats.data_age),
            ),
        ]
        for row in rows:
            numbers.add_row(*(_cell(at, cell) for at, cell in enumerate(row)))
        return numbers


def _cell(at: int, cell: Text | str) -> Text:
    """Names are dim, values are not."""
    if isinstance(cell, Text):
        return cell
    return Text(cell, style="" if at % 2 else "dim")


def _queued(stats: Stats) -> Text:
    if stats.paused_for is None:
        return Text(f"{stats.queued:,}")
    return Text(f"{stats.queued:,} full", style="bold red")


def _ago(age: float | None) -> str:
    return "-" if age is None else f"{span(age)} ago"


def _interruptions(those: list[Interruption]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim", expand=True)
    table.add_column("time", width=8, no_wrap=True)
    table.add_column("interruption", ratio=1)
    table.add_column("noticed", width=7, justify="right", no_wrap=True)
    table.add_column("back", width=7, justify="right", no_wrap=True)
    for one in those:
        pending = one.ended is None
        detail = f"{named(one.cause.id, one.cause.blame)}: {printable(one.reasons[0])}"
        table.add_row(
            Text(_clock(one.noticed), style="dim"),
            Text.assemble((one.cause.title, "yellow" if pending else ""), "\n", (detail, "dim")),
            span(one.noticed - one.started),
            Text("waiting", "yellow") if one.ended is None else span(one.ended - one.noticed),
        )
    return table


def _clock(monotonic: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(unix_milliseconds(monotonic) / 1000))
