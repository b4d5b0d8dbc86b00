"""Edits of a text."""

from __future__ import annotations

import pytest

from longwire.lint.fixes.fix import Edit, apply


def test_edits_in_any_order() -> None:
    """Each is about the text as it was; the same one twice is one."""
    edits = [Edit(4, 5, "E"), Edit(0, 0, "> "), Edit(1, 3, ""), Edit(0, 0, "> ")]
    assert apply("abcde", edits) == "> adE"
    assert apply("abc", []) == "abc"


def test_edits_that_contradict() -> None:
    """Cannot be made."""
    with pytest.raises(ValueError, match="overlap"):
        apply("abcde", [Edit(0, 3, ""), Edit(2, 4, "")])
