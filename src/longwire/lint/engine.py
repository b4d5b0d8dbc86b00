"""From the source of a file to what is found in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.catalogue import PYTHON_RULES, RUST_RULES
from longwire.lint.finding import Finding
from longwire.lint.python.file import PythonFile, may_be_about_websockets
from longwire.lint.python.reading import decode
from longwire.lint.rust import file as rust

if TYPE_CHECKING:
    from longwire.lint.finding import Report
    from longwire.lint.rule import Rule


def check_python(path: str, source: bytes) -> list[Finding]:
    """What all rules find in a Python file, in the order of its lines.

    Args:
        path: For the findings.
        source: What is in the file.

    Raises:
        SyntaxError: it is no Python, or in another encoding than it says.
    """
    if not may_be_about_websockets(source):
        return []
    file = PythonFile(decode(source), path)
    if not file.about_websockets:
        return []
    return sorted(
        _finding(path, rule, report)
        for rule in PYTHON_RULES.values()
        for report in rule.check(file)
    )


def check_rust(path: str, source: bytes) -> list[Finding]:
    """What all rules find in a Rust file, in the order of its lines.

    Args:
        path: For the findings.
        source: What is in the file. Parts that cannot be parsed are passed over.

    Raises:
        ParserMissing: the extra ``lint`` is not installed.
    """
    if not rust.may_be_about_websockets(source):
        return []
    file = rust.RustFile(source)
    if not file.about_websockets:
        return []
    return sorted(
        _finding(path, rule, report) for rule in RUST_RULES.values() for report in rule.check(file)
    )


def _finding(path: str, rule: Rule, report: Report) -> Finding:
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
