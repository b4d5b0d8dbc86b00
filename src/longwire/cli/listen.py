"""``longwire listen``: receives for as long as you like, and says what happens in between."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from typing import TYPE_CHECKING, Any

from longwire.cli.alertwatch import AlertWatch
from longwire.cli.connection import (
    add_connection_arguments,
    connection_options,
    count,
    seconds,
    seconds_or_none,
)
from longwire.cli.failures import FINDING, INTERRUPTED, WrongUsage, exit_code, fail
from longwire.cli.quiet import quiet_log
from longwire.cli.rate import Rate
from longwire.cli.tellers import JsonTeller, TextTeller
from longwire.cli.units import counted, milliseconds, span
from longwire.client.events import Interrupted, Message, Recovered
from longwire.client.settings import connect
from longwire.core.liveness import Heartbeat
from longwire.core.sequence import Gap, Sequence, field_path
from longwire.errors import ConnectError, LongwireError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from longwire.cli.tellers import Teller
    from longwire.client.client import Client
    from longwire.client.events import Event

NAME = "listen"
HELP = "receive for the long haul: reconnects, and names the cause of every interruption"

EPILOG = (
    "Ctrl-C is the ordinary end: the exit code is 0 once there was a connection, and 130 if there "
    "never was one. Otherwise: 0 fine, 1 messages were awaited and did not come, 2 wrong usage, "
    "3 could not connect."
)

PING_EVERY = 5.0
"""Seconds between two pings of our own with --stats, so that the round-trip time is of now."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.epilog = EPILOG
    add_connection_arguments(parser)
    parser.add_argument(
        "--subscribe",
        action="append",
        default=[],
        metavar="MSG",
        help="sent on every new connection; may be repeated",
    )
    group = parser.add_argument_group("staying alive")
    group.add_argument(
        "--heartbeat",
        type=seconds_or_none,
        default=20.0,
        metavar="SECONDS",
        help="ping so often, to find a dead peer (%(default)g; 0: never)",
    )
    group.add_argument(
        "--silence",
        type=seconds,
        metavar="SECONDS",
        help="without data for so long, ask a second connection whether the feed is quiet",
    )
    group.add_argument(
        "--number",
        type=field,
        metavar="FIELD",
        help="the field of JSON messages that numbers them, such as seq or data.seq: gaps are told",
    )
    group.add_argument(
        "--inline",
        action="store_true",
        help="receive on the printing loop itself, not on a thread of its own",
    )
    group = parser.add_argument_group("output")
    group.add_argument("--json", action="store_true", help="one JSON object a line for every event")
    group.add_argument(
        "--stats",
        action="store_true",
        help="show rate, clocks and interruptions, live; in a terminal instead of the messages",
    )
    group.add_argument(
        "--every",
        type=seconds,
        default=5.0,
        metavar="SECONDS",
        help="where --stats has no terminal, write a line so often (%(default)g)",
    )
    group.add_argument("--count", type=count, metavar="N", help="end after so many messages")
    group.add_argument(
        "--for", type=seconds, dest="duration", metavar="SECONDS", help="end after so long"
    )


def run(arguments: argparse.Namespace) -> int:
    """Listen. Returns the exit code, see `EPILOG`; whatever the end, it is summed up."""
    if arguments.silence is not None and arguments.heartbeat is None:
        raise WrongUsage("--silence needs a --heartbeat")
    client = _client(arguments)
    view = _view(arguments, client)
    listening = Listening(client, _teller(arguments, live_view=view is not None), arguments)
    problem: LongwireError | None = None
    interrupted = False
    with quiet_log(), view or contextlib.nullcontext():
        try:
            asyncio.run(listening.run())
        except KeyboardInterrupt:
            interrupted = True
        except LongwireError as error:
            problem = error
        finally:
            listening.over()
    if interrupted:
        listening.tell_end()
        return 0 if listening.links else INTERRUPTED
    problem = problem or listening.never_connected()
    if problem is not None:
        fail(problem, as_json=arguments.json)
    listening.tell_end()
    return listening.judge() if problem is None else exit_code(problem)


def _client(arguments: argparse.Namespace) -> Client:
    heartbeat = None
    if arguments.heartbeat is not None:
        heartbeat = Heartbeat(every=arguments.heartbeat, silence=arguments.silence)
    return connect(
        arguments.url,
        subscribe=arguments.subscribe or None,
        heartbeat=heartbeat,
        sequence=None if arguments.number is None else Sequence(arguments.number),
        isolate=not arguments.inline,
        **connection_options(arguments),
    )


def field(path: str) -> str:
    """The path of a JSON field, for argparse."""
    try:
        field_path(path)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return path


def _view(arguments: argparse.Namespace, client: Client) -> Any:
    """The live view, if one is wanted and there is a terminal for it."""
    if not arguments.stats or arguments.json or not sys.stderr.isatty():
        return None
    from longwire.cli.dashboard import Dashboard  # noqa: PLC0415 - needs rich

    return Dashboard(client, arguments.url)


