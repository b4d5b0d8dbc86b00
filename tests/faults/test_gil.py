"""C code holds the GIL: no thread of the process runs, longwire's own among them."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.testing import block_loop, check_cause

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from longwire.testing.ledger import Ledger

    Receive = Callable[..., Ledger]

pytestmark = [
    pytest.mark.blocking,
    pytest.mark.skipif(
        sys.platform == "win32", reason="needs a C library that is in the process already"
    ),
]

PEER = """
import json, sys
from longwire.testing import FeedThread, NumberedFeed, StrictPinger

patience = json.loads(sys.argv[1])
watchers = [] if patience is None else [StrictPinger(every=patience, within=patience)]
with FeedThread(lambda: NumberedFeed(rate=100, watchers=watchers, while_away="hold")) as feed:
    print(feed.url, flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def peer(patience: float | None) -> Iterator[str]:
    """A feed in a process of its own, which goes on when this one stands still."""
    with subprocess.Popen(
        [sys.executable, "-c", PEER, json.dumps(patience)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


async def test_the_peer_gives_up_meanwhile(receive: Receive, isolate: bool) -> None:
    """Isolated or not: the held GIL is the cause, with its place; and an alert has told it."""
    with peer(0.3) as url:
        async with receive(url) as ledger:
            await ledger.until(lambda: len(ledger.numbers) >= 5, "five numbers")
            block_loop(2.5, "gil")
            await ledger.until(lambda: bool(ledger.recovered), "Recovered")
            interruption = ledger.client.interruptions[0]
            check_cause(
                interruption, "blocked-event-loop", blame="local", because="held the GIL at"
            )
            evidence = interruption.evidence
            assert evidence.isolated is isolate
            assert evidence.gil_held is not None
            assert evidence.io_lag is not None
            assert evidence.io_lag >= 2.0
            assert "test_the_peer_gives_up_meanwhile" in str(evidence.blocked_at)
            assert any(
                "test_the_peer_gives_up_meanwhile" in line for line in evidence.blocked_stack
            )
            alert = alert_of(ledger.client)
            assert alert.place == evidence.blocked_at
            assert "held the GIL" in alert.text


def alert_of(client: longwire.Client) -> Any:
    """The first alert about a loop that stood still."""
    return next(alert for alert in client.alerts if alert.kind == "blocked-loop")


async def test_our_own_standstill_is_not_the_peers_fault(options: dict[str, Any]) -> None:
    """What the peer sent meanwhile is read first, and judged after that: the link lives on."""
    own = {**options, "heartbeat": longwire.Heartbeat(every=0.3, within=0.3)}
    with peer(None) as url:
        async with longwire.connect(url, **own) as client:
            await client.recv(10)
            block_loop(2.0, "gil")
            # The feed went on meanwhile; that nothing is missing is for the sequence to say.
            for _ in range(250):
                await client.recv(10)
            assert client.stats().missing == 0
            assert client.interruptions == []
            assert client.stats().links == 1
