"""Makes safe to print what a peer sent: messages, close reasons, headers, URLs.

A terminal obeys control characters. A peer that is hostile, or merely binary, could move the
cursor, retitle the window, hide a line or reverse the reading order of one. So whatever did not
come from us goes through `printable` before it is printed. (Text for rich goes into a
``rich.text.Text`` besides, for rich has a markup of its own.)
"""

from __future__ import annotations

from unicodedata import category

_DANGEROUS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, formats (bidirectional overrides among them), lone surrogates, private and unassigned
characters, line and paragraph separators: Unicode's names for these categories."""

_JOINERS = "\u200c\u200d"
"""Formats that writing needs: emoji and several scripts join and part characters by them."""


def printable(data: str | bytes, *, keep: str = "") -> str:
    r"""``data``, every character that a terminal might obey shown as an escape such as ``\x1b``.

    Backslashes of the text itself stay as they are, so JSON stays readable.

    Args:
        data: The text; bytes are read as UTF-8, and what is not UTF-8 is shown as ``\xff``.
        keep: Control characters to let through all the same, for instance ``"\n\t"``.
    """
    text = data.decode(errors="backslashreplace") if isinstance(data, bytes) else data
    if text.isprintable():
        return text
    return "".join(
        character if character in keep or not _is_dangerous(character) else _escape(character)
        for character in text
    )


def _is_dangerous(character: str) -> bool:
    return category(character) in _DANGEROUS and character not in _JOINERS


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
