"""The live screen of the demonstration, and the picture of it."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from longwire.cli.demo.screen import Screen, picture
from longwire.client.events import Interrupted
from longwire.observe.stats import Stats

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.cli.demo.report import Report
    from longwire.core.causes import Interruption

    Interrupt = Callable[[], Interruption]


class FakeClient:
    """What the screen asks of a client."""

    rtt: float | None = 0.002

    def stats(self) -> Stats:
        return Stats(
            state="waiting",
            received=900,
            delivered=890,
            dropped=0,
            repeated=0,
            missing=100,
            queued=10,
            queued_bytes=100,
            sent=1,
            unsent=0,
            links=3,
            interruptions=3,
            rtt=self.rtt,
            loop_lag=1.5,
            byte_age=None,
            pong_age=None,
            data_age=None,
            data_ages={},
            paused_for=None,
        )


@pytest.mark.parametrize("width", [80, 120])
def test_the_screen(report: Report, restarted: Interrupt, width: int) -> None:
    """All rows and numbers fit; at the end the sum is there."""
    file = io.StringIO()
    client: Any = FakeClient()
    console = Console(file=file, width=width, force_terminal=True, color_system=None)
    with Screen(console) as screen:
        screen.begin(client, report)
        screen.begins(report.rows[0])
        screen.told(Interrupted(restarted()))
        screen.ends(report.rows[0])
        screen._live.refresh()
        text = file.getvalue()
        assert text.count("Cause not proved, unknown") == 2
        for part in ("● waiting", "900", "2.0 ms", "1.5 s", "restart x3", "something & <nothing>"):
            assert part in text
        assert "must be what the feed has numbered" in text
        report.numbered = 1001
        # At the end there is no link any more, and so no round trip; the last one stays.
        client.rtt = None
        report.problems.append("a number did not come")
        report.rows[3].outcome, report.rows[3].note = "failed", "waited in vain"
        screen.end(report)
    text = re.sub(r"\x1b\[[\d?;]*[A-Za-z]", "", file.getvalue())
    assert "THE SUM IS WRONG" in text
    assert "waited in vain" in text
    assert "round trip  -" not in text
    assert "a number did not come" in text
    assert "no cut" in text
    assert max(map(len, text.replace("\r", "\n").splitlines())) <= min(width, 100)


def test_the_picture(report: Report) -> None:
    """The SVG is well-formed, fetches nothing, and shows what the screen shows."""
    report.numbered = 1000
    svg = picture(report)
    root = ET.fromstring(svg)
    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    shown = "\n".join(text.replace("\xa0", " ") for text in texts if text)
    assert "restart x3" in shown
    assert "something & <nothing> happens" in shown
    assert "the sum is right" in shown
    assert "url(http" not in svg.replace('"', "")
    # Where a text begins is told by its place, not by blanks that a renderer may swallow.
    assert not [text for text in texts if text and text != text.strip("\xa0")]


def test_every_interruption_of_a_failed_break_is_shown(report: Report, reset: Interrupt) -> None:
    """What struck, and then why it counts as failed; so are those that belong to no break."""
    row = report.rows[2]
    row.take(reset())
    row.take(reset())
    row.outcome, row.note = "failed", "waited in vain"
    report.strays.append(reset())
    file = io.StringIO()
    console = Console(file=file, width=90, color_system=None)
    with Screen(console) as screen:
        client: Any = FakeClient()
        screen.begin(client, report)
    assert file.getvalue().count("Cause not proved, unknown") == 2 + 2 + 1
