"""Openings that failed: what proves a cause, and what only looks as if."""

from __future__ import annotations

from typing import Any

import pytest

from longwire.core.causes import Evidence, classify

LIVED: dict[str, Any] = {"earlier_ages": (60.0,), "earlier_ends": ("reset",)}
SHORT: dict[str, Any] = {"earlier_ages": (0.2,), "earlier_ends": ("reset",)}
NO_NET = (
    "ConnectError: there is no way to the host (from OSError: [Errno 101] Network is unreachable)"
)


def rejected(status: int, **more: Any) -> Evidence:
    """The server answered with a status other than 101."""
    return Evidence(end="never-opened", failure="rejected", http_status=status, **more)


def failed(failure: Any, **more: Any) -> Evidence:
    """The opening failed in another way."""
    return Evidence(end="never-opened", failure=failure, **more)


def environment(problem: Any, **more: Any) -> Evidence:
    """A proxy that the environment set was in the way."""
    return failed("proxy", proxy_problem=problem, proxy_from_environment=True, **more)


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        # 401 says that credentials are lacking or wrong. 403 says so only where they had been good.
        (rejected(401), "auth-expired"),
        (rejected(401, **LIVED), "auth-expired"),
        (rejected(403, **LIVED), "auth-expired"),
        (rejected(403), "unknown"),
        (rejected(403, **SHORT), "unknown"),
        (rejected(404, **LIVED), "unknown"),
        # Too many requests, by its number; 418 only in the dialect that asks for a pause.
        (rejected(429), "provider-quota-violation"),
        (rejected(418, retry_after=120.0), "provider-quota-violation"),
        (rejected(418), "unknown"),
        # Overload says nothing of its reason.
        (rejected(503), "unknown"),
        (rejected(503, retry_after=5.0, **LIVED), "unknown"),
        (rejected(500, **LIVED), "unknown"),
        # A proxy that wants credentials, or one of the environment that stands in the way.
        (failed("proxy", proxy_problem="credentials", http_status=407), "proxy-env-surprise"),
        (failed("proxy", proxy_problem="credentials"), "proxy-env-surprise"),
        (environment("unreachable"), "proxy-env-surprise"),
        (environment("tls"), "proxy-env-surprise"),
        (environment("denied", http_status=403), "proxy-env-surprise"),
        (environment("protocol"), "proxy-env-surprise"),
        # It did its work, or somebody chose it: then it is no surprise.
        (environment("target-refused"), "unknown"),
        (environment("target-unreachable", http_status=502), "unknown"),
        (failed("proxy", proxy_problem="unreachable"), "unknown"),
        (failed("proxy", proxy_problem="denied", http_status=403), "unknown"),
        # What a proxy refuses says nothing of the server's mind, also where a link had lived.
        (failed("proxy", proxy_problem="denied", http_status=401), "unknown"),
        (failed("proxy", proxy_problem="denied", http_status=403, **LIVED), "unknown"),
        (failed("proxy", proxy_problem="denied", http_status=429), "unknown"),
        (environment("denied", http_status=403, **LIVED), "proxy-env-surprise"),
        # Behind a proxy a server goes away as it does elsewhere, and so does a network.
        (failed("proxy", proxy_problem="target-refused", **LIVED), "deploy-restart"),
        (failed("proxy", proxy_problem="target-refused"), "unknown"),
        (
            failed("proxy", proxy_problem="target-unreachable", http_status=502, **LIVED),
            "deploy-restart",
        ),
        (failed("proxy", proxy_problem="unreachable", error=NO_NET, **LIVED), "network-change"),
        # Statuses that only a proxy sends.
        (rejected(407), "proxy-env-surprise"),
        (rejected(511), "middlebox-interference"),
        (rejected(200), "unknown"),
        # A gateway without its server, after a link that was cut.
        (rejected(502, **LIVED), "deploy-restart"),
        (rejected(504, **LIVED), "deploy-restart"),
        (rejected(502), "unknown"),
        (rejected(502, **SHORT), "unknown"),
        (failed("refused", **LIVED), "deploy-restart"),
        (failed("refused"), "unknown"),
        (failed("refused", **SHORT), "unknown"),
        (
            failed("refused", earlier_ages=(60.0,), earlier_ends=("heartbeat-timeout",)),
            "unknown",
        ),
        (failed("timeout", **LIVED), "unknown"),
        (failed("dns", **LIVED), "unknown"),
        (failed("eof", **LIVED), "unknown"),
        (failed("reset", **LIVED), "unknown"),
        (failed("local", error="OSError: [Errno 24] Too many open files"), "unknown"),
        # Nonsense where sense had come before.
        (
            failed("handshake", error="wrong Sec-WebSocket-Accept", **LIVED),
            "middlebox-interference",
        ),
        (failed("handshake", error="wrong Sec-WebSocket-Accept"), "unknown"),
        # TLS: only an expired certificate is an expired certificate.
        (failed("tls", tls_problem="expired"), "tls-expiry"),
        (failed("tls", tls_problem="wrong-name"), "unknown"),
        (failed("tls", tls_problem="self-signed", **LIVED), "unknown"),
        (failed("tls", tls_problem="unknown-issuer", **LIVED), "unknown"),
        (failed("tls", tls_problem="protocol"), "unknown"),
        # The network is gone, by the system's own words, and every address says so.
        (failed("unreachable", error=NO_NET, **LIVED), "network-change"),
        (failed("unreachable", error=NO_NET), "unknown"),
        (failed("unreachable", error="OSError: [Errno 113] No route to host", **LIVED), "unknown"),
        (
            failed(
                "unreachable",
                error="OSError: Multiple exceptions: [Errno 101] Network is unreachable, "
                "[Errno 111] Connect call failed ('192.0.2.1', 443)",
                **LIVED,
            ),
            "unknown",
        ),
        (
            Evidence(end="reset", error="OSError: [Errno 100] Network is down"),
            "network-change",
        ),
        (Evidence(end="eof", error="Network is down"), "unknown"),
    ],
)
def test_openings(evidence: Evidence, expected: str) -> None:
    """One row for each answer, and for its near misses."""
    assert classify(evidence).cause.id == expected


def test_reasons_have_the_numbers() -> None:
    """Status, pause and the earlier life are told."""
    (reason,) = classify(rejected(429, retry_after=30.0)).reasons
    assert "429" in reason
    assert "30.0 s" in reason
    (reason,) = classify(rejected(403, **LIVED)).reasons
    assert "60.0 s" in reason


def test_an_unproved_rejection_tells_the_status() -> None:
    """Unknown, but not mute."""
    verdict = classify(rejected(503, retry_after=5.0))
    assert "HTTP 503" in verdict.reasons[0]
    assert any("5.0 s" in reason for reason in verdict.reasons)
