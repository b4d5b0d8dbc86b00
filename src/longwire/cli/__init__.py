"""The command line: ``longwire COMMAND``. One module per command, no logic here or there.

A command's module has ``NAME``, ``HELP``, ``add_arguments(parser)`` and ``run(arguments) -> int``.
Only the module of the command that is run is imported.

Exit codes: 0 fine; 1 a finding, a failed diagnosis, or an error that is none of the following;
2 wrong usage; 3 could not connect; 130 interrupted by Ctrl-C; 141 nobody reads the output any more.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from longwire.cli.printable import printable
from longwire.errors import ConnectError, GaveUp, LongwireError
from longwire.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COMMANDS = ("listen", "send", "demo", "causes", "explain")
"""The modules of this package that are commands, in the order that ``--help`` lists them."""

FINDING = 1
USAGE = 2
NOT_CONNECTED = 3
INTERRUPTED = 130
NO_READER = 141


class Command(Protocol):
    """What a command's module offers."""

    NAME: str
    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own arguments to its parser."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it. Returns the exit code; may raise LongwireError and KeyboardInterrupt."""


class _Version(argparse.Action):
    """``--version``: the version, and in which form the hot modules run."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        from longwire.link.compiled import COMPILED  # noqa: PLC0415  # every other start is spared it

        print(f"longwire {__version__} ({'compiled' if COMPILED else 'pure Python'})")
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: The arguments without the program's name; None means those of the process.

    Returns:
        The exit code, see above.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its escape, not a crash.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(words)
    except SystemExit as stop:  # argparse: 0 after --help, 2 after wrong usage
        return stop.code if isinstance(stop.code, int) else USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes stdout once more at its exit; there must be something to flush it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NO_READER
    except LongwireError as error:
        print(f"longwire: {printable(str(error))}", file=sys.stderr)
        return exit_code(error)


def exit_code(error: LongwireError) -> int:
    """The exit code that stands for an error: a URL that is unusable is wrong usage."""
    if isinstance(error, ConnectError):
        return USAGE if error.kind == "address" else NOT_CONNECTED
    return NOT_CONNECTED if isinstance(error, GaveUp) else FINDING


def _run(words: Sequence[str]) -> int:
    parser = _parser(_commands_needed(words))
    arguments = parser.parse_args(words)
    command: Command = arguments.command
    try:
        code = command.run(arguments)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "rich":
            raise
        parser.error(f"'{command.NAME}' needs rich: install longwire[cli]")
    sys.stdout.flush()
    return code


def _commands_needed(words: Sequence[str]) -> Iterable[str]:
    """The commands whose modules must be imported: the one that is meant, or all to list them."""
    chosen = next((word for word in words if not word.startswith("-")), None)
    if chosen is None and "--version" in words:
        return ()
    return (chosen,) if chosen in COMMANDS else COMMANDS


def _parser(names: Iterable[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="longwire",
        description="WebSocket connections for the long haul: messages keep arriving, "
        "or you are told exactly why not.",
        epilog="exit codes: 0 fine, 1 a finding or a failure, 2 wrong usage, 3 could not connect",
    )
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="show the version and whether it runs compiled"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name in names:
        command = cast("Command", import_module(f"{__name__}.{name}"))
        own = commands.add_parser(command.NAME, help=command.HELP, description=command.HELP)
        own.set_defaults(command=command)
        command.add_arguments(own)
    return parser
