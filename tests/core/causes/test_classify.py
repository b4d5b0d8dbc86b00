"""`classify`: a row for each rule that shows it at work, and the plain cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from longwire.core.causes import CATALOGUE, UNKNOWN, Evidence, Kernel, cause, classify
from longwire.core.causes.classify import RULES, nameable
from longwire.core.causes.judges import frames, lives, opening, ourside, path, streams, words

if TYPE_CHECKING:
    from longwire.errors import Blame


def closed(code: int, reason: str = "", **more: Any) -> Evidence:
    """The peer closed."""
    return Evidence(end="close-received", received_code=code, received_reason=reason, **more)


def unopened(**more: Any) -> Evidence:
    """An opening failed."""
    return Evidence(end="never-opened", **more)


LIVED: dict[str, Any] = {"earlier_ages": (600.0,), "earlier_ends": ("eof",), "earlier_idle": (5.0,)}
"""An earlier link had lived and was ended from outside."""

ROWS: list[tuple[Any, str, str, Evidence]] = [
    (
        opening.tls_expired,
        "tls-expiry",
        "peer",
        unopened(failure="tls", tls_problem="expired"),
    ),
    (
        opening.credentials,
        "auth-expired",
        "local",
        unopened(failure="rejected", http_status=401),
    ),
    (
        opening.quota,
        "provider-quota-violation",
        "local",
        unopened(failure="rejected", http_status=429, retry_after=30.0),
    ),
    (
        opening.proxy,
        "proxy-env-surprise",
        "local",
        unopened(failure="rejected", http_status=407),
    ),
    (
        opening.intercepted,
        "middlebox-interference",
        "network",
        unopened(failure="rejected", http_status=511),
    ),
    (
        opening.network_gone,
        "network-change",
        "network",
        unopened(
            failure="unreachable", error="OSError: [Errno 101] Network is unreachable", **LIVED
        ),
    ),
    (opening.server_gone, "deploy-restart", "peer", unopened(failure="refused", **LIVED)),
    (
        frames.foreign_answer,
        "middlebox-interference",
        "network",
        Evidence(end="protocol-error", error="ProtocolError: b'HTTP/1.1 502 Bad' is no frame"),
    ),
    (
        frames.compression,
        "permessage-deflate-fault",
        "peer",
        Evidence(
            end="protocol-error",
            compressed=True,
            error="ProtocolError: the peer's compressed data cannot be inflated: Error -3",
        ),
    ),
    (
        frames.fragments,
        "fragmentation-mishandled",
        "peer",
        Evidence(
            end="protocol-error",
            error="ProtocolError: the peer continued a message that had not begun",
        ),
    ),
    (
        frames.too_big,
        "message-too-big",
        "unknown",
        Evidence(end="message-too-big", error="MessageTooBig: 17 MiB"),
    ),
    (
        ourside.overflow,
        "bounded-queue-overflow",
        "local",
        Evidence(end="local-error", error="InboxFull: full", queued=65_536, inbox_limit=65_536),
    ),
    (
        streams.zombie,
        "zombie-stream",
        "peer",
        Evidence(end="silence", canary="data", data_age=61.0, pong_age=3.0, silence=60.0),
    ),
    (
        streams.deaf_since_the_opening,
        "reconnected-but-deaf",
        "peer",
        Evidence(end="settle-timeout", canary="data", subscriptions=2, **LIVED),
    ),
    (
        streams.unconfirmed,
        "subscription-not-confirmed",
        "unknown",
        Evidence(end="subscription-refused", subscriptions=1),
    ),
    (
        words.slow_consumer,
        "slow-consumer-eviction",
        "local",
        closed(1008, "slow consumer"),
    ),
    (
        words.quota,
        "provider-quota-violation",
        "local",
        closed(1008, "Too many requests"),
    ),
    (words.lease, "lease-expired", "local", closed(1000, "listen key expired")),
    (words.credentials, "auth-expired", "local", closed(4000, "token expired")),
    (
        words.other_session,
        "overlapping-sessions",
        "local",
        closed(4000, "replaced by another connection"),
    ),
    (
        words.lifetime,
        "forced-lifetime-disconnect",
        "peer",
        closed(1000, "maximum connection duration exceeded"),
    ),
    (words.upstream, "upstream-feed-dead", "peer", closed(1011, "upstream connection lost")),
    (
        ourside.sleep,
        "sleep-wake",
        "local",
        Evidence(end="heartbeat-timeout", clock_jump=3600.0, byte_age=30.0),
    ),
    (
        path.big_packets_lost,
        "mtu-blackhole",
        "network",
        Evidence(
            end="write-timeout",
            byte_age=0.4,
            write_buffered=90_000,
            kernel=Kernel(unsent=20_000, unacked=10, retransmits=6),
        ),
    ),
    (
        ourside.blocked_loop,
        "blocked-event-loop",
        "local",
        closed(1011, "keepalive ping timeout", isolated=False, loop_lag=5.0, io_lag=5.0),
    ),
    (
        ourside.slow_handler,
        "slow-handler-inline",
        "local",
        closed(1011, "keepalive ping timeout", reading_paused_for=25.0, loop_lag=0.02),
    ),
    (
        ourside.evicted,
        "slow-consumer-eviction",
        "local",
        closed(1008, reading_paused_for=12.0, queued=65_536, inbox_limit=65_536),
    ),
    (
        ourside.starved_pong,
        "heartbeat-starved-by-data",
        "local",
        closed(1011, "keepalive ping timeout", write_buffered=3 * 2**20, io_lag=0.01),
    ),
    (
        words.heartbeat_dialect,
        "heartbeat-dialect-mismatch",
        "local",
        closed(4000, "missing heartbeat", pong_age=4.0, heartbeat_every=20.0, io_lag=0.01),
    ),
    (
        words.idle,
        "idle-timeout-intermediary",
        "peer",
        closed(1001, "Connection Idle Timeout", byte_age=300.0),
    ),
    (
        lives.forgotten_flow,
        "nat-silent-drop",
        "network",
        Evidence(
            end="heartbeat-timeout",
            byte_age=30.0,
            ping_unanswered_for=10.0,
            kernel=Kernel(unsent=6, unacked=1, retransmits=5),
            earlier_ends=("heartbeat-timeout",) * 2,
            earlier_idle=(30.1, 29.9),
            earlier_ages=(400.0, 90.0),
        ),
    ),
    (
        lives.closed_for_idleness,
        "idle-timeout-intermediary",
        "peer",
        closed(
            1001,
            link_age=95.0,
            byte_age=60.1,
            earlier_ends=("close-received",) * 2,
            earlier_ages=(60.4, 723.0),
            earlier_idle=(60.0, 60.2),
        ),
    ),
    (
        lives.idle_cut,
        "idle-timeout-intermediary",
        "unknown",
        Evidence(
            end="eof",
            link_age=95.0,
            byte_age=60.1,
            earlier_ends=("eof", "reset"),
            earlier_ages=(60.4, 723.0),
            earlier_idle=(60.0, 60.2),
        ),
    ),
    (
        lives.closed_for_age,
        "forced-lifetime-disconnect",
        "peer",
        closed(
            1001,
            link_age=7200.4,
            byte_age=0.2,
            messages=90_000,
            earlier_ends=("close-received",) * 2,
            earlier_ages=(7199.0, 7203.0),
            earlier_idle=(0.1, 0.4),
        ),
    ),
    (
        lives.lifetime,
        "forced-lifetime-disconnect",
        "unknown",
        Evidence(
            end="close-received",
            received_code=1001,
            link_age=7200.4,
            byte_age=0.2,
            messages=90_000,
            earlier_ends=("eof", "close-received"),
            earlier_ages=(7199.0, 7203.0),
            earlier_idle=(0.1, 0.4),
        ),
    ),
    (words.restart, "deploy-restart", "peer", closed(1012)),
    (
        lives.accepted_and_cut,
        "backoff-reset-on-open",
        "unknown",
        closed(1013, short_lives=3, link_age=0.01, earlier_ends=("close-received",) * 2),
    ),
    (
        path.peer_does_not_read,
        "send-without-timeout",
        "unknown",
        Evidence(
            end="write-timeout",
            write_buffered=2**20,
            kernel=Kernel(unsent=500_000, unacked=0, retransmits=0),
        ),
    ),
    (
        path.acknowledged_but_mute,
        "half-open-undetected",
        "unknown",
        Evidence(
            end="heartbeat-timeout",
            byte_age=28.0,
            ping_unanswered_for=10.0,
            kernel=Kernel(unread=0, unsent=0, unacked=0, retransmits=0),
        ),
    ),
    (
        path.never_acknowledged,
        "half-open-undetected",
        "network",
        Evidence(
            end="heartbeat-timeout",
            byte_age=28.0,
            ping_unanswered_for=10.0,
            kernel=Kernel(unread=0, unsent=12, unacked=2, retransmits=5),
        ),
    ),
    (
        path.mute,
        "half-open-undetected",
        "unknown",
        Evidence(end="heartbeat-timeout", byte_age=28.0, ping_unanswered_for=10.0),
    ),
]
"""The judge that must have the word, the cause and blame it finds, and the evidence."""


@pytest.mark.parametrize(
    ("judge", "expected", "blame", "evidence"), ROWS, ids=lambda one: getattr(one, "__name__", "")
)
def test_each_rule_has_its_case(
    judge: Any, expected: str, blame: Blame, evidence: Evidence
) -> None:
    """The right judge speaks first, names the cause, and gives sentences as reasons."""
    first = next(rule for rule in RULES if rule.judge(evidence))
    assert first.judge is judge
    verdict = classify(evidence)
    assert verdict.cause.id == expected
    assert verdict.cause.blame == blame
    for reason in verdict.reasons:
        assert reason[0].isupper() or not reason[0].isalpha()
        assert reason.endswith(".")


def test_no_rule_is_without_a_case() -> None:
    """A new judge needs a row above."""
    assert [rule.judge for rule in RULES] == [row[0] for row in ROWS]
    assert nameable() == {row[1] for row in ROWS}


def test_a_blame_that_is_refined_changes_nothing_else() -> None:
    """The catalogue's entry stays as it is; the verdict's differs from it in the blame only."""
    found = classify(ROWS[-2][3]).cause
    entry = cause("half-open-undetected")
    assert entry.blame == "unknown"
    assert found.blame == "network"
    assert (found.title, found.remedy, found.links) == (entry.title, entry.remedy, entry.links)


def test_without_refinement_the_entry_itself_is_returned() -> None:
    """No copies where none are needed."""
    assert classify(closed(1012)).cause is CATALOGUE["deploy-restart"]


# ---------------------------------------------------------------- what the demo and the faults need


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (Evidence(end="reset", error="ConnectionResetError: [Errno 104]"), "unknown"),
        (Evidence(end="reset", partial_frame=True, link_age=3.0, byte_age=0.01), "unknown"),
        (Evidence(end="eof"), "unknown"),
        (Evidence(end="heartbeat-timeout", heartbeat_within=10.0), "half-open-undetected"),
        (closed(1011, "keepalive ping timeout", loop_lag=5.2), "blocked-event-loop"),
        (closed(1001), "deploy-restart"),
        (closed(1012, "restart"), "deploy-restart"),
        (Evidence(end="silence", canary="data"), "zombie-stream"),
        (closed(1000), "unknown"),
        (closed(1005), "unknown"),
        (closed(1008), "unknown"),
        (closed(1011, "internal error"), "unknown"),
        (closed(1013, "overloaded"), "unknown"),
        (closed(4000, "feed moved"), "unknown"),
        (closed(1011, short_lives=3, link_age=0.02), "backoff-reset-on-open"),
        (unopened(failure="dns", error="AddressError: the name does not resolve"), "unknown"),
        (unopened(failure="refused"), "unknown"),
        (unopened(failure="rejected", http_status=503, retry_after=5.0), "unknown"),
        (unopened(failure="tls", tls_problem="self-signed"), "unknown"),
        (Evidence(end="aborted"), "unknown"),
        (Evidence(end="close-sent"), "unknown"),
        (Evidence(end="local-error", error="RuntimeError: bug"), "unknown"),
    ],
)
def test_plain_cases(evidence: Evidence, expected: str) -> None:
    """The plain ends, with nothing else known: named only where the end itself is the proof."""
    verdict = classify(evidence)
    assert verdict.cause.id == expected
    assert verdict.reasons


def test_unknown_tells_all_that_is_known() -> None:
    """The reasons hold the code, its meaning, the words, and the ages."""
    verdict = classify(
        closed(1011, "internal error", link_age=12.3, messages=7, byte_age=0.5, data_age=0.5)
    )
    assert verdict.cause is UNKNOWN
    text = " ".join(verdict.reasons)
    for part in ("1011", "internal error", "12.3 s", "7 messages", "500 ms"):
        assert part in text
