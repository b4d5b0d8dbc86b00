"""What a comment is to ignore."""

from __future__ import annotations

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
    (one,) = ignores([Comment(3, 5, text, (3,))])
    assert (one.what, one.ids) == (what, ids)
    assert one.for_file == (what == "ignore-file")
    assert one.lines == (() if one.for_file else (3,))


@pytest.mark.parametrize("text", ["# a remark", "# see longwire", "# the longwire: word", "#"])
def test_other_comments(text: str) -> None:
    """Are passed over, even where the word is in them."""
    assert list(ignores([Comment(1, 1, text, (1,))])) == []


def test_where_it_stands() -> None:
    """From its own sign to the end of the ids."""
    text = "# noqa  # longwire: ignore[LW101] since"
    (one,) = ignores([Comment(1, 11, text, (1,))])
    line = " " * 10 + text
    assert line[one.column - 1 : one.end_column - 1] == "longwire: ignore[LW101]"
