"""`classify`: what holds for any evidence at all."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longwire.core.causes import CATALOGUE, UNKNOWN, Evidence, Verdict, classify
from longwire.core.causes.classify import nameable

pytestmark = pytest.mark.timeout(120)  # hundreds of examples, on a machine that may be busy

WORDS = st.sampled_from(
    [
        "",
        "keepalive ping timeout",
        "slow consumer",
        "Idle Timeout",
        "token expired",
        "Network is unreachable",
        "HTTP/1.1 502",
        "message too big",
        "rate limit",
        "server restarting",
        "cannot be inflated",
    ]
)
TEXTS = WORDS | st.text(max_size=60) | st.builds("{} {}".format, WORDS, st.text(max_size=200))
SECONDS = st.floats(0, 100) | st.sampled_from([0.0, 1.0, 20.0, 60.0])

HINTS = get_type_hints(Evidence)
LIKELY: dict[type[Any], st.SearchStrategy[Any]] = {
    str: TEXTS,
    float: SECONDS,
    int: st.integers(0, 10) | st.sampled_from([401, 403, 429, 1000, 1001, 1008, 1011, 1012, 1013]),
}


def likely(hint: Any) -> st.SearchStrategy[Any]:
    """Values that occur, for one field; None and tuples included."""
    if hint in LIKELY:
        return LIKELY[hint]
    inside = get_args(hint)
    if type(None) in inside:
        return st.none() | st.one_of(*(likely(one) for one in inside if one is not type(None)))
    if inside and inside[-1] is ...:
        return st.lists(likely(inside[0]), max_size=4).map(tuple)
    return st.from_type(hint)


LIKELY_EVIDENCE = st.builds(Evidence, **{name: likely(hint) for name, hint in HINTS.items()})
ANY_EVIDENCE = LIKELY_EVIDENCE | st.from_type(Evidence)


@settings(max_examples=400, deadline=None)
@given(ANY_EVIDENCE)
def test_any_evidence_is_judged(evidence: Evidence) -> None:
    """It never raises; a named cause is one that may be named; there are always reasons."""
    verdict = classify(evidence)
    assert isinstance(verdict, Verdict)
    assert verdict.reasons
    assert all(reason.isprintable() for reason in verdict.reasons)
    if verdict.cause is not UNKNOWN:
        assert verdict.cause.id in nameable()
        entry = CATALOGUE[verdict.cause.id]
        assert msgspec.structs.replace(verdict.cause, blame=entry.blame) == entry
    assert classify(evidence) == verdict


@settings(max_examples=200, deadline=None)
@given(LIKELY_EVIDENCE)
def test_our_own_side_is_blamed_only_by_what_was_measured(evidence: Evidence) -> None:
    """Without lag, pause and jump no machine slept, no loop stood still, no handler was slow."""
    innocent = msgspec.structs.replace(
        evidence, loop_lag=0.0, io_lag=0.0, reading_paused_for=None, clock_jump=None
    )
    assert classify(innocent).cause.id not in {
        "sleep-wake",
        "blocked-event-loop",
        "slow-handler-inline",
    }


@settings(max_examples=200, deadline=None)
@given(LIKELY_EVIDENCE)
def test_a_pattern_needs_lives(evidence: Evidence) -> None:
    """With no earlier life and no words of the peer nothing is said of timers and policies."""
    alone = msgspec.structs.replace(
        evidence, earlier_ages=(), earlier_ends=(), earlier_idle=(), received_reason=""
    )
    assert classify(alone).cause.id not in {
        "idle-timeout-intermediary",
        "forced-lifetime-disconnect",
        "nat-silent-drop",
        "reconnected-but-deaf",
    }


@settings(max_examples=200, deadline=None)
@given(LIKELY_EVIDENCE, st.sampled_from(["aborted", "close-sent"]))
def test_what_we_ended_ourselves_accuses_nobody(evidence: Evidence, end: Any) -> None:
    """An end by our own wish proves nothing about anyone."""
    assert classify(msgspec.structs.replace(evidence, end=end)).cause is UNKNOWN
