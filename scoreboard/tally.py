"""Everything that was measured in one run; it can be kept as JSON."""

from __future__ import annotations

import datetime as dt
import platform
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from scoreboard.cells import CELLS
from scoreboard.measure import Result
from scoreboard.roster import CLIENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


class Results(msgspec.Struct, kw_only=True):
    """All results of a run.

    Attributes:
        versions: Of the clients, by name.
        failed: Plays that came to nothing: ``client / cell`` and why.
    """

    date: str
    system: str
    rounds: int
    versions: dict[str, str]
    results: list[Result] = []
    failed: dict[str, str] = {}

    @classmethod
    def begun(cls, clients: Iterable[str], rounds: int) -> Results:
        """Nothing yet."""
        system = f"{platform.python_implementation()} {platform.python_version()}, "
        system += f"{platform.system()} {platform.machine()}"
        versions = {name: CLIENTS[name].version for name in clients}
        today = dt.datetime.now(tz=dt.UTC).date().isoformat()
        return cls(date=today, system=system, rounds=rounds, versions=versions)

    @property
    def clients(self) -> list[str]:
        """Those that have results, in the order of the roster."""
        there = {one.client for one in self.results}
        return [name for name in CLIENTS if name in there]

    @property
    def cells(self) -> list[str]:
        """Those that have results, in the order of the cells."""
        there = {one.cell for one in self.results}
        return [name for name in CELLS if name in there]

    def of(self, client: str, cell: str | None = None) -> list[Result]:
        """A client's results, in one cell or in all."""
        return [one for one in self.results if one.client == client and cell in {None, one.cell}]

    def write(self, path: Path) -> None:
        """Keep it."""
        path.write_bytes(msgspec.json.format(msgspec.json.encode(_rounded(self)), indent=1) + b"\n")

    @classmethod
    def read(cls, path: Path) -> Results:
        """Read what was kept."""
        return msgspec.json.decode(path.read_bytes(), type=cls)


def middle(results: Iterable[Result], value: Callable[[Result], float | None]) -> float | None:
    """The median of what some results have; None where none has anything."""
    there = [one for one in map(value, results) if one is not None]
    return median(there) if there else None


def _rounded(value: object) -> object:
    """With times to the millisecond, so that a file of results can be read and compared."""
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    if isinstance(value, msgspec.Struct):
        return _rounded(msgspec.structs.asdict(value))
    return value
