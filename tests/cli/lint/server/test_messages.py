"""Findings and manuals in the words of the protocol."""

from __future__ import annotations

import pytest
from lsprotocol import types
from pygls.workspace import PositionCodec

from longwire.cli.lint.server.documents import Looked, look_at
from longwire.cli.lint.server.messages import column_of, covers, diagnostics, hover, position
from longwire.lint.catalogue import ALL_RULES
from longwire.lint.run import Options

CODEC = PositionCodec(types.PositionEncodingKind.Utf16)
TEXT = (
    "import time, websockets\n\nasync def f(ws):\n    x = '😀'; time.sleep(1)\n"
    "y = 1  # longwire: ignore[LW132]\n"
)


@pytest.fixture
def looked() -> Looked:
    """A document with two findings."""
    return look_at("feed.py", TEXT, Options(isolated=True))


def test_diagnostics(looked: Looked) -> None:
    """Places are counted as the editor does, which takes some characters for two."""
    sleep, unused = diagnostics(looked, CODEC)
    assert sleep.range == types.Range(types.Position(3, 14), types.Position(3, 27))
    assert sleep.code == "LW111"
    assert sleep.source == "longwire"
    assert sleep.severity is types.DiagnosticSeverity.Error
    assert sleep.message.endswith("\nhelp: await asyncio.sleep(...)")
    assert sleep.tags is None
    assert unused.code == "LW001"
    assert unused.tags == [types.DiagnosticTag.Unnecessary]


def test_no_diagnostics() -> None:
    """Of a document in which nothing is found."""
    assert diagnostics(Looked("feed.py", b"# coding: none"), CODEC) == []


@pytest.mark.parametrize(
    ("line", "character", "rule"),
    [
        (3, 14, "LW111"),
        (3, 27, "LW111"),
        (4, 27, "LW132"),
        (3, 13, None),
        (0, 0, None),
        (9, 0, None),
    ],
)
def test_hover(looked: Looked, line: int, character: int, rule: str | None) -> None:
    """Over a finding: the manual of its rule; over the id of a rule: that one's."""
    found = hover(
        looked._replace(findings=looked.findings[:1]), types.Position(line, character), CODEC
    )
    if rule is None:
        assert found is None
    else:
        assert found is not None
        assert isinstance(found.contents, types.MarkupContent)
        assert found.contents.kind is types.MarkupKind.Markdown
        assert found.contents.value.startswith(f"**{rule} {ALL_RULES[rule].name}** (")
        assert "## Use instead" in found.contents.value


def test_places() -> None:
    """Behind the end of a line, or of the text, is their end."""
    lines = ["a😀b\r\n", "c"]
    assert position(0, 2, lines, CODEC) == types.Position(0, 3)
    assert position(0, 99, lines, CODEC) == types.Position(0, 4)
    assert position(7, 3, lines, CODEC) == types.Position(7, 0)
    assert [column_of(types.Position(0, one), "a😀b", CODEC) for one in (0, 1, 3, 4, 9)] == [
        *(0, 1, 2, 3, 3)
    ]
    where = types.Range(types.Position(1, 2), types.Position(2, 1))
    places = [(1, 1), (1, 2), (1, 99), (2, 1), (2, 2)]
    assert [covers(where, types.Position(*one)) for one in places] == [
        False,
        True,
        True,
        True,
        False,
    ]
