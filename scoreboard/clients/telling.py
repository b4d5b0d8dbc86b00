"""The contract of a program, for those in Python: see `scoreboard/README.md`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

EVERY = 0.5
"""Seconds between heartbeats, where the library lets a program say so."""
WITHIN = 0.5
"""Seconds that an answer may take."""
SILENCE = 1.0
"""Seconds without a message that are odd for a feed that sends 200 a second, likewise."""
STABLE = 1.0
"""Seconds after which a connection counts as stable, likewise; defaults are 5 to 60, and none lives
as long here."""


@dataclass(frozen=True)
class Work:
    """What the handler of a message has to do before it takes the next; in seconds."""

    block: float = 0.0
    wait: float = 0.0


def tell(event: str, **fields: object) -> None:
    """Write down that something happened now."""
    line = json.dumps({"t": time.monotonic(), "event": event, **fields})
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def take(message: str | bytes) -> Work:
    """Take a message of the feed: tell its number. What is none of the feed's is ignored."""
    if message[:1] not in {"{", b"{"}:
        return Work()
    fields = json.loads(message)
    tell("message", seq=fields["seq"])
    return Work(block=fields.get("block", 0.0), wait=fields.get("wait", 0.0))


def block(work: Work) -> None:
    """Do the part of it that blocks."""
    if work.block:
        time.sleep(work.block)


def arguments() -> argparse.Namespace:
    """The command line: ``url``, and ``subscribe``, None where there is nothing to send.

    Longwire's program has ``inline`` and ``within`` as well, which its tests use.

    From now on an error that nobody catches is told, too, before the program ends of it.
    """
    sys.excepthook = _tell_error
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--subscribe", metavar="TEXT")
    parser.add_argument("--inline", action="store_true", help="longwire: isolate=False")
    parser.add_argument("--within", type=float, default=WITHIN, help="longwire: patience in s")
    return parser.parse_args()


def _tell_error(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    tell("error", what=kind.__name__)
    sys.__excepthook__(kind, error, trace)
