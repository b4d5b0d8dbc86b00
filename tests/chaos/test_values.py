"""Lengths of time, sizes and counts are read as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from longwire.chaos.values import Amount, parse_amount, parse_bytes, parse_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5", 5), (5, 5), (0.25, 0.25), ("200ms", 0.2), ("5 s", 5), ("3min", 180), ("24h", 86_400)],
)
def test_lengths_of_time(text: str | float, seconds: float) -> None:
    """Seconds where there is no unit."""
    assert parse_seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "size"),
    [("1000", 1000), (7, 7), ("4KiB", 4096), ("1.5 MiB", 3 * 2**19), ("2kb", 2000)],
)
def test_sizes(text: str | float, size: int) -> None:
    """Bytes where there is no unit."""
    assert parse_bytes(text) == size


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("5s", Amount(seconds=5.0)),
        (3, Amount(seconds=3.0)),
        ("100 frames", Amount(frames=100)),
        ("1 frame", Amount(frames=1)),
        ("20messages", Amount(messages=20)),
        ("64KiB", Amount(bytes=65_536)),
        ("10 bytes", Amount(bytes=10)),
        (Amount(frames=2), Amount(frames=2)),
    ],
)
def test_amounts(text: Any, amount: Amount) -> None:
    """The unit says of what."""
    assert parse_amount(text) == amount


def test_an_amount_can_be_read() -> None:
    """As people write it."""
    assert str(Amount(seconds=0.5)) == "0.5 s"
    assert str(Amount(messages=3)) == "3 messages"


@pytest.mark.parametrize("text", ["", "soon", "-1s", "5 parsecs", "1e", "5s 3s", True, None, [5]])
def test_what_is_no_amount_is_refused(text: Any) -> None:
    """Each time the text says so."""
    for parse in (parse_seconds, parse_bytes, parse_amount):
        with pytest.raises(ValueError, match=r"is no"):
            parse(text)


def test_what_is_too_much_is_refused() -> None:
    """More than any number holds."""
    for parse in (parse_seconds, parse_bytes, parse_amount):
        with pytest.raises(ValueError, match="is too much"):
            parse("9" * 400)


def test_nothing_at_all() -> None:
    """Whatever it is counted in."""
    assert all(parse_amount(text).is_nothing for text in ("0s", "0", "0 frames", "0 bytes"))
    assert not any(parse_amount(text).is_nothing for text in ("1ms", "1 message", "1 byte"))


@pytest.mark.parametrize("text", ["1.5 frames", "0.3 messages"])
def test_there_is_no_part_of_a_frame(text: str) -> None:
    """Nor of a message."""
    with pytest.raises(ValueError, match="no part of a"):
        parse_amount(text)


def test_there_is_no_part_of_a_byte() -> None:
    """A size is a whole number of bytes."""
    with pytest.raises(ValueError, match="is no size"):
        parse_bytes("0.3")
