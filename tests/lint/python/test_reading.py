"""The text of a source is decoded as Python does it."""

from __future__ import annotations

import pytest

from longwire.lint.python.reading import decode, encode


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"a = 1", "a = 1"),
        (b"\xef\xbb\xbfa = 1", "a = 1"),
        ("# -*- coding: latin-1 -*-\n'ü'".encode("latin-1"), "# -*- coding: latin-1 -*-\n'ü'"),
    ],
)
def test_encodings(source: bytes, text: str) -> None:
    """UTF-8, with and without its mark, and what a comment names."""
    assert decode(source) == text


@pytest.mark.parametrize(
    "source",
    [b"a = 1\r\n", b"\xef\xbb\xbfa = 1", "# coding: latin-1\n'ü'".encode("latin-1")],
)
def test_back_to_what_it_was(source: bytes) -> None:
    """Byte for byte, with the mark."""
    assert encode(decode(source), source) == source


def test_what_cannot_be_encoded() -> None:
    """A character that the encoding of the file does not have."""
    with pytest.raises(UnicodeEncodeError):
        encode("'€'", b"# coding: latin-1\n")


@pytest.mark.parametrize("source", [b"# coding: klingon\n", b"'\xff'"])
def test_what_cannot_be_decoded(source: bytes) -> None:
    """As Python says it: a syntax error."""
    with pytest.raises(SyntaxError):
        decode(source)
