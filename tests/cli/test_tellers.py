"""How ``listen`` tells what happens: the lines for a person, the objects for a program."""

from __future__ import annotations

import io
import json
import re
import time
from typing import Any

import pytest

from longwire.cli.tellers import JsonTeller, TextTeller, stats_as_json
from longwire.core.causes import Evidence, Interruption, classify
from longwire.core.sequence import Gap
from longwire.observe.alerts import Alert
from longwire.observe.stats import Stats

STATS = Stats(
    state="live",
    received=1_200,
    delivered=1_100,
    dropped=3,
    repeated=0,
    missing=2,
    queued=97,
    queued_bytes=970,
    sent=5,
    unsent=0,
    links=2,
    interruptions=1,
    rtt=0.0125,
    loop_lag=0.002,
    byte_age=0.5,
    pong_age=None,
    data_age=1.5,
    data_ages={},
    paused_for=None,
)

GAP = Gap(kind="sequence", stream="trades", first=3, last=4, count=2)


def interruption(*, attempts: int = 1, over: bool = True) -> Interruption:
    evidence = Evidence(end="close-received", received_code=1012, received_reason="back \x1b[2J")
    verdict = classify(evidence)
    now = time.monotonic()
    return Interruption(
        cause=verdict.cause,
        reasons=verdict.reasons,
        started=now,
        noticed=now + 0.25,
        ended=now + 1.75 if over else None,
        outcome="recovered" if over else "pending",
        evidence=evidence,
        closure=None,
        attempts=attempts,
    )


class Told:
    """A `TextTeller` and what it has written where."""

    def __init__(self) -> None:
        self.out, self.notes, self.summary = io.StringIO(), io.StringIO(), io.StringIO()
        self.teller = TextTeller(self.out, self.notes, self.summary)

    def note(self) -> str:
        """The one line that was noted, without its time of day."""
        (line,) = self.notes.getvalue().splitlines()
        assert re.match(r"\d\d:\d\d:\d\d ", line)
        return line[9:]


@pytest.fixture
def told() -> Told:
    """For a person."""
    return Told()


def test_messages_are_one_line_each(told: Told) -> None:
    """Apart from everything else, and unable to command the terminal."""
    told.teller.message("a\nb\x1b[2J")
    told.teller.message(b"\x00\xff")
    assert told.out.getvalue() == "a\\nb\\x1b[2J\n\\x00\\xff\n"
    assert told.notes.getvalue() == told.summary.getvalue() == ""


def test_live(told: Told) -> None:
    """How long it took."""
    told.teller.live(0.25)
    assert told.note() == "live after 250 ms"


def test_interrupted(told: Told) -> None:
    """The cause, how soon it was noticed, and the first reason with what the peer said, escaped."""
    told.teller.interrupted(interruption(over=False))
    note = told.note()
    assert note.startswith(
        "interrupted: The server was restarted or taken away [deploy-restart], "
        "noticed after 250 ms: The peer closed the link with 1012"
    )
    assert "\x1b" not in note


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (interruption(), "recovered after 1.5 s: The server was restarted"),
        (interruption(attempts=3), "recovered after 1.5 s, 3 attempts: The server was restarted"),
        (interruption(over=False), "recovered after -: The server was restarted"),
    ],
)
def test_recovered(told: Told, one: Interruption, text: str) -> None:
    """How long it took to come back, and how many attempts where it was not the first."""
    told.teller.recovered(one)
    assert told.note().startswith(text)


@pytest.mark.parametrize(
    ("gap", "text"),
    [
        (GAP, "gap: 2 messages of trades are missing (sequence): 3 to 4"),
        (Gap(kind="restart"), "gap: an unknown number of messages are missing (restart)"),
        (
            Gap(kind="overflow", count=1_234),
            "gap: 1,234 messages are missing (overflow)",
        ),
    ],
)
def test_gaps(told: Told, gap: Gap, text: str) -> None:
    """How many, of which stream and which, as far as each is known."""
    told.teller.gap(gap)
    assert told.note() == text


def test_alerts(told: Told) -> None:
    """The text and the cause that it may lead to."""
    told.teller.alert(Alert(kind="quiet-feed", at=0.0, text="quiet", cause="zombie-stream"))
    assert told.note() == "warning: quiet [zombie-stream]"


