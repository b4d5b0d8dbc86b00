"""What a peer sent cannot command the terminal it is printed on."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.cli.printable import printable

DANGEROUS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
JOINERS = {"\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}"}


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("plain text", "plain text"),
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("one\r\ntwo\tthree", r"one\r\ntwo\tthree"),
        ("null\0del\x7f", r"null\x00del\x7f"),
        ("abc\u202edcba", r"abc\u202edcba"),
        ("\u2066isolate\u2069\u200f\u061c", r"\u2066isolate\u2069\u200f\u061c"),
        ("line\u2028paragraph\u2029", r"line\u2028paragraph\u2029"),
        ("tag\U000e0041 bom\ufeff", r"tag\U000e0041 bom\ufeff"),
        ("lone\ud800surrogate", r"lone\ud800surrogate"),
        (r'{"path": "C:\\temp\n"}', r'{"path": "C:\\temp\n"}'),
        ("Grüße, 世界 👩\u200d🚀", "Grüße, 世界 👩\u200d🚀"),
        (b"bytes: \xff\x00 \xc3\xa9", r"bytes: \xff\x00 é"),
        (b"", ""),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(sent: str | bytes, shown: str) -> None:
    """Controls, ANSI sequences, bidirectional marks, undecodable bytes are escaped; text stays."""
    assert printable(sent) == shown


def test_keep_lets_chosen_controls_through() -> None:
    """``keep`` names the only control characters that stay."""
    assert printable("a\n\tb\x1b", keep="\n\t") == "a\n\tb\\x1b"


@given(st.text(st.characters()) | st.binary())
def test_nothing_dangerous_is_left(sent: str | bytes) -> None:
    """Whatever was sent, what is shown has no dangerous character and can be encoded."""
    shown = printable(sent)
    assert {unicodedata.category(c) for c in shown if c not in JOINERS}.isdisjoint(DANGEROUS)
    shown.encode()


@given(st.text(st.characters()))
def test_showing_twice_is_showing_once(sent: str) -> None:
    """What has been made printable stays as it is."""
    assert printable(printable(sent)) == printable(sent)
