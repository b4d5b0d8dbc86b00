"""``longwire replay``: a server that does again what a recorded one did."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING, Any

from longwire.chaos.replay import Replay, parse_speed
from longwire.cli.certificate import add_certificate_arguments, certificate_context
from longwire.cli.connection import count
from longwire.cli.place import place
from longwire.cli.record import Sayer
from longwire.cli.units import counted

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

NAME = "replay"
HELP = "serve a recording: the same frames, at the same times, with the same end"

EPILOG = (
    "The first opening gets the first recorded crossing, the second the second, and so on; "
    "after the last one the command ends. Ctrl-C is an ordinary end, too. Exit codes: 0 fine, "
    "1 the file is no recording, 2 wrong usage, 3 cannot listen there."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.epilog = EPILOG
    parser.add_argument("file", metavar="FILE", help="what `longwire record` has made")
    parser.add_argument(
        "--listen",
        type=place,
        default=("127.0.0.1", 0),
        metavar="HOST:PORT",
        help="where to serve (127.0.0.1:0, any free port)",
    )
    add_certificate_arguments(parser)
    parser.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="FACTOR",
        help="so many times as fast as recorded; max: without any wait (%(default)g)",
    )
    parser.add_argument(
        "--crossing", type=count, metavar="N", help="play this recorded connection only"
    )
    parser.add_argument(
        "--in-step",
        action="store_true",
        help="where the recorded client sent a message, wait for one",
    )
    parser.add_argument(
        "--loop", action="store_true", help="begin again when everything has been played"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line for each event")


def run(arguments: argparse.Namespace) -> int:
    """Serve until everything has been played, or Ctrl-C. Returns 0."""
    say = Sayer(sys.stdout, as_json=arguments.json)
    tls = certificate_context(arguments)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(arguments, say, tls))
    if arguments.json:
        say("end", "")
    return 0


async def _serve(arguments: argparse.Namespace, say: Sayer, tls: ssl.SSLContext | None) -> None:
    host, port = arguments.listen

    def note(record: Mapping[str, Any]) -> None:
        action, number = record["action"], record["connection"]
        fields = {
            name: record[name] for name in ("connection", "crossing", "how") if name in record
        }
        told = {
            "accepts": f"connection {number} was accepted",
            "plays": f"connection {number} gets the recorded crossing {record.get('crossing')}",
            "over": f"connection {number} is over: {record.get('how')}",
        }
        say(action, told[action], **fields)

    async with Replay(
        arguments.file,
        speed=arguments.speed,
        crossing=arguments.crossing,
        in_step=arguments.in_step,
        loop=arguments.loop,
        host=host,
        port=port,
        tls=tls,
        sink=note,
    ) as replay:
        crossings = counted(len(replay.scripts), "crossing")
        say(
            "listening",
            f"replaying {crossings} of {arguments.file} at {replay.url}",
            url=replay.url,
            crossings_total=len(replay.scripts),
            messages_total=sum(script.messages for script in replay.scripts),
            damage=replay.damage,
        )
        if replay.damage is not None and not arguments.json:
            say("damage", f"the file {replay.damage}: what follows is not played")
        await replay.finished()


def _speed(text: str) -> float:
    """A factor above 0, or ``max``, for argparse."""
    try:
        return parse_speed(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number above 0 nor max") from None
