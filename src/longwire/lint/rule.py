"""What a rule is: a file of its own in `longwire.lint.rules` that finds one mistake.

The docstring of the file is the manual of the rule: its first line is the title, and these headings
follow: What it does, Why reception stops, Example, Use instead, Limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from longwire.lint.finding import Report, Severity

HEADINGS = ("What it does", "Why reception stops", "Example", "Use instead", "Limits")


class Rule(NamedTuple):
    """A rule.

    Attributes:
        id: ``LW1xx`` for Python, ``LW2xx`` for Rust.
        name: What is wrong, in a word or three, as a person would say it.
        severity: Of its findings, where they do not say otherwise.
        prevents: Ids of the catalogue: the causes that follow from the mistake.
        check: Gives what it finds in a file: a `PythonFile` or a `RustFile`.
    """

    id: str
    name: str
    severity: Severity
    prevents: tuple[str, ...]
    check: Callable[[Any], Iterator[Report]]
