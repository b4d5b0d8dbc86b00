"""Refuses what makes no sense as an option of a fault, and says what would."""

from __future__ import annotations


def at_least(least: float, **options: float) -> None:
    """Refuse numbers below a bound.

    Raises:
        ValueError: there is one. It says which, and the bound.
    """
    for name, value in options.items():
        if not value >= least:
            raise ValueError(f"{name} must be at least {_text(least)}, not {_text(value)}")


def above_zero(**options: float) -> None:
    """Refuse numbers that are not positive.

    Raises:
        ValueError: there is one. It says which.
    """
    for name, value in options.items():
        if not value > 0:
            raise ValueError(f"{name} must be more than 0, not {_text(value)}")


def between(first: float, last: float, **options: float) -> None:
    """Refuse numbers outside a range, both of whose ends belong to it.

    Raises:
        ValueError: there is one. It says which, and the range.
    """
    for name, value in options.items():
        if not first <= value <= last:
            bounds = f"from {_text(first)} to {_text(last)}"
            raise ValueError(f"{name} must be {bounds}, not {_text(value)}")


def short_enough(longest: int, **options: str) -> None:
    """Refuse text that is too long for its place, in bytes of UTF-8.

    Raises:
        ValueError: there is one. It says which, and the bound.
    """
    for name, value in options.items():
        size = len(value.encode())
        if size > longest:
            raise ValueError(f"{name} must be {longest} bytes at most, not {size}")


def header_value(**options: str) -> None:
    """Refuse text that cannot stand in a field of HTTP, whose end it might be.

    Raises:
        ValueError: there is one. It says which.
    """
    for name, value in options.items():
        if not (value.isascii() and (value.isprintable() or not value)):
            raise ValueError(f"{name} must be printable ASCII")


def _text(number: float) -> str:
    """A number as people write it: 60 for 60.0, and no powers of ten."""
    return f"{number:.12g}"
