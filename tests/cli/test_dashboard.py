"""The live view of ``listen --stats``, drawn on a terminal that is none."""

from __future__ import annotations

import io
import time
from typing import Any

import msgspec
import pytest
from rich.console import Console

from longwire.cli.dashboard import Dashboard
from longwire.core.causes import Evidence, Interruption, classify
from longwire.observe.alerts import Alert
from longwire.observe.stats import Stats

STATS = Stats(
    state="live",
    received=1_234_567,
    delivered=1_234_000,
    dropped=0,
    repeated=0,
    missing=3,
    queued=567,
    queued_bytes=10_000,
    sent=1,
    unsent=0,
    links=4,
    interruptions=1,
    rtt=0.0123,
    loop_lag=0.0,
    byte_age=0.003,
    pong_age=1.2,
    data_age=0.003,
    data_ages={},
    paused_for=None,
)


def interruption(reason: str, ended: float | None) -> Interruption:
    evidence = Evidence(end="close-received", received_code=1012, received_reason=reason)
    verdict = classify(evidence)
    now = time.monotonic()
    return Interruption(
        cause=verdict.cause,
        reasons=verdict.reasons,
        started=now - 0.25,
        noticed=now,
        ended=None if ended is None else now + ended,
        outcome="pending" if ended is None else "recovered",
        evidence=evidence,
        closure=None,
        attempts=1,
    )


class FakeClient:
    """What a dashboard asks of a client."""

    def __init__(self) -> None:
        self.state = "live"
        self.snapshot = STATS
        self.interruptions: list[Interruption] = []
        self.alerts: list[Alert] = []

    def stats(self) -> Stats:
        return self.snapshot


@pytest.fixture
def client() -> Any:
    """A client in the middle of its life."""
    return FakeClient()


def drawn(client: Any, width: int = 80) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=True, color_system=None)
    console.print(Dashboard(client, "ws://h/?token=s3cret", console).draw())
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 200])
def test_numbers_and_clocks(client: Any, width: int) -> None:
    """All numbers are there at any width, no line is too long, and no secret is shown."""
    text = drawn(client, width)
    for part in ("● live", "1,234,567", "1,234,000", "12 ms", "3.0 ms ago", "1.2 s ago", "567"):
        assert part in text
    assert "no interruptions so far" in text
    assert "s3cret" not in text
    assert "…" not in text.replace("token=…", "")
    assert max(map(len, text.splitlines())) <= min(width, 110)


def test_interruptions(client: Any) -> None:
    """Each with cause, blame, reason, how long to notice and to be back; foreign text escaped."""
    client.interruptions = [interruption("done \x1b[2J", 0.75), interruption("again", None)]
    text = drawn(client)
    assert text.count("The server was restarted or taken away") == 2
    assert "deploy-restart, the other side" in text
    assert "250 ms" in text
    assert "750 ms" in text
    assert "waiting" in text
    assert "\x1b" not in text


def test_warnings_and_trouble(client: Any) -> None:
    """Alerts, a full inbox, a lagging loop; unknown clocks are dashes."""
    client.alerts = [
        Alert(kind="blocked-loop", at=time.monotonic(), text="blocked", cause="blocked-event-loop")
    ]
    client.snapshot = msgspec.structs.replace(
        STATS, paused_for=3.0, rtt=None, byte_age=None, pong_age=None, data_age=None, loop_lag=2.0
    )
    text = drawn(client)
    assert "blocked [blocked-event-loop]" in text
    assert "567 full" in text
    assert "2.0 s" in text


def test_before_the_start(client: Any) -> None:
    """A client that has not been entered yet has no numbers."""
    client.state = "idle"
    assert "starting" in drawn(client)


def test_it_draws_by_itself_while_it_is_entered(client: Any) -> None:
    """Entering draws once at once, leaving leaves the last picture."""
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=True)
    with Dashboard(client, "ws://h/", console):
        assert "1,234,567" in file.getvalue()
    assert file.getvalue().count("1,234,567") >= 2
