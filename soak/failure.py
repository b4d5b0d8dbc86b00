"""What is said of a failure: the seed, and the fewest faults that still fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soak.books import Broken
from soak.kinds import KINDS
from soak.play import play
from soak.schedule import drawn
from soak.shrink import shrunk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from soak.far import Far
    from soak.play import Mode
    from soak.schedule import Step


def soak(kind: str, seed: int, *, mode: Mode, seconds: float) -> Far:
    """Play what the seed draws.

    Args:
        kind: One of `KINDS`.
        seed: Draws the faults, and the client's back-off.
        mode: Where the user's code runs.
        seconds: Virtual time to fill with faults.

    Raises:
        Broken: a promise was not kept; the text has the seed and the fewest faults that fail.
    """
    taken: list[Step] = []

    def recorded() -> Iterator[Step]:
        for step in drawn(seed, KINDS[kind].faults()):
            taken.append(step)
            yield step

    try:
        return play(kind, recorded(), mode=mode, seed=seed, seconds=seconds)
    except Broken as broken:
        fewest = shrunk(taken, lambda steps: _fails(kind, steps, mode=mode, seed=seed))
        raise Broken(
            f"{broken}\n"
            f"kind {kind!r}, seed {seed}, {mode}, "
            f"{len(taken)} faults. The fewest that fail:\n" + "\n".join(map(repr, fewest))
        ) from broken


def _fails(kind: str, steps: Sequence[Step], *, mode: Mode, seed: int) -> bool:
    try:
        play(kind, steps, mode=mode, seed=seed)
    except Broken:
        return True
    return False
