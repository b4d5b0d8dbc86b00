"""What a play comes to, measured on plays that are made up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scoreboard.cell import Cell
from scoreboard.happenings import Happening, Holdings, Play
from scoreboard.measure import measure
from scoreboard.steps import there

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scoreboard.measure import Result

STEP = 0.01
"""Seconds between two messages of the made-up feed."""


def cell(**more: Any) -> Cell:
    """One that can be struck in any way."""
    fields: dict[str, Any] = {"cause": "zombie-stream", "what": "", "kind": "cut"}
    return Cell(**(fields | {"steps": (there("fin"),), "within": 0.1} | more))


def messages(numbers: Iterable[int], late: float = 0.0) -> list[Happening]:
    """Messages, each received a moment after it was sent."""
    return [Happening(number * STEP + 0.001 + late, "message", seq=number) for number in numbers]


def word(event: Any, t: float, **more: Any) -> Happening:
    """Something else that a program told."""
    return Happening(t, event, **more)


def played(happenings: list[Happening], **more: Any) -> Play:
    """A play of a hundred messages; the strike comes with the fiftieth."""
    fields: dict[str, Any] = {
        "cell": "zombie-stream",
        "client": "longwire",
        "round": 1,
        "happenings": sorted(happenings, key=lambda one: one.t),
        "sent_at": [number * STEP for number in range(110)],
        "orders": {},
        "began": 0.5,
        "struck": 0.5,
        "mark": 100,
        "ended": 1.0,
        "journal": [],
        "receives": True,
        "exited": None,
        "connections": 1,
        "stopped": True,
        "children": False,
    }
    return Play(**(fields | more))


def measured(*happenings: Happening, of: Cell | None = None, **more: Any) -> Result:
    """The result of such a play."""
    return measure(of or cell(), played(list(happenings), **more))


def test_nothing_happened() -> None:
    """Who gets every message has lost nothing, and was never deaf."""
    result = measured(*messages(range(101)))
    assert (result.sent, result.silent, result.told, result.named) == (100, 0, 0, 0)
    assert (result.twice, result.late, result.deafness) == (0, 0, [])
    assert (result.noticed, result.back, result.naming) == (None, None, "none")


def test_a_loss_without_a_word() -> None:
    """Numbers that are missing between two messages, and nothing was told between them."""
    result = measured(*messages([*range(40), *range(45, 101)]))
    assert (result.silent, result.told, result.named) == (5, 0, 0)


def test_a_word_elsewhere_does_not_excuse_a_loss() -> None:
    """An end that was told long after a loss says nothing of it."""
    happenings = [*messages([*range(40), *range(45, 101)]), word("down", 0.6053)]
    assert measured(*happenings).silent == 5


def test_a_loss_around_an_end_that_was_told() -> None:
    """Where the program was told of an end, it can know that something is missing."""
    happenings = [*messages([*range(50), *range(60, 101)]), word("down", 0.52), word("up", 0.55)]
    result = measured(*happenings)
    assert (result.silent, result.told, result.named) == (0, 10, 0)
    assert result.noticed == pytest.approx(0.02)
    assert result.back == pytest.approx(0.101)


def test_a_loss_that_was_named() -> None:
    """A gap names what it covers, and nothing else."""
    gap = word("gap", 0.51, first=50, last=52, count=3)
    result = measured(*messages([*range(50), *range(53, 70), *range(72, 101)]), gap)
    assert (result.silent, result.named, result.unfounded) == (2, 3, 0)


def test_a_gap_that_names_what_came() -> None:
    """Whoever calls everything lost would be told of every loss; it is counted."""
    gap = word("gap", 0.51, first=0, last=1000, count=1001)
    result = measured(*messages([*range(50), *range(53, 101)]), gap)
    assert (result.silent, result.named, result.unfounded) == (0, 3, 98)


def test_who_is_deaf_until_the_end_has_lost_silently() -> None:
    """What never came is lost without a word where no end was told."""
    result = measured(*messages(range(50)), receives=False)
    assert result.silent == 50
    assert [one.over for one in result.deafness] == [False]
    assert result.back is None


def test_a_program_that_has_ended_is_a_word() -> None:
    """Whoever runs it sees that it has ended; it is no silent loss, and no recovery."""
    result = measured(*messages(range(50)), receives=False, exited=1)
    assert (result.silent, result.told, result.exited) == (0, 50, 1)


def test_what_came_twice_and_what_came_late() -> None:
    """A repeat is no late message, and the other way round."""
    happenings = [
        *messages(range(101)),
        word("message", 0.3001, seq=29),
        word("message", 0.9999, seq=-1),
    ]
    result = measured(*happenings)
    assert (result.twice, result.late) == (1, 1)


def test_a_quiet_feed_makes_nobody_deaf() -> None:
    """Deafness begins when there is something to hear."""
    quiet = [*(n * STEP for n in range(50)), *(5 + n * STEP for n in range(50))]
    happenings = [word("message", moment + 0.001, seq=n) for n, moment in enumerate(quiet)]
    assert measured(*happenings, sent_at=quiet, ended=5.5).deafness == []


def test_a_busy_handler_is_not_deaf() -> None:
    """A handler that was told to be busy cannot take messages meanwhile."""
    burst = [word("message", 0.95, seq=number) for number in range(50, 101)]
    happenings = [*messages(range(50)), *burst]
    assert measured(*happenings, orders={49: 0.4}).deafness == []
    assert len(measured(*happenings).deafness) == 1


def test_being_back_counts_from_when_it_was_possible() -> None:
    """Where nobody listens for a while, that while is not the client's."""
    happenings = [*messages([*range(50), *range(90, 101)]), word("down", 0.51)]
    result = measured(*happenings, of=cell(reachable=0.3))
    assert result.back == pytest.approx(0.101)


