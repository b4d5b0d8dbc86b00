"""JSON of our own. `VERSION` grows when a field goes or changes its meaning; some may be added."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from longwire.lint.catalogue import ALL_RULES
from longwire.lint.finding import Severity
from longwire.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from longwire.lint.finding import Finding
    from longwire.lint.run import Outcome

FORMAT: Final = "longwire-lint"
VERSION: Final = 1


def document(outcome: Outcome) -> dict[str, Any]:
    """All that came of a run."""
    severities = Counter(one.severity for one in outcome.findings)
    return {
        "format": FORMAT,
        "version": VERSION,
        "longwire": __version__,
        "findings": [_finding(one) for one in outcome.findings],
        "stale_baseline": [
            {"path": one.path, "rule": one.rule, "text": one.text, "count": one.count}
            for one in outcome.stale
        ],
        "defects": [one._asdict() for one in outcome.defects],
        "counts": {
            "files": outcome.files,
            **{str(one): severities[one] for one in Severity},
            "failing": outcome.failing,
            "ignored": outcome.ignored,
            "in_baseline": outcome.known,
            "fixed": outcome.fixed,
        },
    }


def _finding(one: Finding) -> dict[str, Any]:
    rule = ALL_RULES[one.rule]
    return {
        "path": one.path,
        "line": one.line,
        "column": one.column,
        "end_line": one.end_line,
        "end_column": one.end_column,
        "rule": one.rule,
        "name": rule.name,
        "severity": str(one.severity),
        "confidence": one.confidence.name.lower(),
        "message": one.message,
        "help": one.help,
        "prevents": list(rule.prevents),
    }


def statistics(outcome: Outcome) -> Mapping[str, int]:
    """How many findings each rule has, the most frequent first."""
    counts = Counter(one.rule for one in outcome.findings)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
