"""The server's process stands still: a long garbage collection, a machine that is moved."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import longwire
from longwire.testing import check_cause, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from longwire.testing.ledger import Ledger

    Receive = Callable[..., Ledger]

pytestmark = [
    pytest.mark.blocking,  # it waits for its server to start
    pytest.mark.skipif(sys.platform == "win32", reason="Windows does not stop processes"),
]

PEER = """
import sys
from longwire.testing import FeedThread, NumberedFeed

with FeedThread(lambda: NumberedFeed(rate=100)) as feed:
    print(feed.url, flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def peer() -> Iterator[tuple[str, int]]:
    """A feed in a process of its own: its URL, and its id."""
    with subprocess.Popen(
        [sys.executable, "-c", PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield process.stdout.readline().strip(), process.pid
        process.stdin.close()


async def test_the_server_stands_still(receive: Receive) -> None:
    """TCP is perfect all the time, and takes new connections; the heartbeat alone finds out."""
    heartbeat = longwire.Heartbeat(every=0.2, within=0.3)
    with peer() as (url, pid):
        async with receive(url, heartbeat=heartbeat, open_timeout=1.0) as ledger:
            await ledger.until(lambda: len(ledger.numbers) >= 5, "five numbers")
            with frozen(pid):
                await ledger.until(lambda: bool(ledger.client.interruptions), "an interruption")
                assert ledger.client.state != "live"
            await ledger.until(lambda: bool(ledger.recovered), "Recovered")
            check_cause(
                ledger.client.interruptions[0],
                "half-open-undetected",
                blame="unknown",
                because="a ping of ours was",
            )
            count = len(ledger.numbers)
            await ledger.until(lambda: len(ledger.numbers) > count, "one more")
            ledger.check_order()
