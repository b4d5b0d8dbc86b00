"""Patterns over several lives."""

from __future__ import annotations

from typing import Any

import pytest

from longwire.core.causes import Evidence, Kernel, classify


def life(
    end: Any,
    ages: tuple[float, float, float],
    idle: tuple[float, float, float],
    earlier: tuple[Any, Any] = ("eof", "eof"),
    **more: Any,
) -> Evidence:
    """The third of three lives; numbers oldest first."""
    return Evidence(
        end=end,
        link_age=ages[-1],
        byte_age=idle[-1],
        earlier_ages=ages[:-1],
        earlier_idle=idle[:-1],
        earlier_ends=earlier,
        **more,
    )


IDLE = "idle-timeout-intermediary"
AGE = "forced-lifetime-disconnect"


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        # The same time without a byte, at different ages.
        (life("eof", (61.0, 400.0, 95.0), (60.0, 60.1, 60.0)), IDLE),
        (life("reset", (61.0, 400.0, 95.0), (60.0, 60.1, 60.0)), IDLE),
        (life("close-received", (61.0, 400.0, 95.0), (60.0, 60.1, 60.0), received_code=1001), IDLE),
        (life("eof", (900.0, 400.0, 700.0), (350.2, 349.8, 352.0)), IDLE),
        (life("eof", (1.5, 4.0, 1.2), (0.30, 0.32, 0.28), messages=1), IDLE),
        # Nothing ever moved: each life was one idle stretch.
        (life("eof", (60.0, 60.1, 60.0), (60.0, 60.1, 60.0)), IDLE),
        # The times differ.
        (life("eof", (61.0, 400.0, 95.0), (60.0, 12.0, 60.0)), "unknown"),
        (life("eof", (61.0, 400.0, 95.0), (60.0, 63.0, 60.0)), "unknown"),
        # Busy links have constant idle times, too: next to none.
        (life("eof", (61.0, 400.0, 95.0), (0.01, 0.02, 0.01), messages=9), "unknown"),
        (life("eof", (1.5, 4.0, 2.2), (0.30, 0.32, 0.28)), "unknown"),
        # Not cut by another, not idle, or explained.
        (life("heartbeat-timeout", (61.0, 400.0, 95.0), (30.0,) * 3), "half-open-undetected"),
        (
            life("eof", (61.0, 400.0, 95.0), (30.0,) * 3, ("heartbeat-timeout", "eof")),
            "unknown",
        ),
        (life("eof", (61.0, 400.0, 95.0), (60.0,) * 3, partial_frame=True), "unknown"),
        (
            life("close-received", (61.0, 400.0, 95.0), (60.0,) * 3, received_code=1012),
            "deploy-restart",
        ),
        (
            life(
                "close-received",
                (61.0, 400.0, 95.0),
                (60.0,) * 3,
                received_code=1008,
                received_reason="token expired",
            ),
            "auth-expired",
        ),
    ],
)
def test_idle(evidence: Evidence, expected: str) -> None:
    """Constant idle times, and what only looks like them."""
    assert classify(evidence).cause.id == expected


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        # The same age, with bytes to the end.
        (life("eof", (7200.0, 7199.0, 7202.0), (0.1, 0.4, 0.2)), AGE),
        (life("reset", (600.0, 601.0, 600.0), (3.0, 14.0, 8.0)), AGE),
        (life("close-received", (60.0, 60.1, 60.0), (0.1,) * 3, received_code=1001), AGE),
        (life("close-received", (60.0, 60.1, 60.0), (0.1,) * 3, received_code=1011), AGE),
        (life("eof", (86_400.0, 86_500.0, 86_420.0), (0.1, 0.2, 0.3)), AGE),
        # A steady heartbeat on a quiet link: the rest of the lifetime is a constant idle time. Both
        # are possible as long as the rest is neither small nor large.
        (life("eof", (60.0, 60.0, 60.0), (20.0, 20.0, 20.0)), "unknown"),
        (life("eof", (60.0, 60.0, 60.0), (3.0, 3.0, 3.0)), AGE),
        (life("eof", (60.0, 60.0, 60.0), (40.0, 40.0, 40.0)), IDLE),
        # The ages differ, are too short, or are our own doing.
        (life("eof", (600.0, 650.0, 600.0), (0.1, 0.2, 0.1)), "unknown"),
        (life("eof", (1.5, 1.5, 1.5), (0.0, 0.0, 0.0)), "unknown"),
        (life("aborted", (600.0,) * 3, (0.1,) * 3), "unknown"),
        (life("eof", (600.0,) * 3, (0.1,) * 3, ("aborted", "eof")), "unknown"),
        (
            life("close-received", (600.0,) * 3, (0.1,) * 3, received_code=1013),
            "unknown",
        ),
        # Two lives are a coincidence.
        (
            Evidence(
                end="eof",
                link_age=600.0,
                byte_age=0.1,
                earlier_ages=(600.0,),
                earlier_idle=(0.1,),
                earlier_ends=("eof",),
            ),
            "unknown",
        ),
    ],
)
def test_lifetimes(evidence: Evidence, expected: str) -> None:
    """Constant ages, and what only looks like them."""
    assert classify(evidence).cause.id == expected


