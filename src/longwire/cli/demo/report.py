"""What came out: each break, each interruption, the sum; told in plain text and JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from longwire.cli.units import milliseconds, span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.core.causes import Interruption

Outcome = Literal["due", "running", "recovered", "survived", "failed"]

NOTE = "Most of the gaps were numbered while nobody listened, and went to nobody."
"""What the sum compares with, said honestly: the feed counts on, whether it can send or not."""


@dataclass
class Row:
    """One break, as it goes on."""

    name: str
    happens: str
    outcome: Outcome = "due"
    cause: str = ""
    """The id of the cause that the client named."""
    title: str = ""
    blame: str = ""
    reasons: tuple[str, ...] = ()
    noticed_after: float | None = None
    """Seconds from the last sign of life until the client knew."""
    back_after: float | None = None
    """Seconds from then on until messages came again."""
    struck: list[Interruption] = field(default_factory=list)
    """Every interruption that it made, as they stand now."""
    lost: int = 0
    """Numbers that are known to be missing."""
    note: str = ""
    _decided: bool = False

    @property
    def interruptions(self) -> int:
        """How many there were."""
        return len(self.struck)

    def take(self, interruption: Interruption) -> None:
        """What the client made of it, and makes of it now."""
        keep(self.struck, interruption)
        if not self._decided:
            self._show(interruption)

    def decide(self, interruption: Interruption) -> None:
        """This one has the cause that was to be named: it stands for the break."""
        self._decided = True
        self._show(interruption)

    def _show(self, interruption: Interruption) -> None:
        self.cause = interruption.cause.id
        self.title = interruption.cause.title
        self.blame = interruption.cause.blame
        self.reasons = interruption.reasons
        self.noticed_after = noticed_after(interruption)
        self.back_after = back_after(interruption)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "break": self.name,
            "happens": self.happens,
            "outcome": self.outcome,
            "cause": self.cause,
            "title": self.title,
            "blame": self.blame,
            "reasons": list(self.reasons),
            "noticed_after_ms": milliseconds(self.noticed_after),
            "recovered_after_ms": milliseconds(self.back_after),
            "interruptions_total": self.interruptions,
            "interruptions": [interruption_as_json(one) for one in self.struck],
            "lost_total": self.lost,
            "note": self.note,
        }


def keep(struck: list[Interruption], interruption: Interruption) -> None:
    """Add an interruption, or what it has become since it was noticed."""
    if struck and struck[-1].noticed == interruption.noticed:
        struck[-1] = interruption
    else:
        struck.append(interruption)


def noticed_after(interruption: Interruption) -> float:
    """Seconds from the last sign of life until the client knew."""
    return interruption.noticed - interruption.started


def back_after(interruption: Interruption) -> float | None:
    """Seconds from then on until messages came again; None while none do."""
    return None if interruption.ended is None else interruption.ended - interruption.noticed


def interruption_as_json(one: Interruption) -> dict[str, Any]:
    """For machines."""
    return {
        "cause": one.cause.id,
        "title": one.cause.title,
        "blame": one.cause.blame,
        "reasons": list(one.reasons),
        "outcome": one.outcome,
        "noticed_after_ms": milliseconds(noticed_after(one)),
        "recovered_after_ms": milliseconds(back_after(one)),
    }


@dataclass
class Report:
    """The whole demonstration, as it goes on."""

    rows: list[Row]
    received: int = 0
    lost: int = 0
    numbered: int | None = None
    """How many numbers the feed says there were; None until it is asked."""
    strays: list[Interruption] = field(default_factory=list)
    """Interruptions while no break was played."""
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    @property
    def sum_is_right(self) -> bool:
        """Whether every number was received, or is known to be missing."""
        return self.numbered is not None and self.received + self.lost == self.numbered

    @property
    def interruptions(self) -> int:
        """How many there were in all."""
        return sum(row.interruptions for row in self.rows) + len(self.strays)

    @property
    def ok(self) -> bool:
        """Whether everything went as it should."""
        done = all(row.outcome in {"recovered", "survived"} for row in self.rows)
        return done and self.sum_is_right and not self.problems

    @property
    def sum_line(self) -> str:
        """The sum, as it stands."""
        total = self.received + self.lost
        line = f"received {self.received:,} + known gaps {self.lost:,} = {total:,}"
        return line if self.numbered is None else f"{line}; numbered {self.numbered:,}"

    @property
    def verdict(self) -> str:
        """What the sum says."""
        if self.numbered is None:
            return "not checked"
        return "the sum is right" if self.sum_is_right else "THE SUM IS WRONG"

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "ok": self.ok,
            "received_total": self.received,
            "known_gaps_total": self.lost,
            "numbered_total": self.numbered,
            "sum_is_right": self.sum_is_right,
            "note": NOTE,
            "interruptions_total": self.interruptions,
            "stray_interruptions": [interruption_as_json(one) for one in self.strays],
            "duration_ms": milliseconds(self.seconds),
            "problems": self.problems,
            "breaks": [row.as_json() for row in self.rows],
        }

    def lines(self) -> list[str]:
        """The table and the sum, for a terminal without colours, and for files."""
        cells = [("break", "outcome", "cause", "noticed", "back", "lost")]
        for row in self.rows:
            cells += _cells(row)
        cells += [("-", one.outcome, *_told(one), "") for one in self.strays]
        widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
        table = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]
        return [*table, "", NOTE, *self.problems, f"{self.sum_line}: {self.verdict}"]


def _cells(row: Row) -> Iterator[tuple[str, str, str, str, str, str]]:
    """A line for each interruption, or for what the client survived without one."""
    if not row.struck or row.outcome == "survived":
        cause, times = cause_of(row), (span(row.noticed_after), span(row.back_after))
        yield name_of(row), row.outcome, cause, *times, f"{row.lost:,}"
        return
    *earlier, last = row.struck
    for at, one in enumerate(earlier):
        yield "" if at else name_of(row), row.outcome, *_told(one), ""
    yield "" if earlier else name_of(row), row.outcome, *_told(last), f"{row.lost:,}"


def _told(one: Interruption) -> tuple[str, str, str]:
    cause = f"{one.cause.title} [{one.cause.id}]"
    return cause, span(noticed_after(one)), span(back_after(one))


def name_of(row: Row) -> str:
    """The break, and how often it struck."""
    return row.name if row.interruptions < 2 else f"{row.name} x{row.interruptions}"


def cause_of(row: Row) -> str:
    """The cause's title and id."""
    return f"{row.title} [{row.cause}]" if row.cause else "-"
