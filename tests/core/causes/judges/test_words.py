"""What servers say when they close, in their own words, and what must not be read into them."""

from __future__ import annotations

from typing import Any

import pytest

from longwire.core.causes import Evidence, classify


def closed(code: int, reason: str = "", **more: Any) -> Evidence:
    """The peer closed."""
    return Evidence(end="close-received", received_code=code, received_reason=reason, **more)


SAID = [
    # Slow consumers.
    ("ErrSlowConsume", "slow-consumer-eviction"),
    ("ErrSlowRead", "slow-consumer-eviction"),
    ("Slow Consumer", "slow-consumer-eviction"),
    ("slow client", "slow-consumer-eviction"),
    ("client is too slow", "slow-consumer-eviction"),
    ("Too many pending messages", "slow-consumer-eviction"),
    ("Client exceeded max pending messages [2]: 1024", "slow-consumer-eviction"),
    ("send buffer full", "slow-consumer-eviction"),
    ("outbound queue limit reached", "slow-consumer-eviction"),
    ("consumer fell behind", "slow-consumer-eviction"),
    ("ack backpressure", "slow-consumer-eviction"),
    ("slow down please", "unknown"),
    ("queue position 3", "unknown"),
    # Quotas.
    ("rate limit exceeded", "provider-quota-violation"),
    ("Too many requests", "provider-quota-violation"),
    ("too many websocket connections", "provider-quota-violation"),
    ("too_many_websockets", "provider-quota-violation"),
    ("connection limit exceeded", "provider-quota-violation"),
    ("Maximum number of connections reached", "provider-quota-violation"),
    ("quota exceeded", "provider-quota-violation"),
    ("client banned", "provider-quota-violation"),
    ("too many errors", "unknown"),
    ("no limits", "unknown"),
    # Leases.
    ("listenKeyExpired", "lease-expired"),
    ("ticket has expired", "lease-expired"),
    ("Subscription expired", "lease-expired"),
    ("lease was not renewed", "lease-expired"),
    ("ticket 4711 accepted", "unknown"),
    # Credentials.
    ("Unauthorized", "auth-expired"),
    ("not authenticated", "auth-expired"),
    ("authentication timeout", "auth-expired"),
    ("Auth failed", "auth-expired"),
    ("jwt expired", "auth-expired"),
    ("Invalid API key", "auth-expired"),
    ("expired token", "auth-expired"),
    ("bad signature", "auth-expired"),
    ("Invalid token in JSON at position 0", "unknown"),
    ("Unexpected token <", "unknown"),
    ("session expired", "unknown"),
    ("author retired", "unknown"),
    # Other sessions of ours.
    ("Another connection opened", "overlapping-sessions"),
    ("replaced by a new connection", "overlapping-sessions"),
    ("logged in elsewhere", "overlapping-sessions"),
    ("duplicate session", "overlapping-sessions"),
    ("session replaced", "overlapping-sessions"),
    ("please open a new connection", "unknown"),
    ("reconnect to another instance", "unknown"),
    # Lifetimes.
    ("Maximum connection lifetime reached", "forced-lifetime-disconnect"),
    ("session duration limit", "forced-lifetime-disconnect"),
    ("connection age exceeded", "forced-lifetime-disconnect"),
    ("connected for too long", "forced-lifetime-disconnect"),
    ("once in a lifetime", "unknown"),
    # Idle.
    ("Connection Idle Timeout", "idle-timeout-intermediary"),
    ("closed due to inactivity", "idle-timeout-intermediary"),
    ("no activity", "idle-timeout-intermediary"),
    ("No messages received", "idle-timeout-intermediary"),
    # Sources.
    ("upstream disconnected", "upstream-feed-dead"),
    ("lost backend", "upstream-feed-dead"),
    ("redis connection lost", "upstream-feed-dead"),
    ("market data feed unavailable", "upstream-feed-dead"),
    ("backend shutting down", "deploy-restart"),
    ("feed moved", "unknown"),
    # Restarts.
    ("server restarting", "deploy-restart"),
    ("Server shutdown", "deploy-restart"),
    ("Scheduled maintenance", "deploy-restart"),
    ("deploying a new version", "deploy-restart"),
    ("node is draining", "deploy-restart"),
    ("please upgrade your plan", "unknown"),
    ("unsupported version, upgrade the client", "unknown"),
    # Nothing in particular.
    ("internal error", "unknown"),
    ("bye", "unknown"),
    ("overloaded, try again later", "unknown"),
]


