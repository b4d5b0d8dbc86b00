"""What is said of a comment that cannot be meant; when that is so: test_suppression.py."""

from __future__ import annotations

from longwire.lint.comments import Comment, ignores
from longwire.lint.rules.general.lw002_broken_ignore import check


def test_the_problem_is_told() -> None:
    """At the comment."""
    (comment,) = ignores([Comment(4, 3, "# longwire: ignore", (4,))], "a \n" * 4)
    (report,) = check([(comment, "it names no rule")])
    assert (report.line, report.column, report.message) == (4, 3, "it names no rule")
