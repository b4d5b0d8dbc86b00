"""From a source in hand to what is found in it, for programs and tests.

Whatever is wrong is raised, be it the source's fault or ours; `longwire.lint.check` bears it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.finding import finding
from longwire.lint.languages import PYTHON, RUST

if TYPE_CHECKING:
    from longwire.lint.finding import Finding
    from longwire.lint.languages import Language


def check_python(path: str, source: bytes) -> list[Finding]:
    """What all rules find in a Python file, in the order of its lines.

    Args:
        path: For the findings.
        source: What is in the file.

    Raises:
        SyntaxError: it is no Python, or in another encoding than it says.
    """
    return _check(PYTHON, path, source)


def check_rust(path: str, source: bytes) -> list[Finding]:
    """What all rules find in a Rust file, in the order of its lines.

    Args:
        path: For the findings.
        source: What is in the file. Parts that cannot be parsed are passed over.

    Raises:
        ParserMissing: the extra ``lint`` is not installed.
    """
    return _check(RUST, path, source)


def _check(language: Language, path: str, source: bytes) -> list[Finding]:
    if not language.is_worth_it(source):
        return []
    file = language.read(source, path)
    if not file.about_websockets:
        return []
    return sorted(
        finding(path, rule, report)
        for rule in language.rules.values()
        for report in rule.check(file)
    )
