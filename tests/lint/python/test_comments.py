"""The comments of a Python file, and the lines that they are about."""

from __future__ import annotations

import pytest

from longwire.lint.python.comments import comments


def about(text: str) -> list[tuple[int, ...]]:
    return [one.about for one in comments(text)]


def test_strings_are_no_comments() -> None:
    """Whatever is in them."""
    text = 'a = "# longwire: ignore[LW101]"\nb = """\n# x\n"""\nc = f"{a} # y"  # z\n'
    (one,) = comments(text)
    assert (one.line, one.text) == (5, "# z")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a = 1  # x\n", (1,)),
        ("# x\na = 1\n", (1,)),
        ('send("""\na\n""")  # x\n', (1, 2, 3)),
        ('send(\n    """\na\n""",  # x\n)\n', (2, 3, 4)),
        ("a = 1 + \\\n    2  # x\n", (1, 2)),
        ("if a:\n\n    b = 1  # x\n", (3,)),
        ("call(\n    a,\n    b,  # x\n)\n", (3,)),
        ('a = 1\nb = """\n"""\nc = 1  # x\n', (4,)),
    ],
)
def test_the_lines_that_a_comment_is_about(text: str, lines: tuple[int, ...]) -> None:
    """Its own, and those before it that can have none: a string or a backslash is at their end."""
    assert about(text) == [lines]


def test_line_ends_of_all_kinds() -> None:
    """Lines are counted as the parser does."""
    assert about("a = 1\r\nb = 2  # x\r\n") == [(2,)]
    assert about("a = 1\rb = 2  # x\r") == [(2,)]


def test_columns_are_characters() -> None:
    """From 1."""
    (one,) = comments('a = "äöü"  # x\n')
    assert one.column == 12


def test_what_the_tokenizer_cannot_read() -> None:
    """Has no comments; its findings are told, then."""
    assert comments("a = (\n# x\n") == []
