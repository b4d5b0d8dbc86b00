"""The command line: ``longwire COMMAND``. One module per command, no logic here or there.

A command's module has ``NAME``, ``HELP``, ``add_arguments(parser)`` and ``run(arguments) -> int``.
Only the module of the command that is run is imported.

Exit codes: 0 fine; 1 a finding, a failed diagnosis, or an error that is none of the following;
2 wrong usage; 3 could not connect; 130 interrupted by Ctrl-C (but 0 where that is the ordinary end,
see ``listen`` and ``chaos``); 141 nobody reads the output any more; 70 a defect of longwire that it
could work around (see ``lint``).
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from longwire.cli.failures import (
    DEFECT,
    FINDING,
    INTERRUPTED,
    NO_READER,
    NOT_CONNECTED,
    USAGE,
    WrongUsage,
    exit_code,
    fail,
    json_line,
    usage_record,
    without_rich,
)
from longwire.errors import LongwireError
from longwire.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import NoReturn

__all__ = [
    "COMMANDS",
    "DEFECT",
    "FINDING",
    "INTERRUPTED",
    "NOT_CONNECTED",
    "NO_READER",
    "USAGE",
    "Command",
    "exit_code",
    "main",
]

COMMANDS = ("listen", "send", "lint", "chaos", "record", "replay", "demo", "causes", "explain")
"""The modules of this package that are commands, in the order that ``--help`` lists them."""


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Why a disk takes no more of what is printed."""


class Command(Protocol):
    """What a command's module offers."""

    NAME: str
    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own arguments to its parser."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it. Returns the exit code; may raise LongwireError, WrongUsage, KeyboardInterrupt."""


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
        _let_go_of_stdout()
        return NO_READER
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        _let_go_of_stdout()
        print(f"longwire: cannot write: {error.strerror}", file=sys.stderr)
        return FINDING


def _let_go_of_stdout() -> None:
    # Python flushes stdout once more at its exit; there must be something to flush it to.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(words: Sequence[str]) -> int:
    parser = _parser(_commands_needed(words), as_json="--json" in words)
    arguments = parser.parse_args(words)
    command: Command = arguments.command
    as_json = getattr(arguments, "json", False)
    try:
        code = command.run(arguments)
    except LongwireError as error:
        code = fail(error, as_json=as_json)
    except WrongUsage as error:
        code = fail(error, as_json=as_json, command=command.NAME)
    except ModuleNotFoundError as error:
        if not without_rich(error):
            raise
        parser.error(f"'{command.NAME}' needs rich: install longwire[cli]")
    if sys.stdout is not None:  # closed by whoever has started us
        sys.stdout.flush()
    return code


def _commands_needed(words: Sequence[str]) -> Iterable[str]:
    """The commands whose modules must be imported: the one that is meant, or all to list them."""
    chosen = next((word for word in words if not word.startswith("-")), None)
    if chosen is None and "--version" in words:
        return ()
    return (chosen,) if chosen in COMMANDS else COMMANDS


class _Parser(argparse.ArgumentParser):
    """Says what it cannot understand on stderr and, given ``--json``, as a record on stdout."""

    as_json = False

    def error(self, message: str) -> NoReturn:
        if self.as_json:
            print(json_line(usage_record(message)), flush=True)
        super().error(message)


def _parser(names: Iterable[str], *, as_json: bool) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="longwire",
        description="WebSocket connections for the long haul: messages keep arriving, "
        "or you are told exactly why not.",
        epilog="exit codes: 0 fine, 1 a finding or a failure, 2 wrong usage, 3 could not connect",
    )
    parser.as_json = as_json
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="show the version and whether it runs compiled"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name in names:
        command = cast("Command", import_module(f"{__name__}.{name}"))
        own = commands.add_parser(command.NAME, help=command.HELP, description=command.HELP)
        own.set_defaults(command=command)
        own.as_json = as_json
        command.add_arguments(own)
    return parser
