"""JSON of our own: as the documentation says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from longwire.lint.baseline import Entry
from longwire.lint.check import Defect
from longwire.lint.finding import Confidence, Finding, Severity
from longwire.lint.output.records import document, statistics
from longwire.lint.run import Outcome
from longwire.version import __version__

ROOT = Path(__file__).parents[3]


def found(rule: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding("a.py", 1, 2, 3, 4, rule, severity, Confidence.HIGH, "it stops", "do not")


OUTCOME = Outcome(
    findings=[found("LW111"), found("LW101"), found("LW111"), found("LW001", Severity.WARNING)],
    failing=4,
    defects=[Defect("b.py", "LW101", "KeyError: 'x'", "Traceback ...")],
    files=7,
    ignored=2,
    known=1,
    stale=[Entry("c.py", "LW111", "sleep()", 2)],
)


def test_a_finding() -> None:
    """All that is known of it."""
    assert document(OUTCOME)["findings"][0] == {
        "path": "a.py",
        "line": 1,
        "column": 2,
        "end_line": 3,
        "end_column": 4,
        "rule": "LW111",
        "name": "blocking-sleep",
        "severity": "error",
        "confidence": "high",
        "message": "it stops",
        "help": "do not",
        "prevents": ["blocked-event-loop"],
    }


def test_the_document() -> None:
    """Its format and version first, then what there is."""
    told = document(OUTCOME)
    assert list(told)[:3] == ["format", "version", "longwire"]
    assert (told["format"], told["version"], told["longwire"]) == ("longwire-lint", 1, __version__)
    assert told["counts"] == {
        "files": 7,
        "error": 3,
        "warning": 1,
        "info": 0,
        "failing": 4,
        "ignored": 2,
        "in_baseline": 1,
        "fixed": 0,
    }
    assert told["stale_baseline"] == [
        {"path": "c.py", "rule": "LW111", "text": "sleep()", "count": 2}
    ]
    assert told["defects"][0]["rule"] == "LW101"


def test_statistics() -> None:
    """The most frequent rule first."""
    assert list(statistics(OUTCOME).items()) == [("LW111", 2), ("LW001", 1), ("LW101", 1)]


def test_the_documented_schema() -> None:
    """What is written has all that the schema demands, and nothing that it does not know."""
    jsonschema = pytest.importorskip("jsonschema")
    schema: Any = json.loads((ROOT / "docs" / "lint-schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for outcome in (OUTCOME, Outcome()):
        validator.validate(json.loads(json.dumps(document(outcome))))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(document(OUTCOME) | {"surprise": 1})
