"""The catalogue of causes: each entry is read from ``catalogue.toml`` when it is first needed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

import msgspec

from longwire.core.causes.interruption import Cause
from longwire.errors import LongwireError

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER: Final = re.compile(r"^\[([a-z-]+)\]$", re.MULTILINE)
"""How an entry begins."""

UNKNOWN: Final = Cause(
    id="unknown",
    title="Cause not proved",
    category="none",
    blame="unknown",
    symptom="Reception was interrupted.",
    mechanism="The record of the interruption fits several causes, or none of the catalogue.",
    evidence="None: this is the verdict wherever no cause's evidence is complete.",
    remedy=(
        "Read the reasons and interruption.evidence: they say what is known. Retry() goes on "
        "meanwhile; Heartbeat(silence=...) and subscribe= give longwire more to judge by, and the "
        "log of the server, seen at the same moment, most often tells the rest."
    ),
    remedy_elsewhere=(
        "Record for every connection who ended it, code and reason of both ends, the exception, "
        "and the ages of the last byte, pong and data message."
    ),
    links=(),
    observable_by_client=True,
)
"""The verdict where nothing is proved. It is a `Cause`, but no entry of the catalogue."""


class UnknownCause(LongwireError, KeyError):
    """There is no cause of that id. ``hint`` names those that are spelled like it."""

    blame = "local"

    def __init__(self, cause_id: str) -> None:
        super().__init__(f"there is no cause {cause_id!r}", hint=_did_you_mean(cause_id))
        self.cause_id = cause_id


def _did_you_mean(cause_id: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - needed by nobody who spells well

    near = get_close_matches(cause_id.lower().replace("_", "-"), [*CATALOGUE, UNKNOWN.id])
    return f"did you mean {' or '.join(near)}" if near else "`longwire causes` lists all ids"


@cache
def _entries() -> dict[str, str]:
    """The text of each entry.

    It is parsed when it is wanted: all of them take 30 ms, one takes less than one, and a client
    that has just lost its link has better things to do.
    """
    import pkgutil  # noqa: PLC0415 - a program without an interruption never needs it

    # Through the package's own loader, so that it works from a zip file, too.
    text = pkgutil.get_data(__package__, "catalogue.toml")
    if text is None:
        message = "longwire's catalogue of causes is missing from the installation"
        raise LongwireError(message, hint="install longwire again")
    _, *parts = _HEADER.split(text.decode())
    return dict(zip(parts[::2], parts[1::2], strict=True))


@cache
def _entry(name: str) -> Cause:
    import tomllib  # noqa: PLC0415 - the same

    joined = {
        field: " ".join(value.split()) if isinstance(value, str) else value
        for field, value in tomllib.loads(_entries()[name]).items()
    }
    return msgspec.convert({"id": name, **joined}, Cause)


class _Catalogue(Mapping[str, Cause]):
    """A mapping whose entries are read at their first use. It never changes."""

    def __getitem__(self, cause_id: str) -> Cause:
        return _entry(cause_id)

    def __iter__(self) -> Iterator[str]:
        return iter(_entries())

    def __len__(self) -> int:
        return len(_entries())

    def __repr__(self) -> str:
        return "<longwire's catalogue of causes>"


CATALOGUE: Final[Mapping[str, Cause]] = _Catalogue()
"""All causes by id, in the order of the catalogue. Each is read at its first use."""


def cause(cause_id: str) -> Cause:
    """The cause of that id; ``"unknown"`` gives `UNKNOWN`.

    Raises:
        UnknownCause: there is none; the error's hint names those that are spelled like it.
    """
    if cause_id == UNKNOWN.id:
        return UNKNOWN
    try:
        return CATALOGUE[cause_id]
    except KeyError:
        raise UnknownCause(cause_id) from None
