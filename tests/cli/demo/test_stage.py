"""How breaks are played: what is awaited, what is told where, what is no hang."""

from __future__ import annotations

import dataclasses
import io
import sys
from typing import TYPE_CHECKING

import pytest

from longwire.cli.demo import stage
from longwire.cli.demo.breaks import BREAKS, Break
from longwire.cli.demo.pace import FAST
from longwire.cli.demo.show import PlainShow
from longwire.cli.demo.stage import Stage, play

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = [
    # The demonstration prints, and blocks its event loop on purpose.
    pytest.mark.blocking,
    pytest.mark.slow,
    pytest.mark.timeout(90),
]


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets nothing but this be played."""

    def these(*breaks: Break) -> None:
        monkeypatch.setattr(stage, "BREAKS", breaks)

    return these


def played_by(deed: Callable[[Stage], Awaitable[str]], *, survived: bool = False) -> Break:
    """A break of the test's own."""
    return Break("own", "upstream-feed-dead", lambda _: "something", deed, survived)


async def test_what_does_not_happen_is_a_failure_and_no_hang(only: Callable[..., None]) -> None:
    """A break that the client does not get past in time: told so, and the others follow."""

    async def wait_in_vain(on: Stage) -> str:
        patient = on.pace
        on.pace = dataclasses.replace(patient, patience=0.1)
        try:
            await on.recovered("forced-lifetime-disconnect")
        finally:
            on.pace = patient
        return ""

    only(played_by(wait_in_vain), *(each for each in BREAKS if each.name == "close 1011"))
    report = await play(FAST, PlainShow(sys.stderr, None))
    first, second = report.rows
    assert (first.outcome, second.outcome) == ("failed", "recovered")
    assert "in vain: a recovery from forced-lifetime-disconnect" in first.note
    assert report.sum_is_right
    assert not report.ok


async def test_no_proxy_of_the_environments_comes_in_between(
    only: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that reaches the world through a proxy reaches itself without one."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    only(*(each for each in BREAKS if each.name == "close 1011"))
    report = await play(FAST, PlainShow(sys.stderr, None))
    assert [row.outcome for row in report.rows] == ["recovered"]


async def test_a_feed_that_never_speaks_is_a_failure_and_no_hang() -> None:
    """If no message ever comes, nothing is played, and that is told."""
    report = await play(
        dataclasses.replace(FAST, rate=0.001, patience=0.3), PlainShow(sys.stderr, None)
    )
    assert [row.outcome for row in report.rows] == ["due"] * 6
    assert "in vain: messages that go on" in report.problems[0]
    assert not report.ok


async def test_an_interruption_of_another_cause_is_listed_too(only: Callable[..., None]) -> None:
    """The break waits for its cause; whatever else struck stands in its row before."""

    async def twice(on: Stage) -> str:
        await on.far.do("close", code=4000, reason="feed moved")
        await on.recovered("unknown")
        await on.far.do("close", code=1011, reason="upstream feed lost")
        await on.recovered("upstream-feed-dead")
        return "as ordered"

    only(played_by(twice))
    lines = io.StringIO()
    report = await play(FAST, PlainShow(lines, None))
    assert report.ok, lines.getvalue()
    (row,) = report.rows
    assert [one.cause.id for one in row.struck] == ["unknown", "upstream-feed-dead"]
    assert all(one.outcome == "recovered" for one in row.struck)
    assert report.interruptions == 2
    assert "recovered: as ordered" in lines.getvalue()


async def test_an_interruption_of_what_must_survive_is_a_failure(
    only: Callable[..., None],
) -> None:
    """Even if the client comes back from it."""

    async def cut(on: Stage) -> str:
        await on.far.do("close", code=1011, reason="upstream feed lost")
        await on.recovered("upstream-feed-dead")
        return ""

    only(played_by(cut, survived=True))
    report = await play(FAST, PlainShow(io.StringIO(), None))
    assert [row.outcome for row in report.rows] == ["failed"]
    assert report.sum_is_right
    assert not report.ok


async def test_an_interruption_between_the_breaks_is_a_stray(only: Callable[..., None]) -> None:
    """It belongs to no row, and is told all the same."""

    async def cut(on: Stage) -> str:
        on._row = None
        await on.far.do("close", code=1011, reason="upstream feed lost")
        await on.recovered("upstream-feed-dead")
        return ""

    only(played_by(cut))
    report = await play(FAST, PlainShow(io.StringIO(), None))
    assert [one.cause.id for one in report.strays] == ["upstream-feed-dead"]
    assert report.rows[0].struck == []
    assert report.interruptions == 1
    assert report.sum_is_right