@pytest.mark.parametrize(("reason", "expected"), SAID, ids=[reason for reason, _ in SAID])
def test_words(reason: str, expected: str) -> None:
    """The words count whatever the code, and are quoted."""
    for code in (1008, 1011, 4000):
        verdict = classify(closed(code, reason))
        assert verdict.cause.id == expected
        assert f'"{reason}"' in verdict.reasons[0]
        assert str(code) in verdict.reasons[0]


@pytest.mark.parametrize("end", ["eof", "reset", "close-sent", "protocol-error"])
def test_words_count_only_where_the_peer_closed(end: Any) -> None:
    """What came as an answer to our own close, or not at all, is no explanation."""
    evidence = Evidence(end=end, received_code=1008, received_reason="slow consumer")
    assert classify(evidence).cause.id == "unknown"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (4401, "auth-expired"),
        (4429, "provider-quota-violation"),
        (1014, "upstream-feed-dead"),
        (1012, "deploy-restart"),
        (1001, "deploy-restart"),
        (3000, "unknown"),
        (4403, "unknown"),
        (1013, "unknown"),
        (1008, "unknown"),
    ],
)
def test_codes_without_words(code: int, expected: str) -> None:
    """Few codes say enough by themselves."""
    assert classify(closed(code)).cause.id == expected


HEALTHY: dict[str, Any] = {
    "pong_age": 4.0,
    "heartbeat_every": 20.0,
    "heartbeat_within": 10.0,
    "io_lag": 0.01,
}


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (closed(3000, "No response from heartbeat", **HEALTHY), "heartbeat-dialect-mismatch"),
        (closed(4000, "ping timeout", **HEALTHY), "heartbeat-dialect-mismatch"),
        (closed(1000, "idle timeout", **HEALTHY), "heartbeat-dialect-mismatch"),
        # These words mean protocol pings, so the dialect is right.
        (closed(1011, "keepalive ping timeout", **HEALTHY), "unknown"),
        # Our own pings were not answered, or not sent, or we were late: it proves nothing.
        (closed(4000, "missed heartbeat", **{**HEALTHY, "pong_age": 50.0}), "unknown"),
        (closed(4000, "missed heartbeat", **{**HEALTHY, "pong_age": None}), "unknown"),
        (closed(4000, "missed heartbeat", **{**HEALTHY, "heartbeat_every": None}), "unknown"),
        (closed(4000, "missed heartbeat", **{**HEALTHY, "io_lag": None}), "unknown"),
        (closed(4000, "missed heartbeat", **{**HEALTHY, "io_lag": 3.0}), "blocked-event-loop"),
        # A complaint takes its plain meaning from 1001.
        (closed(1001, "ping timeout"), "unknown"),
    ],
)
def test_heartbeats_that_were_missed(evidence: Evidence, expected: str) -> None:
    """A complaint about heartbeats is settled by what is known of ours."""
    assert classify(evidence).cause.id == expected


def test_words_are_made_safe() -> None:
    """Control characters of a peer do not reach a log or a terminal, and long texts are cut."""
    verdict = classify(closed(4000, "\x1b[2J slow consumer \u202e" + "x" * 500))
    assert verdict.cause.id == "slow-consumer-eviction"
    assert verdict.reasons[0].isprintable()
    assert len(verdict.reasons[0]) < 260
