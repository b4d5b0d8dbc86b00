"""Which pings of a flood are answered."""

from __future__ import annotations

from longwire.link.encoder import CLOSE, PING, PONG
from longwire.link.pacing import MOST_PONGS, fewer_pings


def pings(first: int, last: int) -> list[tuple[int, bytes]]:
    return [(PING, str(number).encode()) for number in range(first, last)]


def test_few_are_all_answered() -> None:
    """Up to the limit nothing is left out."""
    controls = [*pings(0, MOST_PONGS - 1), (PONG, b"x"), *pings(100, 101), (CLOSE, b"")]
    assert fewer_pings(controls) == controls


def test_of_many_the_first_and_the_last() -> None:
    """And everything else, in its place."""
    assert fewer_pings([*pings(0, 500), (PONG, b"x"), *pings(500, 1000), (PONG, b"y")]) == [
        *pings(0, MOST_PONGS - 1),
        (PONG, b"x"),
        (PONG, b"y"),
        *pings(999, 1000),
    ]


def test_the_last_before_a_close() -> None:
    """Behind our close frame nothing can be answered any more."""
    assert fewer_pings([*pings(0, 1000), (CLOSE, b"")]) == [
        *pings(0, MOST_PONGS - 1),
        *pings(999, 1000),
        (CLOSE, b""),
    ]
