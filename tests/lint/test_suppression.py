"""What comments ignore, and what is said of the comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.lint.catalogue import ALL_RULES
from longwire.lint.comments import Comment, ignores
from longwire.lint.finding import Confidence, Finding, Severity
from longwire.lint.suppression import Settled, settle

if TYPE_CHECKING:
    from collections.abc import Collection


def found(rule: str, line: int) -> Finding:
    return Finding(
        "a.py", line, 1, line, 9, rule, Severity.ERROR, Confidence.HIGH, "stops", "do not"
    )


def settled(
    *findings: Finding, comments: dict[int, str], selected: Collection[str] = ALL_RULES
) -> Settled:
    made = [Comment(line, 9, f"# longwire: {text}", (line,)) for line, text in comments.items()]
    return settle("a.py", findings, list(ignores(made, "code()  \n" * 50)), selected)


def told(outcome: Settled) -> list[tuple[int, str]]:
    return [(one.line, one.rule) for one in outcome.findings]


def test_a_comment_on_the_line_ignores() -> None:
    """Only the rules that it names, only there."""
    outcome = settled(
        found("LW101", 3), found("LW111", 3), found("LW101", 4), comments={3: "ignore[LW101]"}
    )
    assert told(outcome) == [(3, "LW111"), (4, "LW101")]
    assert outcome.ignored == 1


def test_a_comment_at_the_end_of_the_expression_ignores() -> None:
    """A formatter may have broken the line, and taken the comment there."""
    one = found("LW101", 3)._replace(end_line=5)
    assert settled(one, comments={5: "ignore[LW101]"}) == Settled([], 1)
    assert told(settled(one, comments={4: "ignore[LW101]"})) == [(3, "LW101"), (4, "LW001")]


def test_a_comment_above_ignores() -> None:
    """And what is said of it can be ignored by itself all the same."""
    lines = "\n\n# longwire: ignore[LW101, LW001]\ncode()\n"
    comments = list(ignores([Comment(3, 1, lines.splitlines()[2], (3,))], lines))
    assert settle("a.py", [found("LW101", 4)], comments, ALL_RULES) == Settled([], 1)
    assert settle("a.py", [], comments, ALL_RULES) == Settled([], 0)


def test_a_comment_for_the_file() -> None:
    """Wherever it stands."""
    outcome = settled(found("LW101", 3), found("LW101", 40), comments={9: "ignore-file[LW101]"})
    assert outcome == Settled([], 2)


def test_a_comment_that_ignores_nothing() -> None:
    """Is a finding of its own, which names the ids that are of no use."""
    outcome = settled(found("LW101", 3), comments={3: "ignore[LW101, LW111]", 5: "ignore[LW101]"})
    assert told(outcome) == [(3, "LW001"), (5, "LW001")]
    first, second = outcome.findings
    assert first.message.startswith("LW111 finds nothing on this line")
    assert first.help == "take LW111 away"
    assert second.help == "take it away"
    assert first.path == "a.py"


def test_a_rule_that_was_not_asked_cannot_tell() -> None:
    """So a comment about it is not called useless, unless all rules are asked."""
    assert settled(comments={3: "ignore[LW101]"}, selected={"LW001", "LW111"}).findings == []
    assert settled(comments={3: "ignore[LW101]"}, selected={"LW101"}).findings == []


def test_comments_that_cannot_be_meant() -> None:
    """No rule, one that there is not, another word; a remark about longwire is none of these."""
    outcome = settled(
        found("LW101", 1),
        comments={
            1: "ignore[LW999, LW101]",
            2: "ignore",
            3: "disable[LW101]",
            4: "it reconnects by itself",
        },
    )
    assert told(outcome) == [(1, "LW002"), (2, "LW002"), (3, "LW002")]
    texts = [one.message for one in outcome.findings]
    assert texts[0] == "there is no rule LW999"
    assert "names no rule" in texts[1]
    assert "no longwire: disable" in texts[2]


def test_what_is_said_of_comments_can_be_ignored_too() -> None:
    """By the comment itself, or for the file."""
    assert settled(comments={3: "ignore[LW101, LW001]"}).findings == []
    both = {1: "ignore-file[LW001]", 3: "ignore[LW101]"}
    assert settled(comments=both).findings == []