def _teller(arguments: argparse.Namespace, *, live_view: bool) -> Teller:
    if arguments.json:
        return JsonTeller(sys.stdout)
    if not live_view:
        return TextTeller(sys.stdout, sys.stderr, sys.stderr)
    # Messages would tear the view apart, unless they go somewhere else.
    return TextTeller(None if sys.stdout.isatty() else sys.stdout, None, sys.stderr)


class Listening:
    """One run of the command.

    Args:
        client: Not entered yet.
        teller: Is told everything.
        arguments: The command's.
    """

    def __init__(self, client: Client, teller: Teller, arguments: argparse.Namespace) -> None:
        self._client = client
        self._teller = teller
        self._arguments = arguments
        self._began = self._ended = time.monotonic()
        self._causes: list[str] = []
        self._down = 0.0
        self._down_since: float | None = None
        self._live = False
        self.received = 0
        self.links = 0
        """Connections that were opened."""

    async def run(self) -> None:
        """Listen until the bounds that were set are reached.

        Raises:
            LongwireError: the client ended by itself.
        """
        self._began = time.monotonic()
        async with self._client:
            try:
                async with asyncio.TaskGroup() as group:
                    companions = [group.create_task(work) for work in self._companions()]
                    await self._receive_within_bounds()
                    for task in companions:
                        task.cancel()
            except BaseExceptionGroup as failures:
                # What ended the receiving comes last, behind what a companion met then.
                raise failures.exceptions[-1] from None

    async def _receive_within_bounds(self) -> None:
        bound = asyncio.timeout(self._arguments.duration)
        try:
            async with bound:
                await self._receive()
        except TimeoutError:
            if not bound.expired():
                raise

    async def _receive(self) -> None:
        async for event in self._client.events():
            self._note(event)
            if self.received == self._arguments.count:
                return

    def _note(self, event: Event) -> None:
        match event:
            case Message(data=data):
                self._note_live()
                self.received += 1
                self._teller.message(data)
            case Interrupted(interruption=one):
                self._causes.append(one.cause.id)
                self._down_since = one.started
                self._teller.interrupted(one)
            case Recovered(interruption=one):
                self._down += one.duration or 0.0
                self._down_since = None
                self._teller.recovered(one)
            case Gap():
                self._teller.gap(event)

    def _companions(self) -> Iterator[Coroutine[Any, Any, None]]:
        """What runs along. Where one fails, such as at a closed pipe, everything ends."""
        yield AlertWatch(self._client, self._teller.alert).run()
        yield self._tell_live()
        if self._arguments.stats:
            yield self._ping()
            yield self._tell_stats()

    async def _tell_live(self) -> None:
        with contextlib.suppress(LongwireError):
            # What ends the client is told where messages are, behind the last of them.
            await self._client.wait_live()
            self._note_live()

    def _note_live(self) -> None:
        """Say that messages can arrive, once, and at the latest when one has."""
        if not self._live:
            self._live = True
            self._teller.live(time.monotonic() - self._began)

    async def _ping(self) -> None:
        while True:
            with contextlib.suppress(LongwireError, TimeoutError):
                await self._client.wait_live()
                async with asyncio.timeout(PING_EVERY):
                    await self._client.ping()
            await asyncio.sleep(PING_EVERY)

    async def _tell_stats(self) -> None:
        rate = Rate(1, sample=self._arguments.every / 2)
        while True:
            await asyncio.sleep(self._arguments.every)
            stats = self._client.stats()
            rate.note(stats.received)
            self._teller.stats(stats, rate.per_second)

    # -- the end -------------------------------------------------------------------------------

    def over(self) -> None:
        """Take the last numbers."""
        self._ended = time.monotonic()
        with contextlib.suppress(RuntimeError):
            # It was never entered, if Ctrl-C was that quick.
            self.links = self._client.stats().links
        if self._down_since is not None:
            self._down += self._ended - self._down_since

    def tell_end(self) -> None:
        """Say in one line what there was."""
        lasted = self._ended - self._began
        causes = ", ".join(dict.fromkeys(self._causes))
        text = (
            f"{counted(self.received, 'message')} in {span(lasted)} "
            f"over {counted(self.links, 'connection')}"
        )
        if self._causes:
            interruptions = counted(len(self._causes), "interruption")
            text += f"; {interruptions} ({causes}), down {span(self._down)} in all"
        summary = {
            "received_total": self.received,
            "links_total": self.links,
            "duration_ms": milliseconds(lasted),
            "interruptions_total": len(self._causes),
            "causes": list(dict.fromkeys(self._causes)),
            "down_ms": milliseconds(self._down),
        }
        self._teller.end(summary, text)

    def never_connected(self) -> ConnectError | None:
        """The error, if no connection was opened in all the time there was."""
        if self.links:
            return None
        last = self._client.interruptions[-1:]
        return ConnectError(
            f"no connection within {span(self._arguments.duration)}",
            kind="timeout",
            retryable=True,
            hint=last[0].reasons[0].removesuffix(".") if last else "",
        )

    def judge(self) -> int:
        """The exit code, when the bounds were reached."""
        return 0 if self.received >= (self._arguments.count or 1) else FINDING
