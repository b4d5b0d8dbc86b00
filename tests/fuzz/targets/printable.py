"""What a peer sent, made safe to print: nothing that a terminal obeys, and nothing lost."""

from __future__ import annotations

import unicodedata

from longwire.cli.printable import printable
from tests.fuzz.take import Take

CONTROLS = {"Cc", "Cs", "Zl", "Zp"}
BIDIRECTIONAL = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def check(data: bytes) -> None:
    """Bytes, or text with everything in it that text can hold."""
    take = Take(data)
    keep = take.one_of(["", "\n", "\n\t"])
    wide = take.flag()
    rest = take.rest()
    raw: str | bytes = rest
    if wide:
        raw = rest.decode("utf-32-le", "replace") if len(rest) > 7 else rest.decode("latin-1")
    shown = printable(raw, keep=keep)
    for character in shown:
        assert character in keep or unicodedata.category(character) not in CONTROLS
        assert character not in BIDIRECTIONAL
    text = raw.decode(errors="backslashreplace") if isinstance(raw, bytes) else raw
    if "\\" not in text:
        # Escapes are Python's, so that what was there can be had again.
        again = shown.encode("raw_unicode_escape").decode("unicode_escape")
        assert again == text
    shown.encode()
