"""The catalogue of causes: read from ``catalogue.toml`` when it is first needed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from longwire.core.causes.interruption import Cause
from longwire.errors import LongwireError

if TYPE_CHECKING:
    from collections.abc import Iterator

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
def _entries() -> dict[str, Cause]:
    import pkgutil  # noqa: PLC0415 - a program without an interruption never needs it

    # Through the package's own loader, so that it works from a zip file, too.
    text = pkgutil.get_data(__package__, "catalogue.toml")
    if text is None:
        message = "longwire's catalogue of causes is missing from the installation"
        raise LongwireError(message, hint="install longwire again")
    return {name: _entry(name, table) for name, table in _parse(text).items()}


def _parse(text: bytes) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - the same

    return tomllib.loads(text.decode())


def _entry(name: str, table: dict[str, Any]) -> Cause:
    joined = {
        field: " ".join(value.split()) if isinstance(value, str) else value
        for field, value in table.items()
    }
    return msgspec.convert({"id": name, **joined}, Cause)


class _Catalogue(Mapping[str, Cause]):
    """A mapping that is read at its first use. It never changes."""

    def __getitem__(self, cause_id: str) -> Cause:
        return _entries()[cause_id]

    def __iter__(self) -> Iterator[str]:
        return iter(_entries())

    def __len__(self) -> int:
        return len(_entries())

    def __repr__(self) -> str:
        return "<longwire's catalogue of causes>"


CATALOGUE: Final[Mapping[str, Cause]] = _Catalogue()
"""All causes by id, in the order of the catalogue. Read from the package's data at first use, which
takes some milliseconds: ``len(CATALOGUE)`` beforehand where that matters."""


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