def test_being_back_without_having_been_told() -> None:
    """Who is deaf and then hears again is back, though nobody told it anything."""
    result = measured(*messages([*range(50), *range(90, 101)]))
    assert result.back == pytest.approx(0.401)


@pytest.mark.parametrize(
    ("named", "verdict"),
    [
        ([], "none"),
        (["unknown"], "unknown"),
        (["unknown", "zombie-stream"], "right"),
        (["half-open-undetected"], "right"),
        (["zombie-stream", "deploy-restart"], "wrong"),
    ],
)
def test_how_the_cause_was_named(named: list[str], verdict: str) -> None:
    """Right needs one that is right and none that is wrong; unknown is neither."""
    causes = [word("cause", 0.6, id=one) for one in named]
    result = measured(*messages(range(101)), *causes, of=cell(also=("half-open-undetected",)))
    assert result.naming == verdict
    assert result.causes == named


def test_an_alert_names_and_never_misnames() -> None:
    """An alert says what it may come to: it names what was survived, and explains no end."""
    right, other = word("alert", 0.6, id="zombie-stream"), word("alert", 0.6, id="tls-expiry")
    survived = cell(kind="harmless")
    assert measured(*messages(range(101)), right, of=survived).naming == "right"
    assert measured(*messages(range(101)), other, of=survived).naming == "none"
    assert measured(*messages(range(101)), right).naming == "none"


def test_what_was_said_is_kept() -> None:
    """Each once: an alert that a cause repeats is left out, one that is wrong is not."""
    said = [
        word("alert", 0.6, id="zombie-stream"),
        word("cause", 0.7, id="unknown"),
        word("cause", 0.8, id="zombie-stream"),
        word("alert", 0.9, id="tls-expiry"),
    ]
    result = measured(*messages(range(101)), *said)
    assert result.said == ["unknown", "zombie-stream", "tls-expiry (alert)"]


def test_a_gap_names_a_gap() -> None:
    """A loss in the middle of a connection is named by being told."""
    gap = word("gap", 0.51, first=50, last=50, count=1)
    result = measured(*messages([*range(50), *range(51, 101)]), gap, of=cell(cause="sequence-gap"))
    assert (result.naming, result.silent) == ("right", 0)


@pytest.mark.parametrize(
    ("left", "clean"),
    [
        ({}, True),
        ({"connections": None}, True),
        ({"connections": 2}, False),
        ({"children": True}, False),
        ({"before": Holdings(2, 3), "after": Holdings(2, 2)}, True),
        ({"before": Holdings(2, 3), "after": Holdings(3, 3)}, False),
        ({"before": Holdings(2, 3), "after": Holdings(2, 4)}, False),
        ({"before": None, "after": Holdings(2, 4)}, True),
        ({"stopped": False}, False),
    ],
)
def test_what_is_left_behind(left: dict[str, Any], clean: bool) -> None:
    """A second connection, a thread, a socket, a process, a program that does not end."""
    assert measured(*messages(range(101)), **left).clean is clean


def test_what_a_program_says_is_left() -> None:
    """What cannot be seen from outside; it is no word about the feed."""
    result = measured(*messages(range(101)), word("left", 1.1, what="task reader"))
    assert (result.left, result.clean, result.noticed) == (["task reader"], False, None)


def test_the_connections_that_were_made() -> None:
    """Those behind the strike count."""
    accepts = [{"t": t, "action": "accepts"} for t in (0.1, 0.6, 0.7)]
    journal = [*accepts, {"t": 0.8, "action": "opens"}]
    assert measured(*messages(range(101)), journal=journal).attempts == 2
