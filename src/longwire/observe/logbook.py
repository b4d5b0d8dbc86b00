"""The log contract: every kind of record that a client writes. The documentation is made of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable

CLIENT: Final = "longwire.client"
"""The logger of clients, and of the I/O thread they share."""

FIELDS: Final = {
    "longwire_event": "which kind of record it is, as in the first column",
    "longwire_url": "the client's address, secrets removed; None where it is about no one client",
    "longwire_cause": "the id of the cause it is about, as `longwire explain` takes it; or None",
    "longwire_place": "where in your code, as `file:line in function`; None if not known",
}
"""The extra fields of every record, and what is in them."""


class Line(NamedTuple):
    """One kind of record."""

    level: int
    text: str
    """The text behind the address, with places for what is particular."""
    when: str


LINES: Final = {
    "live": Line(logging.INFO, "live", "messages can arrive, for the first time"),
    "interrupted": Line(logging.WARNING, "interrupted: %s", "an interruption was noticed"),
    "attempt-failed": Line(
        logging.DEBUG,
        "attempt failed: %s",
        "an opening failed, or the link that it made ended before it was live",
    ),
    "recovered": Line(logging.INFO, "recovered: %s", "an interruption is over"),
    "gave-up": Line(logging.ERROR, "gave up: %s", "the client ends with an error"),
    "alert": Line(logging.WARNING, "%s", "the same as in `client.alerts`"),
    "note": Line(logging.INFO, "%s", "good to know, such as that a blocked loop runs again"),
    "unsent": Line(
        logging.WARNING,
        "ended with %s accepted messages unsent",
        "the client ended with messages that `send` had accepted and no link had taken",
    ),
    "orphaned": Line(
        logging.WARNING,
        "its event loop was closed, and the client was not: use `async with`, or await close()",
        "nobody is left to receive: the client closes itself",
    ),
    "thread-stuck": Line(
        logging.WARNING,
        "the I/O thread is stuck: it did not end within %g s of the exit",
        "the interpreter ends without it",
    ),
    "function-stuck": Line(
        logging.WARNING,
        "closed, but one of its functions has not returned within %g s",
        "a function given to `longwire.sync.connect` still runs; its thread ends when it returns",
    ),
    "exit-in-vain": Line(
        logging.ERROR,
        "code on the I/O thread tried to end the program, in vain",
        "a function there raised SystemExit or KeyboardInterrupt; with the traceback",
    ),
}
"""By the name that ``longwire_event`` has."""

MATTERS: Final = 256
"""Matters that were told of last, and are known by that."""

_told: Final[dict[Hashable, object]] = {}
"""The oldest first. Each step on it is one of the interpreter's, so it needs no lock."""

_logger = logging.getLogger(CLIENT)


def write(
    event: str,
    *details: object,
    url: str | None = None,
    cause: str | None = None,
    place: str | None = None,
    error: BaseException | None = None,
    matter: Hashable | None = None,
) -> None:
    """Write a record.

    Args:
        event: Which kind: a key of `LINES`.
        details: What its text has places for.
        url: The client's address, secrets removed.
        cause: The id of a cause.
        place: Where in the user's code, as ``file:line in function``.
        error: An exception whose traceback belongs to it.
        matter: What several clients may tell of, in the name of the first that does; the others'
            records are not written.
    """
    line = LINES[event]
    if not _logger.isEnabledFor(line.level) or (matter is not None and not _is_new(matter)):
        return
    text = line.text % details if details else line.text
    fields = dict(zip(FIELDS, (event, url, cause, place), strict=True))
    told = text if url is None else f"{url}: {text}"
    _logger.log(line.level, "%s", told, extra=fields, exc_info=error)


def _is_new(matter: Hashable) -> bool:
    """Whether nobody has told of it yet; from now on somebody has."""
    mine = object()
    if _told.setdefault(matter, mine) is not mine:
        return False
    while len(_told) > MATTERS:
        _told.pop(next(iter(tuple(_told))), None)
    return True
