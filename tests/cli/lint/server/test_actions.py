"""What an editor offers to do about a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lsprotocol import types
from pygls.workspace import PositionCodec

from longwire.cli.lint.server.actions import FIX_ALL, actions, text_edits
from longwire.cli.lint.server.documents import look_at
from longwire.lint.lines import lines_with_ends
from longwire.lint.run import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

CODEC = PositionCodec(types.PositionEncodingKind.Utf16)
URI = "file:///feed.py"
HEAD = "import time, websockets\n\nasync def f(ws):\n"
TEXT = f"{HEAD}    time.sleep(1)\n    time.sleep(2)"
ALL = types.Range(types.Position(0, 0), types.Position(99, 0))
FIRST = types.Range(types.Position(3, 8), types.Position(3, 8))


def found(
    text: str, where: types.Range, only: Sequence[str] | None = None
) -> list[types.CodeAction]:
    looked = look_at("feed.py", text, Options(isolated=True))
    return actions(URI, looked, where, only, CODEC)


def applied(text: str, edits: Sequence[types.TextEdit]) -> str:
    """A text with edits made as an editor makes them."""
    lines = lines_with_ends(text)

    def offset(place: types.Position) -> int:
        units = lines[place.line].encode("utf-16-le")[: 2 * place.character]
        return sum(map(len, lines[: place.line])) + len(units.decode("utf-16-le"))

    for edit in sorted(edits, key=lambda one: offset(one.range.start), reverse=True):
        start, end = offset(edit.range.start), offset(edit.range.end)
        text = text[:start] + edit.new_text + text[end:]
    return text


def after(action: types.CodeAction, text: str) -> str:
    assert action.edit is not None
    assert action.edit.changes is not None
    return applied(text, action.edit.changes[URI])


def test_about_a_finding() -> None:
    """Fix it, or ignore it; then whatever can be fixed in the document."""
    fix, ignore, everything = found(TEXT, FIRST)
    assert fix.title == "Await asyncio.sleep instead (LW111)"
    assert fix.is_preferred
    assert fix.diagnostics is not None
    assert fix.diagnostics[0].range.start == types.Position(3, 4)
    asyncio = TEXT.replace("import time", "import asyncio\nimport time")
    assert after(fix, TEXT) == asyncio.replace("time.sleep(1)", "await asyncio.sleep(1)")
    assert ignore.title == "Ignore LW111 on this line"
    assert after(ignore, TEXT) == TEXT.replace("(1)", "(1)  # longwire: ignore[LW111]")
    assert everything.kind == FIX_ALL
    assert after(everything, TEXT) == asyncio.replace("time.sleep", "await asyncio.sleep")


@pytest.mark.parametrize(
    ("only", "kinds"),
    [
        (["quickfix"], {"quickfix"}),
        (["source"], {FIX_ALL}),
        (["source.fixAll"], {FIX_ALL}),
        ([FIX_ALL], {FIX_ALL}),
        (["refactor", "source.fixAll.other"], set()),
        (None, {"quickfix", FIX_ALL}),
    ],
)
def test_kinds(only: list[str] | None, kinds: set[str]) -> None:
    """An editor that saves asks for one kind alone."""
    assert {one.kind for one in found(TEXT, ALL, only)} == kinds


def test_what_cannot_be_fixed() -> None:
    """Can be ignored."""
    helper = "import time, websockets\n\ndef g():\n    time.sleep(1)\n\nasync def f(ws):\n    g()\n"
    assert [one.title for one in found(helper, ALL)] == ["Ignore LW111 on this line"]
    assert found(TEXT, types.Range(types.Position(0, 0), types.Position(0, 9)), ["quickfix"]) == []


@pytest.mark.parametrize(
    ("before", "later"),
    [
        ("a\nb", "a\nb"),
        ("a\nb", "b"),
        ("", "x\n"),
        ("a\r\nü😀", "a\r\nü😀\n"),
        ("a\r\nü😀", "ü\r\nb"),
        ("a\n", ""),
        ("a\rb\x0cc\nd", "a\rb\x0cx\nd"),
    ],
)
def test_edits(before: str, later: str) -> None:
    """Make one text of another, at the end of it, too."""
    lines = lines_with_ends(before), lines_with_ends(later)
    assert applied(before, list(text_edits(*lines, CODEC))) == later
