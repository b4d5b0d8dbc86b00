"""What is said of a comment that ignores nothing; when it does is shown in test_suppression.py."""

from __future__ import annotations

from longwire.lint.comments import Comment, ignores
from longwire.lint.rules.general.lw001_unused_ignore import check


def test_the_ids_are_told() -> None:
    """Those that are of no use, at the comment."""
    line = "# longwire: ignore[LW101, LW111, LW121]"
    (comment,) = ignores([Comment(4, 3, line, (4,))], "a \n" * 4)
    (report,) = check([(comment, ("LW101", "LW121"))])
    assert (report.line, report.column, report.end_column) == (4, 3, 3 + len(line))
    assert report.message.startswith("LW101 and LW121 find nothing on this line")
    assert report.help == "take LW101, LW121 away"
    (report,) = check([(comment, comment.ids)])
    assert report.help == "take it away"


def test_a_comment_for_the_file() -> None:
    """It is the file in which nothing is found."""
    (comment,) = ignores([Comment(4, 1, "# longwire: ignore-file[LW101]", (4,))], "\n" * 4)
    (report,) = check([(comment, ("LW101",))])
    assert report.message.startswith("LW101 finds nothing in this file")
