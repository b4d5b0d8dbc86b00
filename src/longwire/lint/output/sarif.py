"""SARIF 2.1.0, the format of static analysis that code hosts and editors read."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from longwire.lint.catalogue import ALL_RULES
from longwire.lint.finding import Severity
from longwire.lint.manual import about, manual_of
from longwire.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.finding import Finding
    from longwire.lint.rule import Rule
    from longwire.lint.run import Outcome

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_ROOT: Final = "%SRCROOT%"
_INDEX: Final = {rule: number for number, rule in enumerate(ALL_RULES)}


def log(outcome: Outcome) -> dict[str, Any]:
    """A log with one run in it."""
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "longwire",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "rules": [_rule(one) for one in ALL_RULES.values()],
                    }
                },
                "invocations": [_invocation(outcome)],
                "originalUriBaseIds": {_ROOT: {"uri": f"{Path.cwd().as_uri().rstrip('/')}/"}},
                "columnKind": "unicodeCodePoints",
                "results": list(_results(outcome)),
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    title = about(rule).replace("`", "")
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": f"{title}."},
        "help": {"text": manual_of(rule), "markdown": manual_of(rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["websocket", *rule.prevents]},
    }


def _invocation(outcome: Outcome) -> dict[str, Any]:
    return {
        "executionSuccessful": not outcome.defects,
        "toolExecutionNotifications": [
            {
                "level": "error",
                "message": {"text": f"{one.rule or 'the linter'} failed: {one.error}"},
                "locations": [{"physicalLocation": {"artifactLocation": _artifact(one.path)}}],
                "exception": {"message": one.traceback or one.error},
            }
            for one in outcome.defects
        ],
    }


def _results(outcome: Outcome) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for one in outcome.findings:
        same = "\0".join((one.rule, one.path.replace(os.sep, "/"), outcome.line(one).strip()))
        digest = hashlib.blake2b(same.encode(errors="replace"), digest_size=16).hexdigest()
        seen[digest] += 1
        yield {
            "ruleId": one.rule,
            "ruleIndex": _INDEX[one.rule],
            "level": _LEVELS[one.severity],
            "message": {"text": f"{one.message}. Instead: {one.help}."},
            "locations": [{"physicalLocation": _place(one)}],
            # So that a result is known again when lines have moved.
            "partialFingerprints": {"longwire/v1": f"{digest}:{seen[digest]}"},
            "properties": {"confidence": one.confidence.name.lower()},
        }


def _place(one: Finding) -> dict[str, Any]:
    region = {
        "startLine": one.line,
        "startColumn": one.column,
        "endLine": one.end_line,
        "endColumn": one.end_column,
    }
    return {"artifactLocation": _artifact(one.path), "region": region}


def _artifact(path: str) -> dict[str, Any]:
    absolute = os.path.abspath(path)  # noqa: PTH100 - links are not followed
    try:
        relative = os.path.relpath(absolute)
    except ValueError:  # on another drive
        relative = ".."
    if Path(relative).parts[:1] == ("..",):
        return {"uri": Path(absolute).as_uri()}
    return {"uri": quote(os.fsencode(relative.replace(os.sep, "/"))), "uriBaseId": _ROOT}
