"""``longwire demo``: breaks a connection in six ways while a client goes on receiving."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from longwire.cli.failures import without_rich
from longwire.cli.printable import printable
from longwire.cli.quiet import quiet_log

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from longwire.cli.demo.report import Report
    from longwire.cli.demo.show import Show

NAME = "demo"
HELP = "break a connection in six ways while a client goes on receiving, and check the sum"

FINDING = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--plain",
        action="store_true",
        help="lines instead of the live screen, as without a terminal",
    )
    parser.add_argument(
        "--fast", action="store_true", help="shorter pauses and time limits, to test with"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument(
        "--svg", type=Path, metavar="FILE", help="also write the last screen as a picture"
    )


def run(arguments: argparse.Namespace) -> int:
    """Play it. Returns 0 if the sum is right and the client got past every break, else 1."""
    from longwire.cli.demo.pace import FAST, WATCHED  # noqa: PLC0415 - --help needs none of it
    from longwire.cli.demo.stage import play  # noqa: PLC0415 - the same

    show = _show(arguments)
    draw = _artist() if arguments.svg is not None else None
    with quiet_log(), show:
        report = asyncio.run(play(FAST if arguments.fast else WATCHED, show))
        show.end(report)
    if arguments.json:
        print(json.dumps(report.as_json(), indent=2))
    if draw is not None and not _write(draw(report), arguments.svg):
        return FINDING
    return 0 if report.ok else FINDING


def _show(arguments: argparse.Namespace) -> Show:
    if not (arguments.json or arguments.plain) and sys.stdout.isatty():
        try:
            from longwire.cli.demo.screen import Screen  # noqa: PLC0415 - needs rich
        except ModuleNotFoundError as error:
            if not without_rich(error):
                raise
        else:
            return Screen()
    from longwire.cli.demo.show import PlainShow  # noqa: PLC0415 - one of the two

    return PlainShow(*((sys.stderr, None) if arguments.json else (sys.stdout, sys.stdout)))


def _artist() -> Callable[[Report], str]:
    # Asked for before anything is played, lest that rich is missing be told half a minute later.
    from longwire.cli.demo.screen import picture  # noqa: PLC0415 - needs rich

    return picture


def _write(picture: str, path: Path) -> bool:
    try:
        path.write_text(picture, encoding="utf-8")
    except OSError as error:
        print(f"longwire demo: {printable(str(error))}", file=sys.stderr)
        return False
    return True