def test_statistics(told: Told) -> None:
    """One line with all that a person looks for; what is not known is a dash."""
    told.teller.stats(STATS, 321.6)
    assert told.note() == (
        "live: 322/s, received 1,200, dropped 3, queued 97, round trip 12 ms, last byte 500 ms, "
        "pong -, data 1.5 s, loop lag 2.0 ms, links 2, interruptions 1"
    )


def test_the_end(told: Told) -> None:
    """Has a place of its own, and no time of day."""
    told.teller.end({}, "3 messages in 1.0 s")
    assert told.summary.getvalue() == "3 messages in 1.0 s\n"


def test_what_is_shown_elsewhere_is_not_told() -> None:
    """With the live view there are no notes and, in a terminal, no messages."""
    summary = io.StringIO()
    teller = TextTeller(None, None, summary)
    teller.message("x")
    teller.live(0.1)
    teller.stats(STATS, 1.0)
    teller.end({}, "over")
    assert summary.getvalue() == "over\n"


# ---------------------------------------------------------------- for a program


class Records:
    """A `JsonTeller` and what it has written."""

    def __init__(self) -> None:
        self._out = io.StringIO()
        self.teller = JsonTeller(self._out)

    def at(self) -> float:
        """When it was, in milliseconds since 1970."""
        at = json.loads(self._out.getvalue())["at_ms"]
        assert isinstance(at, int)
        return at

    def one(self) -> dict[str, Any]:
        """The one object that was written, all in printable ASCII."""
        (line,) = self._out.getvalue().splitlines()
        assert all(" " <= character <= "~" for character in line)
        record: dict[str, Any] = json.loads(line)
        assert record.pop("at_ms") > 0
        return record


@pytest.fixture
def records() -> Records:
    """For a program."""
    return Records()


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ("a\nb\x7f\u2028", {"text": "a\nb\x7f\u2028"}),
        (b"\x00\xff", {"data_base64": "AP8="}),
    ],
)
def test_a_message_is_lossless(records: Records, data: str | bytes, fields: Any) -> None:
    """Text as it is, binary in base64."""
    records.teller.message(data)
    assert records.one() == {"event": "message", **fields}


def test_an_interruption_has_its_cause_and_times(records: Records) -> None:
    """In milliseconds, with the remedy."""
    one = interruption()
    records.teller.interrupted(one)
    record = records.one()
    assert record["event"] == "interrupted"
    assert (record["cause"], record["blame"]) == ("deploy-restart", "peer")
    assert record["reasons"] == list(one.reasons)
    assert record["remedy"] == one.cause.remedy
    assert record["noticed_after_ms"] == pytest.approx(250)
    assert abs(record["started_at_ms"] - time.time() * 1000) < 60_000


def test_a_recovery_says_how_long_it_took(records: Records) -> None:
    """Since it was noticed, and since nothing could arrive."""
    records.teller.recovered(interruption(attempts=3))
    record = records.one()
    assert record["event"] == "recovered"
    assert record["recovered_after_ms"] == pytest.approx(1_500)
    assert record["down_ms"] == pytest.approx(1_750)
    assert record["attempts"] == 3


def test_gaps_and_alerts_in_fields(records: Records) -> None:
    """All of them, by name."""
    records.teller.gap(GAP)
    assert records.one() == {
        "event": "gap",
        "kind": "sequence",
        "stream": "trades",
        "first": 3,
        "last": 4,
        "count": 2,
    }


def test_an_alert_has_its_moment(records: Records) -> None:
    """When it was raised, not when it was told."""
    alert = Alert(kind="quiet-feed", at=time.monotonic() - 5, text="quiet", cause="zombie-stream")
    records.teller.alert(alert)
    assert records.at() < time.time() * 1000 - 4_000
    record = records.one()
    assert record["event"] == "alert"
    assert (record["kind"], record["cause"], record["text"]) == (
        "quiet-feed",
        "zombie-stream",
        "quiet",
    )


def test_statistics_have_their_units(records: Records) -> None:
    """In the names, and null where nothing is known."""
    records.teller.stats(STATS, 321.64)
    record = records.one()
    assert record.pop("event") == "stats"
    assert record == stats_as_json(STATS, 321.64)
    assert record["rate_per_second"] == 321.6
    assert record["received_total"] == 1_200
    assert record["rtt_ms"] == 12.5
    assert record["pong_age_ms"] is None


def test_being_live_is_no_record(records: Records) -> None:
    """It belongs to no place among the messages; the end has everything that was summed up."""
    records.teller.live(0.1)
    records.teller.end({"received_total": 3}, "3 messages")
    assert records.one() == {"event": "end", "received_total": 3}
