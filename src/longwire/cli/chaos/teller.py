"""How ``longwire chaos`` tells what it does: a line for each record of the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

from longwire.chaos.journal import json_record
from longwire.cli.failures import json_line
from longwire.cli.printable import printable
from longwire.errors import LongwireError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from longwire.chaos.journal import Record

_TEXTS: Final[Mapping[str, str]] = {
    "listens": "listens at port {port}",
    "refuses": "listens no more at port {port}",
    "starts": "{url} -> {to}, seed {seed}",
    "controls": "takes orders at {where}",
    "begins": "scenario {scenario} begins",
    "accepts": "accepted",
    "opens": "open",
    "declines": "the server does not agree to a WebSocket",
    "resets": "reset by an order",
    "over": "over",
    "ignores": "is ignored",
    "answers": "answered in the server's place",
    "fails": "failed: {error}",
    "unreachable": "the server cannot be reached: {error}",
    "strikes": "{fault} strikes",
    "ends": "{fault} ends",
    "changes": "{fault}: frame {frame} becomes {into}",
    "spares": "{fault} spares frame {frame}, which is too long to be changed",
    "cuts": "{fault} cuts",
    "forgets": "{fault} forgets",
}
"""What a record says, by its action; fields that are not in the text stand behind it."""
_ELSEWHERE: Final = ("t", "action", "crossing")


class Teller:
    """The sink of a journal: prints each record, and adds it to a log.

    Args:
        out: Where lines go.
        log: JSON lines go there, too; None: there is no log.
        as_json: JSON lines on ``out``, too, not text.
        stop: Called once when something cannot be written; see `check`.
    """

    def __init__(
        self, out: TextIO, log: TextIO | None, *, as_json: bool, stop: Callable[[], object]
    ) -> None:
        self._out = out
        self._log = log
        self._as_json = as_json
        self._stop = stop
        self._problem: Exception | None = None

    def record(self, record: Record) -> None:
        """Tell it. A journal's sink may not raise, so what fails is kept for `check`."""
        if self._problem is not None:
            return
        try:
            line = json_line(record) if self._as_json else text_of(record)
            print(line, file=self._out, flush=True)
        except OSError as error:
            self._fail(error)
            return
        try:
            if self._log is not None:
                print(json_record(record), file=self._log, flush=True)
        except OSError as error:
            self._fail(LongwireError(f"cannot write the log: {error.strerror}"))

    def _fail(self, problem: Exception) -> None:
        self._problem = problem
        self._stop()

    def check(self) -> None:
        """Raise what kept something from being told.

        Raises:
            OSError: the output cannot be written.
            LongwireError: the log cannot.
        """
        if self._problem is not None:
            raise self._problem


def text_of(record: Record) -> str:
    """A record as a line for people: seconds, the number of the connection, what happened."""
    action: str = record["action"]
    template = _TEXTS.get(action, action)
    more = [
        f"{name}={value}"
        for name, value in record.items()
        if name not in _ELSEWHERE and f"{{{name}}}" not in template
    ]
    crossing = f"#{record['crossing']}" if "crossing" in record else ""
    told = template.format_map(record)
    return printable(" ".join([f"{record['t']:9.3f} {crossing:>5}  {told}", *more]))
