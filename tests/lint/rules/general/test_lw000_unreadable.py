"""What is said of a file that cannot be checked."""

from __future__ import annotations

import pytest

from longwire.lint.rules.general.lw000_unreadable import check


@pytest.mark.parametrize(
    ("error", "line", "column", "reason"),
    [
        (SyntaxError("wrong", ("a.py", 3, 5, "text")), 3, 5, "wrong"),
        (SyntaxError("wrong", ("a.py", 0, 0, None)), 1, 1, "wrong"),
        (SyntaxError(), 1, 1, "a syntax error"),
        (PermissionError(13, "Permission denied"), 1, 1, "Permission denied"),
        (OSError(), 1, 1, "OSError"),
        (RecursionError("x"), 1, 1, "too deeply nested, or too large"),
        (MemoryError(), 1, 1, "too deeply nested, or too large"),
    ],
)
def test_the_reason_is_told(
    error: OSError | SyntaxError | RecursionError | MemoryError,
    line: int,
    column: int,
    reason: str,
) -> None:
    """At the line of the error, where it has one."""
    (report,) = check(error)
    assert (report.line, report.column) == (line, column)
    assert report.message.endswith(f"nothing in it is checked: {reason}")
