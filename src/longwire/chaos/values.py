"""What people write for lengths of time, sizes and counts: ``5s``, ``64KiB``, ``100 frames``."""

from __future__ import annotations

import math
import re
from typing import Annotated, Final

import msgspec

Seconds = Annotated[float, "seconds"]
"""The type of an option that is a length of time; written in seconds, or as ``200ms``, ``24h``."""
Bytes = Annotated[int, "bytes"]
"""The type of an option that is a size; written as a number of bytes, or as ``4KiB``, ``1MiB``."""

_SECONDS: Final = {
    "": 1.0,
    "us": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}
_BYTES: Final = {
    "": 1,
    "b": 1,
    "byte": 1,
    "bytes": 1,
    "kib": 1024,
    "mib": 1024**2,
    "kb": 1000,
    "mb": 1000**2,
}
_NUMBER: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)")


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """How much has to pass: one of these, the others are None."""

    seconds: float | None = None
    bytes: int | None = None
    frames: int | None = None
    """Frames of any kind."""
    messages: int | None = None
    """Data messages; those in fragments count with their last one."""

    @property
    def is_nothing(self) -> bool:
        """Whether nothing at all has to pass."""
        return not (self.seconds or self.bytes or self.frames or self.messages)

    def __str__(self) -> str:
        ((unit, value),) = (
            (name, getattr(self, name))
            for name in self.__struct_fields__
            if getattr(self, name) is not None
        )
        return f"{value:g} s" if unit == "seconds" else f"{value} {unit}"


def parse_seconds(value: float | str) -> float:
    """Seconds from a number or a text.

    Raises:
        ValueError: it is no length of time.
    """
    number, unit = _number_and_unit(value)
    if unit not in _SECONDS:
        raise ValueError(f"{value!r} is no length of time: write 200ms, 5s, 3min or 24h")
    return number * _SECONDS[unit]


def parse_bytes(value: float | str) -> int:
    """A size from a number or a text.

    Raises:
        ValueError: it is no size.
    """
    number, unit = _number_and_unit(value)
    size = number * _BYTES.get(unit.lower(), 0.5 if unit else 1)
    if unit.lower() not in _BYTES or not size.is_integer():
        raise ValueError(f"{value!r} is no size: write 1000, 64KiB or 1MiB")
    return int(size)


def parse_amount(value: float | str | Amount) -> Amount:
    """An amount: seconds where there is no unit.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, Amount):
        return value
    number, unit = _number_and_unit(value)
    if unit in {"frame", "frames", "message", "messages"}:
        if not number.is_integer():
            raise ValueError(f"{value!r}: there is no part of a {unit.removesuffix('s')}")
        return Amount(**{unit.removesuffix("s") + "s": int(number)})
    if unit in _SECONDS:
        return Amount(seconds=number * _SECONDS[unit])
    if unit.lower() in _BYTES:
        return Amount(bytes=parse_bytes(value))
    raise ValueError(f"{value!r} is no amount: write 5s, 64KiB, 100 frames or 100 messages")


def _number_and_unit(value: float | str) -> tuple[float, str]:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{value!r} is no amount")  # noqa: TRY004 - as all other wrong values
    found = _NUMBER.fullmatch(str(value).strip())
    if found is None:
        raise ValueError(f"{value!r} is no amount: a number and a unit are wanted")
    number = float(found[1])
    if number == math.inf:
        raise ValueError(f"{value!r} is too much")
    return number, found[2]
