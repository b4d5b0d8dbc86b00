"""What came out of the demonstration, and the pictures of it."""

from __future__ import annotations

import io
import re
import time
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from rich.console import Console

from longwire.cli.demo.report import Report, Row, keep
from longwire.cli.demo.screen import Screen, picture
from longwire.cli.demo.show import PlainShow
from longwire.client.events import Interrupted, Recovered
from longwire.core.causes import Evidence, Interruption, classify
from longwire.observe.stats import Stats

RESTART = Evidence(end="close-received", received_code=1012, received_reason="restart \x1b[2J")
RESET = Evidence(end="reset")


def interruption(evidence: Evidence = RESTART) -> Interruption:
    verdict = classify(evidence)
    now = time.monotonic()
    return Interruption(
        cause=verdict.cause,
        reasons=verdict.reasons,
        started=now,
        noticed=now + 0.25,
        ended=now + 1.75,
        outcome="recovered",
        evidence=evidence,
        closure=None,
        attempts=1,
    )


@pytest.fixture
def report() -> Report:
    """Four breaks: one over, one survived, one under way, one due."""
    rows = [Row(name, "something & <nothing> happens") for name in ("restart", "block", "c", "d")]
    for evidence in (RESET, RESET, RESTART):
        rows[0].take(interruption(evidence))
    rows[0].outcome, rows[0].lost = "recovered", 234
    rows[1].outcome, rows[1].title, rows[1].cause = "survived", "It stood still", "blocked-loop"
    rows[1].blame, rows[1].reasons, rows[1].note = "local", ("it blocked",), "a note"
    rows[2].outcome = "running"
    return Report(rows, received=900, lost=100, seconds=12.5)


def fine(report: Report) -> bool:
    """A function, so that nobody takes one answer for all later ones."""
    return report.ok


def test_it_is_fine_only_when_all_is(report: Report) -> None:
    """The sum must be right, every break be over, and nothing else have gone wrong."""
    assert report.verdict == "not checked"
    report.numbered = 1000
    assert report.verdict == "the sum is right"
    assert not fine(report)
    report.rows[2].outcome = report.rows[3].outcome = "survived"
    assert fine(report)
    report.problems.append("the last number did not come")
    assert not fine(report)
    report.problems.clear()
    report.numbered = 1001
    assert not fine(report)
    assert report.verdict == "THE SUM IS WRONG"
    report.numbered = 1000
    report.rows[0].outcome = "failed"
    assert not fine(report)


def test_json(report: Report) -> None:
    """Every number with its unit in the name, every interruption with its cause and times."""
    report.numbered = 1000
    told = report.as_json()
    assert told["received_total"] + told["known_gaps_total"] == told["numbered_total"]
    assert "went to nobody" in told["note"]
    assert told["interruptions_total"] == 3
    assert told["duration_ms"] == 12_500
    first = told["breaks"][0]
    assert first["cause"] == "deploy-restart"
    assert first["noticed_after_ms"] == pytest.approx(250)
    assert first["recovered_after_ms"] == pytest.approx(1500)
    assert first["lost_total"] == 234
    assert [one["cause"] for one in first["interruptions"]] == [
        "unknown",
        "unknown",
        "deploy-restart",
    ]
    for one in first["interruptions"]:
        assert one["outcome"] == "recovered"
        assert one["noticed_after_ms"] == pytest.approx(250)
        assert one["recovered_after_ms"] == pytest.approx(1500)
        assert one["reasons"]


def test_an_interruption_is_kept_once(report: Report) -> None:
    """As it was noticed, and then as it ended; also where no break was played."""
    over = interruption()
    pending = msgspec.structs.replace(over, ended=None, outcome="pending")
    for struck in (report.strays, report.rows[3].struck):
        keep(struck, pending)
        keep(struck, over)
        assert struck == [over]
    assert report.interruptions == 5
    (stray,) = report.as_json()["stray_interruptions"]
    assert stray["cause"] == "deploy-restart"
    assert any(line.startswith("-  ") and "[deploy-restart]" in line for line in report.lines())


def test_the_cause_that_was_to_be_named_stands_for_the_break(report: Report) -> None:
    """Whatever else strikes before the next one, which is listed as well."""
    row = report.rows[3]
    row.take(interruption(RESET))
    row.decide(interruption(RESTART))
    row.take(interruption(RESET))
    assert row.cause == "deploy-restart"
    assert [one.cause.id for one in row.struck] == ["unknown", "unknown"]


def test_the_plain_table(report: Report) -> None:
    """A row for each interruption and the sum behind."""
    report.numbered = 1000
    lines = report.lines()
    assert lines[0].split() == ["break", "outcome", "cause", "noticed", "back", "lost"]
    first, second, third = lines[1:4]
    assert first.startswith("restart x3  recovered  Cause not proved [unknown]")
    assert second.split()[:2] == ["recovered", "Cause"]
    assert "The server was restarted or taken away [deploy-restart]" in third
    assert [line.split()[-4:] for line in (first, second)] == [["250", "ms", "1.5", "s"]] * 2
    assert third.endswith("234")
    assert lines[-1] == "received 900 + known gaps 100 = 1,000; numbered 1,000: the sum is right"
    assert "went to nobody" in lines[-2]


def test_plain_lines(report: Report) -> None:
    """One line for everything that happens; what a peer said is escaped."""
    file = io.StringIO()
    show = PlainShow(file, file)
    one = interruption()
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
def test_the_screen(report: Report, width: int) -> None:
    """All rows and numbers fit; at the end the sum is there."""
    file = io.StringIO()
    client: Any = FakeClient()
    console = Console(file=file, width=width, force_terminal=True, color_system=None)
    with Screen(console) as screen:
        screen.begin(client, report)
        screen.begins(report.rows[0])
        screen.told(Interrupted(interruption()))
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
