"""The text of a Rust file."""

from __future__ import annotations

import pytest

from longwire.lint.rust.reading import decode


def test_rust_is_utf_8() -> None:
    """With a mark in front, or without."""
    assert decode("größe".encode()) == "größe"
    assert decode(b"\xef\xbb\xbffn") == "fn"
    with pytest.raises(SyntaxError, match="utf-8, at byte 1"):
        decode(b"a\xff")
