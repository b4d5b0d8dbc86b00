"""What a comment is to ignore."""

from __future__ import annotations

import re

import pytest

from longwire.lint.comments import Comment, ignores


@pytest.mark.parametrize(
    ("text", "what", "ids"),
    [
        ("# longwire: ignore[LW101]", "ignore", ("LW101",)),
        ("#longwire:ignore[LW101,LW111]", "ignore", ("LW101", "LW111")),
        ("# longwire: ignore [ lw101 , LW111 ] because it ends", "ignore", ("LW101", "LW111")),
        ("// longwire: ignore[LW201]", "ignore", ("LW201",)),
        ("/* longwire: ignore[LW201] */", "ignore", ("LW201",)),
        ("# longwire: ignore-file[LW101]", "ignore-file", ("LW101",)),
        ("# noqa: BLE001  # longwire: ignore[LW101]", "ignore", ("LW101",)),
        ("# type: ignore[x] longwire: ignore[LW101]", "ignore", ("LW101",)),
        ("# longwire: ignore", "ignore", ()),
        ("# longwire: disable[LW101]", "disable", ("LW101",)),
        ("# longwire: it reconnects by itself", "it", ()),
    ],
)
def test_comments(text: str, what: str, ids: tuple[str, ...]) -> None:
    """As people write them."""
    (one,) = ignores([Comment(3, 7, text, (3,))], f"\n\na = 1 {text}")
    assert (one.what, one.ids) == (what, ids)
    assert one.for_file == (what == "ignore-file")
    assert one.lines == (() if one.for_file else (3,))


@pytest.mark.parametrize("text", ["# a remark", "# see longwire", "# the longwire: word", "#"])
def test_other_comments(text: str) -> None:
    """Are passed over, even where the word is in them."""
    assert list(ignores([Comment(1, 1, text, (1,))], text)) == []


def test_where_it_stands() -> None:
    """From its own sign to the end of the ids."""
    text = "# noqa  # longwire: ignore[LW101] since"
    line = " " * 10 + text
    (one,) = ignores([Comment(1, 11, text, (1,))], line)
    assert line[one.column - 1 : one.end_column - 1] == "longwire: ignore[LW101]"


@pytest.mark.parametrize(
    ("text", "line", "lines"),
    [
        ("# longwire: ignore[LW101]\na = 1\n", 1, (2,)),
        ("a = 1\n    # longwire: ignore[LW101]\n\n    # because\n    b = 2\n", 2, (5,)),
        ("// longwire: ignore[LW201]\r\n#[tokio::main]\r\nasync fn f() {}", 1, (3,)),
        ("/* longwire: ignore[LW201]\n as said */\nf();\n", 1, (3,)),
        ("a = 1\n# longwire: ignore[LW101]\n", 2, (2,)),
    ],
)
def test_a_comment_with_a_line_for_itself(text: str, line: int, lines: tuple[int, ...]) -> None:
    """Is about the next line with code, where rustfmt has it, and people who lack room."""
    found = re.split(r"\r?\n", text)[line - 1]
    column = len(found) - len(found.lstrip()) + 1
    words = text[text.index("/*") : text.index("*/") + 2] if "/*" in text else found.strip()
    (one,) = ignores([Comment(line, column, words, (line,))], text)
    assert one.lines == lines
