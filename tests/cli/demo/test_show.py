"""The demonstration as plain lines."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from longwire.cli.demo.show import PlainShow
from longwire.client.events import Interrupted, Recovered

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.cli.demo.report import Report
    from longwire.core.causes import Interruption

    Interrupt = Callable[[], Interruption]


def test_plain_lines(report: Report, restarted: Interrupt) -> None:
    """One line for everything that happens; what a peer said is escaped."""
    file = io.StringIO()
    show = PlainShow(file, file)
    one = restarted()
    with show:
        show.begin(object(), report)  # type: ignore[arg-type]  # it does not look at the client
        show.begins(report.rows[0])
        show.told(Interrupted(one))
        show.told(Recovered(one))
        show.ends(report.rows[1])
        show.end(report)
    text = file.getvalue()
    assert "restart: something & <nothing> happens" in text
    assert "interrupted: The server was restarted or taken away [deploy-restart]: " in text
    assert "noticed after 250 ms, back after 1.5 s" in text
    assert "survived: It stood still [blocked-loop]: it blocked" in text
    assert "survived: a note" in text
    assert "\x1b" not in text


def test_the_table_may_be_left_out(report: Report) -> None:
    """With --json it is not wanted, and the lines go elsewhere."""
    lines = io.StringIO()
    with PlainShow(lines, None) as show:
        show.end(report)
    assert lines.getvalue() == ""
