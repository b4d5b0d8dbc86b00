"""How a command fails: its exit code, one line on stderr and, with ``--json``, one on stdout.

The record's ``event`` is ``"error"``. Behind it comes the command's ``end``, unless nothing had
begun because the command was used wrongly.
"""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

from longwire.cli.printable import printable
from longwire.cli.units import milliseconds, unix_milliseconds
from longwire.errors import ConnectError, GaveUp, HandshakeRejected, LongwireError

if TYPE_CHECKING:
    from collections.abc import Mapping

FINDING = 1
USAGE = 2
NOT_CONNECTED = 3
DEFECT = 70
INTERRUPTED = 130
NO_READER = 141


class WrongUsage(Exception):
    """What was asked for cannot be meant; found out after the arguments were parsed."""


def exit_code(error: LongwireError | WrongUsage) -> int:
    """The exit code that stands for an error: a URL that is unusable is wrong usage."""
    if isinstance(error, WrongUsage):
        return USAGE
    if isinstance(error, ConnectError):
        return USAGE if error.kind == "address" else NOT_CONNECTED
    return NOT_CONNECTED if isinstance(error, GaveUp) else FINDING


def fail(
    error: LongwireError | WrongUsage,
    *,
    as_json: bool,
    command: str = "",
    code: int | None = None,
) -> int:
    """Tell an error: a line for a person and, where JSON was asked for, a record for a program.

    Args:
        error: What went wrong.
        as_json: Whether the command was given ``--json``.
        command: Its name, where the error is about how it was called.
        code: The exit code; None: `exit_code` says it.

    Returns:
        The exit code.
    """
    code = exit_code(error) if code is None else code
    if as_json:
        print(json_line(_record(error, code)), flush=True)
    name = f"longwire {command}".rstrip()
    print(f"{name}: {printable(str(error))}", file=sys.stderr)
    return code


def usage_record(text: str) -> dict[str, Any]:
    """The record of a command line that cannot be understood."""
    return _record(WrongUsage(text), USAGE)


def _record(error: LongwireError | WrongUsage, code: int) -> dict[str, Any]:
    ours = error if isinstance(error, LongwireError) else LongwireError(str(error))
    failed = error if isinstance(error, ConnectError) else None
    return {
        "event": "error",
        "at_ms": unix_milliseconds(),
        "kind": _kind(error),
        "status": error.status if isinstance(error, HandshakeRejected) else None,
        "what": ours.what,
        "where": ours.where,
        "tried": ours.tried,
        "hint": ours.hint,
        "blame": "local" if isinstance(error, WrongUsage) else ours.blame,
        "retryable": ours.retryable,
        "retry_after_ms": milliseconds(None if failed is None else failed.retry_after),
        "exit_code": code,
    }


def _kind(error: LongwireError | WrongUsage) -> str:
    """In which way an opening failed; else the class's name: ``gave-up``, ``wrong-usage``."""
    if isinstance(error, ConnectError):
        return error.kind
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()


def without_rich(error: ModuleNotFoundError) -> bool:
    """Whether it is rich that is missing: the extra of the command line, which is optional."""
    return (error.name or "").partition(".")[0] == "rich"


def json_line(record: Mapping[str, Any]) -> str:
    """One object on one line, all in ASCII: safe to print, whoever its texts came from."""
    # JSON leaves this one control character alone.
    return json.dumps(record).replace("\x7f", "\\u007f")
