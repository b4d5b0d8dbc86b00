"""``longwire record``: keeps every frame of a connection in a file."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from longwire.chaos.proxy import Proxy
from longwire.chaos.recorder import Recorder
from longwire.cli.connection import (
    add_connection_arguments,
    connection_options,
    count,
    seconds,
    seconds_or_none,
)
from longwire.cli.failures import FINDING, INTERRUPTED, WrongUsage, exit_code, fail, json_line
from longwire.cli.listen import Listening
from longwire.cli.place import place
from longwire.cli.printable import printable
from longwire.cli.quiet import quiet_log
from longwire.cli.tellers import JsonTeller, TextTeller
from longwire.cli.units import counted, unix_milliseconds
from longwire.client.settings import connect
from longwire.errors import ConnectError, LongwireError
from longwire.link.address import parse_address, redact
from longwire.link.errormap import map_error
from longwire.link.route import Route
from longwire.link.tcp import Tcp

if TYPE_CHECKING:
    import argparse
    import socket
    from collections.abc import Coroutine, Mapping

    from longwire.link.address import Address
    from longwire.link.base import Data

NAME = "record"
HELP = "keep every frame of a connection in a file, to be replayed"

EPILOG = (
    "The file holds what the messages say; only you may read it. It holds no header but the "
    "subprotocol and the extensions that the server chose, and no query value of the URL. What has "
    "come is in the file within a second, also if this process is killed. Ctrl-C is the ordinary "
    "end. Exit codes as of `longwire listen`."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.epilog = EPILOG
    add_connection_arguments(parser)
    parser.add_argument("file", metavar="FILE", help="the recording; nothing may be there yet")
    group = parser.add_argument_group("recording")
    group.add_argument(
        "--listen",
        type=place,
        metavar="HOST:PORT",
        help="connect nowhere, but record whoever connects there (port 0: any free one)",
    )
    group.add_argument(
        "--compression",
        choices=("off", "as-is"),
        default="off",
        help="off: no message is compressed, so that all can be read in the recording (default); "
        "as-is: as client and server agree, and kept so",
    )
    group.add_argument(
        "--subscribe",
        action="append",
        default=[],
        metavar="MSG",
        help="sent on every new connection; may be repeated",
    )
    group.add_argument(
        "--heartbeat",
        type=seconds_or_none,
        default=20.0,
        metavar="SECONDS",
        help="ping so often, to find a dead peer (%(default)g; 0: never)",
    )
    group = parser.add_argument_group("output")
    group.add_argument("--json", action="store_true", help="one JSON object a line for every event")
    group.add_argument("--count", type=count, metavar="N", help="end after so many messages")
    group.add_argument(
        "--for", type=seconds, dest="duration", metavar="SECONDS", help="end after so long"
    )


def run(arguments: argparse.Namespace) -> int:
    """Record. Returns the exit code, see `EPILOG`; whatever the end, it is summed up."""
    _check(arguments)
    session = Session(arguments, connection_options(arguments))
    problem: LongwireError | None = None
    interrupted = False
    with quiet_log():
        try:
            asyncio.run(session.run())
        except KeyboardInterrupt:
            interrupted = True
        except LongwireError as error:
            problem = error
    return session.conclude(problem, interrupted=interrupted)


def _check(arguments: argparse.Namespace) -> None:
    """Refuse what recording cannot do.

    Raises:
        WrongUsage: it was asked for.
    """
    if arguments.server_name:
        raise WrongUsage("a recording asks for the server by its URL's name: no --server-name")
    if arguments.listen is None:
        return
    given = {
        "--header": arguments.header,
        "--origin": arguments.origin,
        "--subprotocol": arguments.subprotocol,
        "--subscribe": arguments.subscribe,
        "--user-agent": arguments.user_agent,
    }
    unfit = [name for name, value in given.items() if value]
    if unfit:
        raise WrongUsage(f"with --listen there is no client of ours to have {', '.join(unfit)}")


class Session:
    """One run of the command.

    Args:
        arguments: The command's.
        options: How our client is to connect.
    """

    def __init__(self, arguments: argparse.Namespace, options: dict[str, Any]) -> None:
        self._arguments = arguments
        self._options = options
        self._say = Sayer(sys.stdout if arguments.json else sys.stderr, as_json=arguments.json)
        self._recorder: Recorder | None = None
        self._proxy: Proxy | None = None
        self._listening: Listening | None = None
        self._live = False
        self._obstacle: LongwireError | None = None
        """Why the server could not be reached, the last time it could not."""
        self._hopeless = asyncio.Event()
        """It is one that no further attempt of our client's can change."""

    async def run(self) -> None:
        """Record until the bounds that were set are reached.

        Raises:
            LongwireError: it cannot go on.
        """
        arguments = self._arguments
        host, port = arguments.listen or ("127.0.0.1", 0)
        tls = self._options["tls"]
        recorder = Recorder(arguments.file)
        proxy = self._proxy = Proxy(
            arguments.url,
            host=host,
            port=port,
            to_tls=None if tls is None else tls.complete(),
            compression=arguments.compression,
            sink=self._note,
            tap=recorder,
            dial=self._dial,
        )
        async with recorder:
            self._recorder = recorder
            async with proxy:
                work = self._connect(proxy) if arguments.listen is None else self._wait(proxy)
                await _unless(work, recorder.failure(), self._no_hope())

    async def _dial(self, address: Address) -> socket.socket:
        """The way to the server that was asked for, as of `longwire listen`."""
        options = self._options
        route = Route.of(
            proxy=options["proxy"],
            unix=options["unix"],
            sock=None,
            tcp=Tcp(),
            user_agent=options["user_agent"],
        )
        loop = asyncio.get_running_loop()
        reached = await route.reach(address, loop=loop, progress=lambda _: None)
        if reached.tunnel is None:
            return reached.sock
        reached.sock.close()
        raise ConnectError(
            "a recording goes through no proxy that speaks TLS itself",
            kind="local",
            retryable=False,
            blame="local",
            where=str(address),
            hint="use --proxy with http:// or socks5h://, or none",
        )

    async def _no_hope(self) -> None:
        """Wait until it is clear that our client can never reach the server.

        It cannot know that itself: what it meets is the proxy's 502, which passes as a rule.

        Raises:
            LongwireError: that is so.
        """
        await self._hopeless.wait()
        assert self._obstacle is not None  # noqa: S101 - it is set first
        raise self._obstacle

    async def _connect(self, proxy: Proxy) -> None:
        """Let a client of our own receive."""
        arguments = self._arguments
        options = self._options | {"proxy": None, "unix": None, "tls": None}
        if arguments.compression == "off":
            options["compression"] = None
        client = connect(
            _with_userinfo(proxy.url, arguments.url),
            subscribe=arguments.subscribe or None,
            heartbeat=arguments.heartbeat,
            **options,
        )
        arguments.stats, arguments.every = False, 1.0
        teller = (
            _QuietJson(sys.stdout) if arguments.json else TextTeller(None, sys.stderr, sys.stderr)
        )
        self._listening = Listening(client, teller, arguments)
        try:
            await self._listening.run()
        finally:
            self._listening.over()

    async def _wait(self, proxy: Proxy) -> None:
        """Let others come."""
        assert self._recorder is not None  # noqa: S101 - it is entered first
        self._say("listening", f"recording whoever connects to {proxy.url}", url=proxy.url)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._arguments.duration):
                if self._arguments.count is None:
                    await asyncio.Event().wait()
                await self._recorder.until(self._arguments.count)

    def _note(self, record: Mapping[str, Any]) -> None:
        """Tell what the proxy did, where it is of interest to a person."""
        action = record["action"]
        number = record.get("crossing")
        self._live = self._live or action == "opens"
        if action == "unreachable":
            self._note_obstacle()
        why = record.get("error") if self._obstacle is None else self._obstacle.what
        told = {
            "opens": f"connection {number} is open",
            "unreachable": f"connection {number}: the server cannot be reached ({why})",
            "fails": f"connection {number} failed ({record.get('error')})",
            "over": f"connection {number} is over",
        }
        if action in told:
            fields = {name: record[name] for name in ("crossing", "error") if name in record}
            self._say(action, told[action], **fields)

    def _note_obstacle(self) -> None:
        if self._proxy is not None and self._proxy.obstacle is not None:
            where = redact(self._arguments.url)
            self._obstacle = map_error(self._proxy.obstacle, phase="opening", where=where)
            if self._arguments.listen is None and not self._obstacle.retryable:
                self._hopeless.set()

    # -- the end -------------------------------------------------------------------------------

    def conclude(self, problem: LongwireError | None, *, interrupted: bool) -> int:
        """Say what there was, and return the exit code."""
        arguments = self._arguments
        listening, recorder = self._listening, self._recorder
        if listening is not None and problem is None and not interrupted:
            problem = self._never_connected(listening)
        if problem is None and recorder is not None and recorder.redirects:
            problem = LongwireError(
                "the server redirects, and what is received elsewhere is not recorded",
                where=redact(arguments.url),
                hint="record the URL that it redirects to",
            )
        if problem is not None:
            fail(problem, as_json=arguments.json)
        if recorder is not None:
            self._say_recorded(recorder)
        if listening is not None:
            listening.tell_end()
        elif recorder is not None and arguments.json:
            self._say("end", "", received_total=recorder.messages, links_total=recorder.crossings)
        if problem is not None:
            return exit_code(problem)
        if interrupted:
            return 0 if self._live else INTERRUPTED
        if listening is not None:
            return listening.judge()
        wanted = arguments.count or 1
        return 0 if recorder is not None and recorder.messages >= wanted else FINDING

    def _never_connected(self, listening: Listening) -> ConnectError | None:
        problem = listening.never_connected()
        if problem is None or self._obstacle is None:
            return problem
        # Our client has met nothing but the proxy's 502.
        return ConnectError(
            problem.what,
            kind="timeout",
            retryable=True,
            where=redact(self._arguments.url),
            hint=self._obstacle.what,
        )

    def _say_recorded(self, recorder: Recorder) -> None:
        if not recorder.crossings:
            # Nobody came: the file would be in the way of the next attempt.
            Path(recorder.path).unlink(missing_ok=True)
            self._say("nothing", "nobody connected, so there is no recording")
            return
        text = (
            f"what was written until then is in {recorder.path} "
            f"({counted(recorder.file_bytes, 'byte')})"
            if recorder.failed
            else f"recorded {counted(recorder.frames, 'frame')} of "
            f"{counted(recorder.crossings, 'connection')} in {recorder.path} "
            f"({counted(recorder.file_bytes, 'byte')})"
        )
        self._say(
            "recorded",
            text,
            file=str(recorder.path),
            whole=not recorder.failed,
            frames_total=recorder.frames,
            messages_total=recorder.messages,
            crossings_total=recorder.crossings,
            file_bytes=recorder.file_bytes,
        )


