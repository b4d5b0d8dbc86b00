"""The six breaks, each by itself."""

from __future__ import annotations

import io
import time

import pytest

from longwire.cli.demo import stage
from longwire.cli.demo.breaks import BREAKS, Break, compute_for
from longwire.cli.demo.pace import FAST, WATCHED
from longwire.cli.demo.show import PlainShow
from longwire.cli.demo.stage import play
from longwire.core.causes import CATALOGUE

BY_NAME = {each.name: each for each in BREAKS}


def test_there_are_six() -> None:
    """With names that fit the screen even where they struck ten times, and different causes."""
    assert len(BREAKS) == len(BY_NAME) == len({each.cause for each in BREAKS}) == 6
    assert all(len(f"{each.name} x10") <= 16 for each in BREAKS)
    assert all(each.cause in CATALOGUE for each in BREAKS)
    assert [each.name for each in BREAKS if each.survived] == ["blocked loop"]


@pytest.mark.parametrize("one", BREAKS, ids=lambda one: str(one.name))
def test_what_happens_is_told_in_a_line(one: Break) -> None:
    """With the numbers of the pace."""
    told = one.happens(WATCHED)
    assert 20 < len(told) < 90
    assert told == one.happens(WATCHED)


def test_the_numbers_are_those_of_the_pace() -> None:
    """Where there are any."""
    assert "2.2 s" in BY_NAME["reset"].happens(WATCHED)
    assert "3 s" in BY_NAME["blocked loop"].happens(WATCHED)
    assert "1.6 s" in BY_NAME["blocked loop"].happens(FAST)
    assert "0.4 s" in BY_NAME["restart"].happens(FAST)


def test_computing_blocks_for_as_long_as_it_says() -> None:
    """In Python, on the processor, without giving the thread away."""
    began, used = time.monotonic(), time.process_time()
    compute_for(0.2)
    assert time.monotonic() - began >= 0.2
    assert time.process_time() > used


@pytest.mark.blocking
@pytest.mark.slow
@pytest.mark.timeout(90)
@pytest.mark.parametrize("name", [name for name in BY_NAME if name != "reset"])
async def test_each_break_alone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of them needs another one before. The reset, which takes longest, comes first anyway."""
    one = BY_NAME[name]
    monkeypatch.setattr(stage, "BREAKS", (one,))
    lines = io.StringIO()
    report = await play(FAST, PlainShow(lines, None))
    assert report.ok, lines.getvalue() + str(report.problems)
    (row,) = report.rows
    assert row.cause == one.cause
    assert row.outcome == ("survived" if one.survived else "recovered")
    assert bool(row.struck) is not one.survived
