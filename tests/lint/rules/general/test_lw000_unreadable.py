"""What is said of a file that cannot be checked."""

from __future__ import annotations

import pytest

from longwire.errors import LongwireError
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
        (
            LongwireError("Rust sources need a parser", hint="pip install 'longwire[lint]'"),
            1,
            1,
            "Rust sources need a parser",
        ),
        (MemoryError(), 1, 1, "too deeply nested, or too large"),
    ],
)
def test_the_reason_is_told(
    error: OSError | SyntaxError | RecursionError | MemoryError | LongwireError,
    line: int,
    column: int,
    reason: str,
) -> None:
    """At the line of the error, where it has one."""
    (report,) = check(error)
    assert (report.line, report.column) == (line, column)
    assert report.message.endswith(f"nothing in it is checked: {reason}")


def test_what_helps() -> None:
    """Is what the error says, if it does."""
    (report,) = check(LongwireError("no parser", hint="install it"))
    assert report.help == "install it"
    (report,) = check(SyntaxError("wrong"))
    assert report.help.startswith("mend it or exclude it")
