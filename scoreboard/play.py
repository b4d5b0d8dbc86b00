"""Plays one cell with one client: the feed, the proxy in front of it, the program, and a clock."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from longwire.chaos import Proxy
from scoreboard.certificates import Certificates, trusting
from scoreboard.feed import RATE, Feed
from scoreboard.happenings import Play
from scoreboard.program import Program

if TYPE_CHECKING:
    from typing import Any

    from scoreboard.cell import Cell
    from scoreboard.roster import Client

_WARM: Final = 20
"""Messages that a program must have got before anything happens."""
_START: Final = 30.0
"""Seconds that it may take for that; a machine may be busy."""
_SETTLE: Final = 1.2
"""Seconds between its start and the first strike: a connection that has lived for a second is one
that had worked, for whoever judges its end."""
LATE: Final = 10.0
"""Seconds behind the end of a cell in which a program may still come back: longer than the pauses
and time limits that libraries have by default."""
_SEED: Final = 1
SUBSCRIBE: Final = '{"subscribe":"numbers"}'
"""What a program sends first, in cells with subscriptions."""


class NeverReceived(Exception):
    """A program has got no message even before anything was done to it."""


async def play(
    cell: Cell,
    client: Client,
    round_number: int = 1,
    *,
    rate: float = RATE,
    patience: float = LATE,
) -> Play:
    """Play it; takes some seconds more than `Cell.seconds`, with a deaf client still more.

    Args:
        cell: What happens.
        client: To whom.
        round_number: For the record.
        rate: Messages a second.
        patience: Seconds that a program has behind the end of the cell, until it counts as deaf.

    Raises:
        NeverReceived: the program does not work at all.
    """
    journal: list[dict[str, Any]] = []

    def note(record: Any) -> None:
        journal.append({**record, "t": time.monotonic()})

    feed = Feed(
        rate=rate,
        subscription=cell.subscription,
        compression=cell.compression,
        watchers=cell.watchers,
    )
    options = ("--subscribe", SUBSCRIBE) if cell.subscription else ()
    async with contextlib.AsyncExitStack() as stack:
        tls, variables = None, {}
        if cell.tls:
            authority = Path(stack.enter_context(TemporaryDirectory())) / "authority.pem"
            tls, variables = Certificates.issued(authority), trusting(authority)
        await stack.enter_async_context(feed)
        proxy = await stack.enter_async_context(Proxy(feed.url, seed=_SEED, sink=note, tls=tls))
        command = (*client.command, proxy.url, *options)
        program = await stack.enter_async_context(Program(command, variables=variables))
        if not await program.received(_WARM, timeout=_START):
            raise NeverReceived(f"{client.name} received nothing before {cell.name}")
        await asyncio.sleep(_SETTLE)
        before, began = program.holdings(), time.monotonic()
        await _timeline(cell, proxy, feed)
        mark, ended = feed.next_number, time.monotonic()
        return Play(
            cell=cell.name,
            client=client.name,
            round=round_number,
            sent_at=feed.sent_at,
            orders=feed.orders,
            began=began,
            struck=_struck(cell, journal, began),
            mark=mark,
            ended=ended,
            # In this order: whether it receives, what it has open, and how it ends.
            receives=await program.reached(mark, timeout=patience),
            connections=program.connections(proxy.port),
            before=before,
            after=program.holdings(),
            exited=program.exited,
            stopped=await program.stop(),
            children=program.children(),
            happenings=program.happenings,
            journal=journal,
        )


async def _timeline(cell: Cell, proxy: Proxy, feed: Feed) -> None:
    """Let the steps happen, each in its time, and the cell last as long as it should."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    ends: list[asyncio.TimerHandle] = []

    def later(seconds: float, call: Any) -> None:
        ends.append(loop.call_later(seconds, call))

    try:
        for step in sorted(cell.steps, key=lambda one: one.at):
            await asyncio.sleep(began + step.at - loop.time())
            step.do(proxy, feed, later)
        await asyncio.sleep(began + cell.seconds - loop.time())
    finally:
        for timer in ends:
            timer.cancel()


def _struck(cell: Cell, journal: list[dict[str, Any]], began: float) -> float:
    fault, action = cell.struck
    if not fault:
        return began
    return min(
        (
            record["t"]
            for record in journal
            if record["action"] == action and record.get("fault") == fault and record["t"] >= began
        ),
        default=began,
    )