NAT: dict[str, Any] = {"kernel": Kernel(unsent=6, unacked=1, retransmits=5), "rtt": 0.05}


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (
            life(
                "heartbeat-timeout",
                (500.0, 90.0, 200.0),
                (30.0, 30.1, 30.0),
                ("heartbeat-timeout",) * 2,
                ping_unanswered_for=10.0,
                **NAT,
            ),
            "nat-silent-drop",
        ),
        (
            life(
                "reset",
                (500.0, 90.0, 200.0),
                (350.1, 350.0, 350.2),
                ("reset", "reset"),
                ping_unanswered_for=0.05,
            ),
            "nat-silent-drop",
        ),
        # Acknowledged: the path is there, it is the peer that does not answer.
        (
            life(
                "heartbeat-timeout",
                (500.0, 90.0, 200.0),
                (30.0, 30.1, 30.0),
                ("heartbeat-timeout",) * 2,
                ping_unanswered_for=10.0,
                kernel=Kernel(unread=0, unsent=0, unacked=0, retransmits=0),
            ),
            "half-open-undetected",
        ),
        # Once is no pattern.
        (
            Evidence(end="heartbeat-timeout", byte_age=30.0, ping_unanswered_for=10.0, **NAT),
            "half-open-undetected",
        ),
        # Not idle before the ping.
        (
            life(
                "heartbeat-timeout",
                (500.0, 90.0, 200.0),
                (11.0, 11.0, 11.0),
                ("heartbeat-timeout",) * 2,
                ping_unanswered_for=10.0,
                **NAT,
            ),
            "half-open-undetected",
        ),
        # The reset did not answer a ping.
        (
            life("reset", (500.0, 90.0, 200.0), (60.0,) * 3, ("reset",) * 2),
            IDLE,
        ),
    ],
)
def test_forgotten_flows(evidence: Evidence, expected: str) -> None:
    """The first ping after an idle stretch is fatal, again and again."""
    assert classify(evidence).cause.id == expected


def short(code: int | None, **more: Any) -> Evidence:
    """The third link in a row that was accepted and ended at once."""
    fields: dict[str, Any] = {
        "end": "eof" if code is None else "close-received",
        "short_lives": 3,
        "link_age": 0.02,
        "byte_age": 0.01,
        "earlier_ages": (0.02, 0.02),
        "earlier_idle": (0.01, 0.01),
        "earlier_ends": ("close-received", "eof"),
    }
    return Evidence(received_code=code, **{**fields, **more})


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (short(None), "backoff-reset-on-open"),
        (short(1000), "backoff-reset-on-open"),
        (short(1008), "backoff-reset-on-open"),
        (short(1013), "backoff-reset-on-open"),
        (short(4001), "backoff-reset-on-open"),
        # Cut at once each time after 0.3 s, but nothing ever came: an answer, not an idle timer.
        (
            short(None, link_age=0.3, byte_age=0.3, earlier_idle=(0.3, 0.3)),
            "backoff-reset-on-open",
        ),
        # The peer says why.
        (short(1008, received_reason="too many connections"), "provider-quota-violation"),
        (short(4401), "auth-expired"),
        (short(1012), "deploy-restart"),
        # Twice is no loop, and ends of our own making are none at all.
        (short(1013, short_lives=2), "unknown"),
        (short(1013, earlier_ends=("protocol-error", "eof")), "unknown"),
        (short(None, end="protocol-error"), "unknown"),
    ],
)
def test_short_lives(evidence: Evidence, expected: str) -> None:
    """A loop of accepting and closing, unless something better is known."""
    assert classify(evidence).cause.id == expected


@pytest.mark.parametrize(
    ("end", "earlier", "blame"),
    [
        ("close-received", ("close-received", "close-received"), "peer"),
        ("close-received", ("close-received", "eof"), "unknown"),
        ("reset", ("reset", "reset"), "unknown"),
        ("eof", ("close-received", "close-received"), "unknown"),
    ],
)
def test_only_a_close_frame_tells_who_ended_it(end: Any, earlier: Any, blame: str) -> None:
    """Without one it may have been the server, or anything on the way to it."""
    code = 1001 if end == "close-received" else None
    for name, ages, idle in (
        (AGE, (600.0,) * 3, (0.1,) * 3),
        (IDLE, (61.0, 400.0, 95.0), (60.0,) * 3),
    ):
        found = classify(life(end, ages, idle, earlier, received_code=code)).cause
        assert (found.id, found.blame) == (name, blame)


def test_histories_that_do_not_fit_together_prove_nothing() -> None:
    """Lists of different length are not read as if they were parallel."""
    evidence = Evidence(
        end="eof",
        link_age=600.0,
        byte_age=0.1,
        earlier_ages=(600.0, 600.0),
        earlier_ends=("eof",),
    )
    assert classify(evidence).cause.id == "unknown"


def test_reasons_have_the_numbers() -> None:
    """All three times, and what the heartbeat was set to."""
    verdict = classify(
        life("eof", (61.0, 400.0, 95.0), (60.0, 60.1, 59.9), heartbeat_every=75.0),
    )
    assert "60.0 s, 60.1 s, 59.9 s" in verdict.reasons[0]
    assert "every 75.0 s" in verdict.reasons[0]
