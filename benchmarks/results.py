"""A run as data: what was measured, with what, on what kind of machine. No host names, no paths."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import machine
from benchmarks.measurement import Settings

if TYPE_CHECKING:
    from pathlib import Path

BUSY = 0.9
"""A receiver that asked for a core for less than this share of the window waited for its peer."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One measurement."""

    round: int
    contestant: str
    size: int
    value: float
    """Messages a second, or the median round trip in microseconds."""
    details: dict[str, float]
    """All that the contestant printed."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A contestant that gave no result; it doesn't take part in later rounds at that size."""

    contestant: str
    size: int
    reason: str


@dataclass(frozen=True)
class Spread:
    """A median with the range it comes from."""

    value: float
    low: float
    high: float


@dataclass(kw_only=True)
class Results:
    """Everything a run found out."""

    settings: Settings
    date: str = field(default_factory=machine.today)
    environment: dict[str, str | int | None] = field(default_factory=machine.environment)
    versions: dict[str, str] = field(default_factory=machine.versions)
    samples: list[Sample] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        """How many rounds there are."""
        return len({sample.round for sample in self.samples})

    def of(self, contestant: str, size: int) -> list[Sample]:
        """The samples of one contestant at one size, in the order of the rounds."""
        return [
            sample
            for sample in self.samples
            if sample.contestant == contestant and sample.size == size
        ]

    def spread(self, contestant: str, size: int, detail: str | None = None) -> Spread | None:
        """Median, lowest and highest of the values, or of one detail; None without samples."""
        samples = self.of(contestant, size)
        values = [each.details[detail] if detail else each.value for each in samples]
        return Spread(median(values), min(values), max(values)) if values else None

    def ratio(self, contestant: str, baseline: str, size: int) -> Spread | None:
        """The ratio of the medians, with the range of the ratios within each round."""
        ours, theirs = self.spread(contestant, size), self.spread(baseline, size)
        if ours is None or theirs is None:
            return None
        of_round = {sample.round: sample.value for sample in self.of(baseline, size)}
        ratios = [
            sample.value / of_round[sample.round]
            for sample in self.of(contestant, size)
            if sample.round in of_round
        ]
        value = ours.value / theirs.value
        return Spread(value, min(ratios, default=value), max(ratios, default=value))

    def per_cpu_second(self, contestant: str, size: int) -> float | None:
        """Median of messages per second of the process's CPU time."""
        rates = [
            sample.details["messages"] / sample.details["cpu_seconds"]
            for sample in self.of(contestant, size)
        ]
        return median(rates) if rates else None

    def cpu_share(self, contestant: str, size: int) -> float | None:
        """Median of the cores kept busy."""
        shares = [
            sample.details["cpu_seconds"] / sample.details["seconds"]
            for sample in self.of(contestant, size)
        ]
        return median(shares) if shares else None

    def peer_bound(self, contestant: str, size: int) -> bool:
        """Whether the receiver waited for messages: the peer or the kernel was the limit."""
        wanted = [
            (sample.details["cpu_seconds"] + sample.details["waited_seconds"])
            / sample.details["seconds"]
            for sample in self.of(contestant, size)
        ]
        return bool(wanted) and median(wanted) < BUSY

    def waiting(self) -> Spread | None:
        """The share of the windows in which receivers were ready to run and had no core."""
        shares = [
            sample.details["waited_seconds"] / sample.details["seconds"]
            for sample in self.samples
            if "waited_seconds" in sample.details
        ]
        return Spread(median(shares), min(shares), max(shares)) if shares else None

    def write(self, path: Path) -> None:
        """Save as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def read(cls, path: Path) -> Results:
        """Load what `write` saved."""
        data = json.loads(path.read_text("utf-8"))
        return cls(
            settings=Settings(**data["settings"]),
            date=data["date"],
            environment=data["environment"],
            versions=data["versions"],
            samples=[Sample(**sample) for sample in data["samples"]],
            failures=[Failure(**failure) for failure in data["failures"]],
        )
