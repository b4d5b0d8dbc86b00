"""Which instrument knows which cause: the coverage matrix, made of what is declared.

An instrument declares itself where it is built, with `register`. What the client can name is not
declared but read from the table of judges, so that neither can be out of step with the other.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, get_args

from longwire.core.causes.catalogue import CATALOGUE, UnknownCause
from longwire.core.causes.classify import nameable

if TYPE_CHECKING:
    from collections.abc import Mapping

Instrument = Literal["client", "hub", "doctor", "lint", "chaos"]
"""What refers to the catalogue. The fifth use of it, explaining, covers every cause by nature."""

INSTRUMENTS: Final[tuple[Instrument, ...]] = get_args(Instrument)

_declared: dict[tuple[str, Instrument], list[str]] = {}
_left_out: dict[tuple[str, Instrument], str] = {}


def register(instrument: Instrument, *cause_ids: str, by: str) -> None:
    """Declare that an instrument covers causes. Cheap; may be repeated.

    The ids are checked by `matrix`, not here: declaring must not load the catalogue.

    Args:
        instrument: One of `INSTRUMENTS`.
        cause_ids: Ids of the catalogue.
        by: What covers them: the name of a rule, a probe or a fault, or a word such as
            ``"prevents"``.

    Raises:
        ValueError: there is no such instrument.
    """
    _check(instrument)
    for cause_id in cause_ids:
        names = _declared.setdefault((cause_id, instrument), [])
        if by not in names:
            names.append(by)


def leave_out(instrument: Instrument, *cause_ids: str, because: str) -> None:
    """Declare why an instrument does not cover causes, now and ever. Cheap; may be repeated.

    Args:
        instrument: One of `INSTRUMENTS`.
        cause_ids: Ids of the catalogue; checked by `left_out`.
        because: The reason, for a person; a sentence without its full stop.

    Raises:
        ValueError: there is no such instrument.
    """
    _check(instrument)
    for cause_id in cause_ids:
        _left_out[cause_id, instrument] = because


def left_out(cause_id: str) -> Mapping[Instrument, str]:
    """Why instruments do not cover a cause, for those that say so.

    Raises:
        UnknownCause: something declared an id that is not in the catalogue.
    """
    for declared, _ in _left_out:
        if declared not in CATALOGUE:
            raise UnknownCause(declared)
    return {one: _left_out[cause_id, one] for one in INSTRUMENTS if (cause_id, one) in _left_out}


def _check(instrument: str) -> None:
    if instrument not in INSTRUMENTS:
        message = f"no instrument {instrument!r}; there are {', '.join(INSTRUMENTS)}"
        raise ValueError(message)


def matrix() -> Mapping[str, Mapping[Instrument, tuple[str, ...]]]:
    """What covers each cause: by id in the order of the catalogue, then by instrument.

    A cell holds what was declared, in that order; it is empty where nothing covers the cause yet.
    For the client ``"names"`` comes first wherever `classify` can name the cause.

    Raises:
        UnknownCause: something declared an id that is not in the catalogue.
    """
    named = nameable()
    for cause_id in (*named, *(cause_id for cause_id, _ in _declared)):
        if cause_id not in CATALOGUE:
            raise UnknownCause(cause_id)
    return MappingProxyType(
        {
            cause_id: MappingProxyType(
                {one: _cell(cause_id, one, named) for one in INSTRUMENTS},
            )
            for cause_id in CATALOGUE
        }
    )


def _cell(cause_id: str, instrument: Instrument, named: frozenset[str]) -> tuple[str, ...]:
    declared = tuple(_declared.get((cause_id, instrument), ()))
    if instrument == "client" and cause_id in named:
        return ("names", *(one for one in declared if one != "names"))
    return declared
