"""What came out: a row for each break, the sum, and how they are told in plain text and JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from longwire.cli.units import milliseconds, span

if TYPE_CHECKING:
    from longwire.core.causes import Interruption

Outcome = Literal["due", "running", "recovered", "survived", "failed"]


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
    interruptions: int = 0
    lost: int = 0
    """Numbers that are known to be missing."""
    note: str = ""

    def take(self, interruption: Interruption) -> None:
        """What the client made of it."""
        self.cause = interruption.cause.id
        self.title = interruption.cause.title
        self.blame = interruption.cause.blame
        self.reasons = interruption.reasons
        self.noticed_after = interruption.noticed - interruption.started
        if interruption.ended is not None:
            self.back_after = interruption.ended - interruption.noticed

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
            "lost_total": self.lost,
            "note": self.note,
        }


@dataclass
class Report:
    """The whole demonstration, as it goes on."""

    rows: list[Row]
    received: int = 0
    lost: int = 0
    sent: int | None = None
    """What the feed says that it has sent; None until it is asked."""
    interruptions: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    @property
    def sum_is_right(self) -> bool:
        """Whether every number was received, or is known to be missing."""
        return self.sent is not None and self.received + self.lost == self.sent

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
        return line if self.sent is None else f"{line}; sent {self.sent:,}"

    @property
    def verdict(self) -> str:
        """What the sum says."""
        if self.sent is None:
            return "not checked"
        return "the sum is right" if self.sum_is_right else "THE SUM IS WRONG"

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "ok": self.ok,
            "received_total": self.received,
            "known_gaps_total": self.lost,
            "sent_total": self.sent,
            "sum_is_right": self.sum_is_right,
            "interruptions_total": self.interruptions,
            "duration_ms": milliseconds(self.seconds),
            "problems": self.problems,
            "breaks": [row.as_json() for row in self.rows],
        }

    def lines(self) -> list[str]:
        """The table and the sum, for a terminal without colours, and for files."""
        cells = [("break", "outcome", "cause", "noticed", "back", "lost")]
        cells += [
            (
                name_of(row),
                row.outcome,
                cause_of(row),
                span(row.noticed_after),
                span(row.back_after),
                f"{row.lost:,}",
            )
            for row in self.rows
        ]
        widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
        table = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]
        return [*table, "", f"{self.sum_line}: {self.verdict}", *self.problems]


def name_of(row: Row) -> str:
    """The break, and how often it struck."""
    return row.name if row.interruptions < 2 else f"{row.name} x{row.interruptions}"


def cause_of(row: Row) -> str:
    """The cause's title and id."""
    return f"{row.title} [{row.cause}]" if row.cause else "-"
