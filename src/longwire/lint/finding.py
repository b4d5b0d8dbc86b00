"""What a rule has found."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from longwire.lint.rule import Rule


class Severity(enum.StrEnum):
    """How bad it is where it is true."""

    ERROR = "error"
    """Reception stops, or the program stands still, as soon as it happens."""
    WARNING = "warning"
    """It stops reception when something else happens, too: a slow peer, a bad message."""
    INFO = "info"
    """Worth knowing; often on purpose."""


class Confidence(enum.IntEnum):
    """How likely it is that the code does what the message says."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Report(NamedTuple):
    """What a rule says of a place in the file that it was given.

    Attributes:
        line: From 1.
        column: From 1, in characters.
        message: What happens at run time, in a sentence without its full stop.
        help: What to write instead.
        confidence: Of this very place.
        severity: None for the rule's own.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    help: str
    confidence: Confidence = Confidence.HIGH
    severity: Severity | None = None


class Finding(NamedTuple):
    """A report with all that a reader of the output wants to know.

    Attributes:
        path: Of the file, as it was given.
        rule: Id of the rule, such as ``"LW101"``.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    rule: str
    severity: Severity
    confidence: Confidence
    message: str
    help: str


def finding(path: str, rule: Rule, report: Report) -> Finding:
    """A report of a rule, with all that a reader of the output wants to know."""
    return Finding(
        path,
        report.line,
        report.column,
        report.end_line,
        report.end_column,
        rule.id,
        report.severity or rule.severity,
        report.confidence,
        report.message,
        report.help,
    )
