"""What came out of the demonstration: rows, interruptions, the sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from longwire.cli.demo.report import Report, keep

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.core.causes import Interruption

    Interrupt = Callable[[], Interruption]


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


def test_an_interruption_is_kept_once(report: Report, restarted: Interrupt) -> None:
    """As it was noticed, and then as it ended; also where no break was played."""
    over = restarted()
    pending = msgspec.structs.replace(over, ended=None, outcome="pending")
    for struck in (report.strays, report.rows[3].struck):
        keep(struck, pending)
        keep(struck, over)
        assert struck == [over]
    assert report.interruptions == 5
    (stray,) = report.as_json()["stray_interruptions"]
    assert stray["cause"] == "deploy-restart"
    assert any(line.startswith("-  ") and "[deploy-restart]" in line for line in report.lines())


def test_the_cause_that_was_to_be_named_stands_for_the_break(
    report: Report, restarted: Interrupt, reset: Interrupt
) -> None:
    """Whatever else strikes before the next one, which is listed as well."""
    row = report.rows[3]
    row.take(reset())
    row.decide(restarted())
    row.take(reset())
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
