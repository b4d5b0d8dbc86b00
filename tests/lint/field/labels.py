"""The list of what was judged in real programs, and what the rules say of them today."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from longwire.lint.engine import check_python, check_rust
from longwire.lint.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LIST: Final = Path(__file__).parent / "verdicts.tsv"
COLUMNS: Final = ("repo", "commit", "path", "line", "rule", "confidence", "verdict", "how", "why")
VERDICTS: Final = ("true", "false", "debatable", "missed")
HOWS: Final = ("reading", "held", "rule", "unseen")
"""How a place came into the list: a file was read before any rule looked at it, and the rules were
mended by it later, or not; a rule found it in what the rules were mended by; or a rule found it in
what nobody had looked at before."""
KINDS: Final = {
    "swallowed errors": ("LW101", "LW102", "LW103", "LW161"),
    "spinning loops": ("LW101", "LW116"),
    "blocking calls": ("LW111", "LW112", "LW113", "LW114", "LW115"),
    "dropped tasks": ("LW121",),
    "missing liveness": ("LW131", "LW132", "LW133", "LW134", "LW135", "LW136"),
    "reconnecting": ("LW105", "LW106", "LW107", "LW108", "LW162"),
    "two sides, many clients": ("LW122", "LW123", "LW124", "LW125", "LW139", "LW156"),
    "queues": ("LW141", "LW142", "LW143", "LW144"),
    "callbacks and messages": ("LW151", "LW152", "LW153", "LW154", "LW155", "LW157"),
    "Rust, all": tuple(f"LW{number}" for number in range(201, 228)),
}
"""The rules by the kind of mistake. Those that say how a loop goes on are in two kinds."""
SLACK: Final = 6
"""So many lines may lie between a label and the finding that is meant."""


class Place(NamedTuple):
    """A line of a file in a repository."""

    repo: str
    path: str
    line: int


class Label(NamedTuple):
    """What somebody who read a place said of it."""

    place: Place
    commit: str
    rule: str
    confidence: str
    verdict: str
    how: str
    why: str

    @property
    def faulty(self) -> bool:
        """It was known to be faulty before a rule said so."""
        return self.how in ("reading", "held") and self.verdict in ("true", "missed")


class Found(NamedTuple):
    """What a rule says of a place today."""

    place: Place
    rule: str
    confidence: Confidence

    @property
    def shown(self) -> bool:
        """It is seen unless one asks for less."""
        return self.confidence is not Confidence.LOW


@dataclass
class Comparison:
    """The list against what is found.

    Attributes:
        new: Findings that are shown and have no label.
        gone: Labels of what was found once, and is not any more.
        verdicts: Of the shown findings with a label, by rule and confidence.
        seen: The faulty places that were read, by how and rule: whether each is found, and shown.
    """

    new: list[Found] = field(default_factory=list)
    gone: list[Label] = field(default_factory=list)
    verdicts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    seen: defaultdict[tuple[str, str], list[bool]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def precision(self, *confidences: str, rule: str = "") -> tuple[int, int]:
        """The true among the shown findings that are true or false."""
        count = Counter[str]()
        for (each, confidence, verdict), number in self.verdicts.items():
            if confidence in confidences and rule in ("", each):
                count[verdict] += number
        return count["true"], count["true"] + count["false"]

    def recall(self, *rules: str, how: str = "") -> tuple[int, int]:
        """The shown among the faulty places; of all rules, or of all kinds, if none is given."""
        places = [
            one
            for (by, rule), each in self.seen.items()
            if (not rules or rule in rules) and how in ("", by)
            for one in each
        ]
        return sum(places), len(places)


def read(text: str) -> list[Label]:
    """The labels of a list.

    Raises:
        ValueError: a row is not as it should be.
    """
    rows = csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    if tuple(rows.fieldnames or ()) != COLUMNS:
        message = f"the columns are {rows.fieldnames}"
        raise ValueError(message)
    labels = []
    for number, row in enumerate(rows, 2):
        if (
            row["verdict"] not in VERDICTS
            or row["how"] not in HOWS
            or None in row
            or None in row.values()
        ):
            message = f"line {number} is not as it should be: {row}"
            raise ValueError(message)
        place = Place(row["repo"], row["path"], int(row["line"]))
        labels.append(Label(place, **{name: row[name] for name in Label._fields[1:]}))
    return labels


def find(directory: Path) -> Iterator[Found]:
    """What the rules find in the repositories below a directory, each in ``owner__name``."""
    check = {".py": check_python, ".rs": check_rust}
    for path in sorted(directory.rglob("*")):
        if path.suffix not in check or not path.is_file():
            continue
        repo, *inner = path.relative_to(directory).parts
        name = "/".join(inner)
        try:
            findings = check[path.suffix](f"{repo}/{name}", path.read_bytes())
        except SyntaxError:
            continue
        for one in findings:
            yield Found(Place(repo.replace("__", "/", 1), name, one.line), one.rule, one.confidence)


def compare(labels: Iterable[Label], found: Iterable[Found]) -> Comparison:
    """The list against what is found. Labels for files that are not there count as not found."""
    result = Comparison()
    by_file: defaultdict[tuple[str, str, str], list[Found]] = defaultdict(list)
    for one in found:
        by_file[one.place.repo, one.place.path, one.rule].append(one)
    used: set[Found] = set()
    for label in labels:
        near = _nearest(label, by_file[label.place.repo, label.place.path, label.rule])
        if near is not None:
            used.add(near)
            if near.shown:
                result.verdicts[label.rule, near.confidence.name, _verdict(label)] += 1
        elif label.verdict != "missed":
            result.gone.append(label)
        if label.faulty:
            result.seen[label.how, label.rule].append(near is not None and near.shown)
    every = (one for findings in by_file.values() for one in findings)
    result.new = sorted(one for one in every if one.shown and one not in used)
    return result


def _verdict(label: Label) -> str:
    return "true" if label.verdict == "missed" else label.verdict


def _nearest(label: Label, findings: Iterable[Found]) -> Found | None:
    """The finding that is meant: the nearest one, and of those the surest."""
    close = [one for one in findings if abs(one.place.line - label.place.line) <= SLACK]
    return min(
        close, key=lambda one: (abs(one.place.line - label.place.line), not one.shown), default=None
    )
