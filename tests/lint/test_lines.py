"""What ends a line."""

from __future__ import annotations

import pytest

from longwire.lint.lines import lines_with_ends


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a\n", ""]),
        ("a\r\nb\rc\x0cd\u2028e\n\nf", ["a\r\n", "b\r", "c\x0cd\u2028e\n", "\n", "f"]),
    ],
)
def test_lines(text: str, lines: list[str]) -> None:
    """Nothing is lost."""
    assert lines_with_ends(text) == lines
    assert "".join(lines) == text
