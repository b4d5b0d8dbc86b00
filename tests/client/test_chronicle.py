"""The record of what happened: each thing told once to inbox, log and user."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from longwire.client.chronicle import ALERT_AGAIN, KEPT, Chronicle
from longwire.client.events import Interrupted, Recovered
from longwire.core.causes import UNKNOWN, Evidence
from longwire.errors import ConnectError, LinkClosed

if TYPE_CHECKING:
    import longwire

URL = "ws://example/feed"
RESTART = Evidence(end="close-received", received_code=1012)
NOTHING = Evidence(end="eof")
BUSY = Evidence(end="never-opened", failure="rejected", http_status=429)
EXPIRED = Evidence(end="never-opened", failure="tls", tls_problem="expired")


def failed(what: str, *, retryable: bool = False) -> longwire.LongwireError:
    """What the opening of a link raised."""
    return ConnectError(what, kind="refused", retryable=retryable, blame="peer")


class Told:
    """A chronicle and what it told whom."""

    def __init__(self) -> None:
        self.marks: list[Any] = []
        self.user: list[str] = []
        self.chronicle = Chronicle(
            URL,
            mark=self.marks.append,
            tell=lambda interruption: self.user.append(interruption.outcome),
        )

    def begin(self, evidence: Evidence = RESTART, **fields: Any) -> longwire.Interruption:
        """An interruption."""
        return self.chronicle.begin(evidence, started=1.0, noticed=2.0, closure=None, **fields)


@pytest.mark.parametrize("outcome", ["recovered", "gave-up", "closed"])
def test_an_interruption_has_one_begin_and_one_end(outcome: Any) -> None:
    """Whoever is told is told twice; only a recovery is a mark between messages."""
    told = Told()
    begun = told.begin()
    assert told.begin(NOTHING) is begun
    told.chronicle.attempt_begins()
    ended = told.chronicle.end(outcome, ended=5.0)
    assert told.chronicle.end("closed", ended=6.0) is None
    assert ended is not None
    assert (ended.outcome, ended.ended, ended.attempts) == (outcome, 5.0, 1)
    assert ended.cause.id == "deploy-restart"
    assert list(told.chronicle.interruptions) == [ended]
    assert told.chronicle.pending is None
    assert told.user == ["pending", outcome]
    assert [type(mark) for mark in told.marks] == [Interrupted, Recovered][
        : 2 if outcome == "recovered" else 1
    ]


def test_a_later_attempt_may_prove_an_unknown_cause() -> None:
    """Evidence of a failed attempt names a cause that the end did not prove, and only then."""
    told = Told()
    told.begin(NOTHING)
    assert told.chronicle.pending is not None
    first = told.chronicle.pending
    told.chronicle.attempt_failed(failed("429"), BUSY, at=3.0)
    assert first.cause is UNKNOWN
    assert told.chronicle.pending.cause.id == "provider-quota-violation"
    assert told.chronicle.pending.evidence is NOTHING, "what was known at the end is kept"
    told.chronicle.attempt_failed(failed("1012"), RESTART, at=4.0)
    assert told.chronicle.pending.cause.id == "provider-quota-violation"


def test_an_attempt_that_proves_nothing_leaves_the_reasons() -> None:
    """They belong to the end of the link, like the evidence; the attempt's are its obstacle's."""
    told = Told()
    told.begin(Evidence(end="reset"))
    refused = Evidence(end="never-opened", failure="refused")
    told.chronicle.attempt_failed(failed("refused", retryable=True), refused, at=3.0)
    pending = told.chronicle.pending
    assert pending is not None
    assert pending.obstacle is not None
    assert pending.cause is pending.obstacle.cause is UNKNOWN
    assert "reset" in pending.reasons[0]
    assert "refused" in pending.obstacle.reasons[0]


def test_what_stands_in_the_way_is_told_once_each() -> None:
    """A restart is over, but the certificate has run out: nobody would learn it from the cause."""
    told = Told()
    told.begin(RESTART)
    for at, (error, evidence) in enumerate(
        [
            (failed("refused", retryable=True), Evidence(end="never-opened", failure="refused")),
            (failed("expired"), EXPIRED),
            (failed("expired"), EXPIRED),
            (failed("something else", retryable=True), Evidence(end="never-opened")),
            (LinkClosed("at once"), Evidence(end="eof")),
            (failed("expired"), EXPIRED),
            (failed("no such page"), Evidence(end="never-opened", failure="rejected")),
        ]
    ):
        told.chronicle.attempt_begins()
        told.chronicle.attempt_failed(error, evidence, at=float(at))
    alerts = [(alert.kind, alert.at, alert.cause) for alert in told.chronicle.alerts]
    assert alerts == [("still-down", 1.0, "tls-expiry"), ("still-down", 6.0, "unknown")]
    assert "still down after 2 attempts: " in told.chronicle.alerts[0].text
    assert "no such page" in told.chronicle.alerts[1].text
    assert told.user == ["pending"] * 3
    pending = told.chronicle.pending
    assert pending is not None
    assert pending.cause.id == "deploy-restart"
    assert pending.evidence is RESTART
    assert pending.obstacle is not None
    assert pending.obstacle.error == "no such page."


def test_an_attempt_that_fails_before_any_interruption_is_logged_only() -> None:
    """The interruption that follows has its evidence as its own."""
    told = Told()
    told.chronicle.attempt_failed(failed("expired"), EXPIRED, at=1.0)
    assert (told.user, list(told.chronicle.alerts), told.chronicle.pending) == ([], [], None)


def test_the_log_says_who_and_why(caplog: pytest.LogCaptureFixture) -> None:
    """Levels are a contract; each record carries the address and the cause."""
    caplog.set_level(logging.DEBUG, logger="longwire.client")
    told = Told()
    told.chronicle.live()
    told.begin()
    told.chronicle.attempt_failed(failed("100 % no"), RESTART, at=3.0)
    told.chronicle.end("recovered", ended=3.0)
    told.begin()
    told.chronicle.end("gave-up", ended=4.0)
    told.chronicle.lost_unsent(3)
    told.chronicle.orphaned()
    levels = [record.levelname for record in caplog.records]
    assert levels == [
        "INFO",
        "WARNING",
        "DEBUG",
        "INFO",
        "WARNING",
        "ERROR",
        "WARNING",
        "WARNING",
    ]
    extras = [vars(record) for record in caplog.records]
    assert {extra["longwire_url"] for extra in extras} == {URL}
    assert extras[1]["longwire_cause"] == "deploy-restart"
    assert "100 % no" in caplog.text


def test_an_alert_is_not_repeated_within_a_minute() -> None:
    """Of each kind one; another kind, or another cause, is another matter."""
    chronicle = Told().chronicle
    for at in (0.0, 1.0, ALERT_AGAIN, ALERT_AGAIN + 1):
        chronicle.alert("quiet-feed", f"at {at}", at=at, cause="zombie-stream")
    chronicle.alert("quiet-feed", "dead", at=ALERT_AGAIN + 2, cause="upstream-feed-dead")
    chronicle.alert("reading-paused", "full", at=1.0, cause="slow-handler-inline")
    assert [(alert.kind, alert.at) for alert in chronicle.alerts] == [
        ("quiet-feed", 0.0),
        ("quiet-feed", ALERT_AGAIN),
        ("quiet-feed", ALERT_AGAIN + 2),
        ("reading-paused", 1.0),
    ]


def test_old_interruptions_are_forgotten_but_counted() -> None:
    """A client that lives for years does not grow."""
    told = Told()
    for _ in range(KEPT + 5):
        told.begin()
        told.chronicle.end("recovered", ended=3.0)
    assert len(told.chronicle.interruptions) == KEPT
    assert told.chronicle.count == KEPT + 5
    assert {each.outcome for each in told.chronicle.interruptions} == {"recovered"}
