"""What is written down when something ended."""

from __future__ import annotations

from typing import Any

import pytest

import longwire
from longwire.client.postmortem import (
    AFTERMATH,
    REMEMBERED,
    Circumstances,
    History,
    describe,
    last_sign,
    of_link,
    of_opening,
    paused_for,
    waited_for,
)
from longwire.link.base import Closure
from longwire.link.headers import Headers


def closure(**fields: Any) -> Closure:
    """The record of a link that lived from 100 to 160 s and heard bytes until 150 s."""
    known: dict[str, Any] = {
        "end": "eof",
        "by": "peer",
        "opened": 100.0,
        "ended": 160.0,
        "last_byte": 150.0,
    }
    return Closure(**{**known, **fields})


def around(**fields: Any) -> Circumstances:
    """An ordinary isolated client."""
    known: dict[str, Any] = {
        "heartbeat": longwire.Heartbeat(every=20, within=10, silence=30),
        "isolated": True,
        "subscriptions": 2,
        "inbox_limit": 100,
        "queued": 7,
    }
    return Circumstances(**{**known, **fields})


def test_a_links_end_in_ages() -> None:
    """Moments become ages at the end; what never happened stays None."""
    evidence = of_link(
        closure(last_pong=140.0, ping_unanswered_since=159.0, messages_received=5),
        around(loop_lag=2.5, canary="silent"),
        History(),
    )
    assert (evidence.link_age, evidence.byte_age, evidence.pong_age) == (60.0, 10.0, 20.0)
    assert evidence.data_age is None
    assert evidence.ping_unanswered_for == 1.0
    assert (evidence.heartbeat_every, evidence.heartbeat_within, evidence.silence) == (20, 10, 30)
    assert (evidence.queued, evidence.inbox_limit, evidence.subscriptions) == (7, 100, 2)
    assert (evidence.loop_lag, evidence.canary, evidence.messages) == (2.5, "silent", 5)


def test_the_owner_may_know_better_how_it_ended() -> None:
    """A link that was condemned for silence says aborted by itself."""
    evidence = of_link(closure(end="aborted"), around(heartbeat=None), History(), "silence")
    assert evidence.end == "silence"
    assert evidence.heartbeat_every is None


def test_an_opening_that_failed() -> None:
    """Kind, status and the server's wish are kept; there is no link whose age could be told."""
    error = longwire.HandshakeRejected(
        status=429, headers=Headers([]), body=b"", retryable=True, retry_after=7.0
    )
    evidence = of_opening(error, around(), History())
    assert (evidence.end, evidence.failure) == ("never-opened", "rejected")
    assert (evidence.http_status, evidence.retry_after) == (429, 7.0)
    assert evidence.last_speaker == "peer"
    assert evidence.link_age is None


def test_a_failure_of_our_own_is_no_opening() -> None:
    """An error that is no ConnectError happened on our own side."""
    evidence = of_opening(longwire.LongwireError("ours"), around(), History())
    assert (evidence.end, evidence.failure) == ("local-error", None)


def test_history_shows_patterns_and_stays_small() -> None:
    """The last few ends are kept; barren short lives in a row are counted, this one included."""
    history = History()
    history.note(closure())
    for _ in range(3):
        history.note(closure(opened=159.5, messages_received=0))
    evidence = of_link(closure(opened=159.9, messages_received=0), around(), history)
    assert evidence.short_lives == 4
    assert evidence.earlier_ages == (60.0, 0.5, 0.5, 0.5)
    assert evidence.earlier_idle == (10.0,) * 4
    assert of_link(closure(messages_received=0), around(), history).short_lives == 0
    # A short life that brought a message is no sign of being turned away.
    assert of_link(closure(opened=159.9, messages_received=1), around(), history).short_lives == 0
    for _ in range(100):
        history.note(closure())
    assert len(history.ages) == len(history.ends) == REMEMBERED
    assert history.short_lives == 0


@pytest.mark.parametrize(
    ("fields", "sign"),
    [
        ({"end": "eof"}, 160.0),
        ({"end": "close-received"}, 160.0),
        ({"end": "heartbeat-timeout"}, 150.0),
        ({"end": "write-timeout"}, 150.0),
        ({"end": "silence", "last_data": 120.0}, 120.0),
        ({"end": "silence"}, 100.0),
        ({"end": "settle-timeout"}, 100.0),
    ],
)
def test_an_interruption_starts_with_the_last_sign(fields: Any, sign: float) -> None:
    """Not when it was noticed: with a dead peer nothing could arrive long before."""
    assert last_sign(closure(**fields)) == sign


@pytest.mark.parametrize(
    ("end", "seconds"),
    [("heartbeat-timeout", 10.0), ("write-timeout", 10.0), ("reset", 0.0), ("silence", 0.0)],
)
def test_a_dead_peer_was_waited_for(end: Any, seconds: float) -> None:
    """From its last byte on; an end that comes from outside is noticed at once."""
    assert waited_for(closure(end=end)) == seconds


def test_a_pause_counts_when_it_led_to_the_end() -> None:
    """While it lasts, and for a moment after; an old one has nothing to do with it."""
    assert paused_for(closure()) is None
    assert paused_for(closure(paused_since=155.0)) == 5.0
    assert paused_for(closure(last_pause=(150.0, 160.0 - AFTERMATH))) == 10.0 - AFTERMATH
    assert paused_for(closure(last_pause=(100.0, 159.0 - AFTERMATH))) is None


@pytest.mark.parametrize(
    ("error", "behind"),
    [
        (OSError("outer"), "RuntimeError: inner"),
        (longwire.ProtocolError("outer"), "RuntimeError: inner"),
        (longwire.ConnectError("outer", kind="dns", retryable=True), "RuntimeError: inner"),
        (longwire.ConnectError("outer", kind="local", retryable=True), "RuntimeError"),
        (longwire.LongwireError("outer"), "RuntimeError"),
    ],
)
def test_an_exception_is_described_with_its_cause(error: Exception, behind: str) -> None:
    """One line, with what was behind it; of what may be the user's own failure only the type."""
    alone = describe(error)
    assert alone == f"{type(error).__name__}: {error}"
    error.__cause__ = RuntimeError("inner")
    assert describe(error) == f"{alone} (from {behind})"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, ""),
        ({"end": "reset", "error": OSError("no")}, "OSError: no"),
        ({"end": "local-error", "error": RuntimeError("a secret")}, "RuntimeError"),
        ({"end": "local-error", "error": longwire.InboxFull("ours")}, "InboxFull: ours."),
    ],
)
def test_what_ended_a_link_is_described(fields: Any, told: str) -> None:
    """Its type and text, unless it was raised by one of the user's functions."""
    assert of_link(closure(**fields), around(), History()).error == told
