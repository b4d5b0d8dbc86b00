"""What is shown while the breaks are played: here as plain lines."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol, Self, TextIO

from longwire.cli.printable import printable
from longwire.cli.units import span
from longwire.client.events import Interrupted, Recovered

if TYPE_CHECKING:
    from types import TracebackType

    from longwire.cli.demo.report import Report, Row
    from longwire.client.client import Client
    from longwire.client.events import Event


class Show(Protocol):
    """Something that shows it, as a context manager; called on the client's loop."""

    def begin(self, client: Client, report: Report) -> None:
        """The client has been started."""

    def begins(self, row: Row) -> None:
        """A break begins."""

    def told(self, event: Event) -> None:
        """The client told something other than a message."""

    def ends(self, row: Row) -> None:
        """A break is over."""

    def end(self, report: Report) -> None:
        """All is over."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class PlainShow:
    """One line for everything that happens, and the table at the end.

    Args:
        lines: Where the lines go.
        table: Where the table goes; None: nowhere.
    """

    def __init__(self, lines: TextIO, table: TextIO | None) -> None:
        self._lines = lines
        self._table = table
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """There is nothing to put back."""

    def begin(self, client: Client, report: Report) -> None:
        """See `Show`."""
        self._say(f"one client, one feed, {len(report.rows)} breaks")

    def begins(self, row: Row) -> None:
        """See `Show`."""
        self._say(f"{row.name}: {row.happens}")

    def told(self, event: Event) -> None:
        """See `Show`."""
        match event:
            case Interrupted(interruption=one):
                reason = printable(one.reasons[0])
                self._say(f"  interrupted: {one.cause.title} [{one.cause.id}]: {reason}")
            case Recovered(interruption=one):
                back = None if one.ended is None else one.ended - one.noticed
                noticed = one.noticed - one.started
                self._say(f"  recovered: noticed after {span(noticed)}, back after {span(back)}")

    def ends(self, row: Row) -> None:
        """See `Show`."""
        if row.outcome == "survived":
            self._say(f"  survived: {row.title} [{row.cause}]: {printable(row.reasons[0])}")
        if row.note:
            self._say(f"  {row.outcome}: {row.note}")

    def end(self, report: Report) -> None:
        """See `Show`."""
        if self._table is not None:
            print("", *report.lines(), sep="\n", file=self._table, flush=True)

    def _say(self, text: str) -> None:
        print(f"[{time.monotonic() - self._began:5.1f} s] {text}", file=self._lines, flush=True)