class Sayer:
    """Says something as a line for a person, or as one for a program."""

    def __init__(self, out: TextIO, *, as_json: bool) -> None:
        self._out = out
        self._as_json = as_json

    def __call__(self, event: str, text: str, **fields: Any) -> None:
        """Say it: ``text``, or the event with its fields."""
        record = {"event": event, "at_ms": unix_milliseconds(), **fields}
        line = json_line(record) if self._as_json else printable(text)
        print(line, file=self._out, flush=True)


class _QuietJson(JsonTeller):
    """Without the messages, which are in the recording."""

    def message(self, data: Data) -> None:
        """Not told."""


async def _unless(work: Coroutine[Any, Any, None], *failures: Coroutine[Any, Any, Any]) -> None:
    """Do some work, unless something fails first."""
    try:
        async with asyncio.TaskGroup() as group:
            watching = [group.create_task(failure) for failure in failures]
            await work
            for task in watching:
                task.cancel()
    except BaseExceptionGroup as group_of_failures:
        raise group_of_failures.exceptions[0] from None


def _with_userinfo(url: str, asked: str) -> str:
    """The proxy's URL, with user and password of the one that was asked for."""
    userinfo = parse_address(asked).userinfo
    if userinfo is None:
        return url
    scheme, _, rest = url.partition("://")
    user, password = (urllib.parse.quote(one, safe="") for one in userinfo)
    return f"{scheme}://{user}:{password}@{rest}"
