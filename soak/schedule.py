"""Which faults strike, and when: drawn from a seed, and nothing but data."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SETTLED_SHARE = 0.6
"""How often the client is given the time to come back before the next fault. The others strike
while it is still busy with the last one."""

LONGEST_PAUSE = 12.0
"""Seconds between two faults at most: longer than some back-offs, shorter than others."""


class Step(msgspec.Struct, frozen=True):
    """One fault."""

    fault: str
    """Its name in `soak.faults.FAULTS`."""
    amount: float
    """How much of it, from 0 to 1; what that means is the fault's matter."""
    pause: float
    """Seconds to wait before it."""
    settled: bool
    """Whether to wait, after the pause, until messages arrive again."""

    def __repr__(self) -> str:
        return f"Step({self.fault!r}, {self.amount}, {self.pause}, {self.settled})"


def drawn(seed: int, names: Sequence[str]) -> Iterator[Step]:
    """Faults without end, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - to be repeatable is the point
    while True:
        settled = chance.random() < SETTLED_SHARE
        yield Step(
            fault=chance.choice(names),
            amount=round(chance.random(), 3),
            pause=round(chance.choice((0.0, 0.2, 2.0, LONGEST_PAUSE)) * chance.random(), 3),
            settled=settled,
        )
