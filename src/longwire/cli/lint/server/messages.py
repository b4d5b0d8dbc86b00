"""What is found, in the words of the protocol: diagnostics, and the manuals of rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from longwire.lint.catalogue import ALL_RULES
from longwire.lint.finding import Severity
from longwire.lint.manual import manual_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygls.workspace import PositionCodec

    from longwire.cli.lint.server.documents import Looked
    from longwire.lint.finding import Finding

SOURCE: Final = "longwire"
_SEVERITIES: Final = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
_UNNECESSARY: Final = frozenset({"LW001"})
"""Rules whose findings are of no use where they stand; an editor shows them faded."""
_ID: Final = re.compile(r"\bLW\d{3}\b", re.IGNORECASE)


def diagnostics(looked: Looked, codec: PositionCodec) -> list[types.Diagnostic]:
    """What is found in a document."""
    lines = looked.lines if looked.findings else []
    return [
        types.Diagnostic(
            range=range_of(one, lines, codec),
            severity=_SEVERITIES[one.severity],
            code=one.rule,
            source=SOURCE,
            message=f"{one.message}\nhelp: {one.help}",
            tags=[types.DiagnosticTag.Unnecessary] if one.rule in _UNNECESSARY else None,
        )
        for one in looked.findings
    ]


def range_of(one: Finding, lines: Sequence[str], codec: PositionCodec) -> types.Range:
    """Where a finding is, in the units of the editor."""
    return types.Range(
        position(one.line - 1, one.column - 1, lines, codec),
        position(one.end_line - 1, one.end_column - 1, lines, codec),
    )


def position(line: int, column: int, lines: Sequence[str], codec: PositionCodec) -> types.Position:
    """A place in the units of the editor.

    Args:
        line: From 0.
        column: In characters, from 0.
        lines: Of the document.
        codec: Counts in the units of the editor.
    """
    text = lines[line].rstrip("\r\n") if line < len(lines) else ""
    return types.Position(line, codec.client_num_units(text[:column]))


def column_of(place: types.Position, text: str, codec: PositionCodec) -> int:
    """The column, in characters, of a place in a line."""
    column = 0
    while column < len(text) and codec.client_num_units(text[:column]) < place.character:
        column += 1
    return column


def hover(looked: Looked, place: types.Position, codec: PositionCodec) -> types.Hover | None:
    """The manuals of what is found at a place, or of the rule that is named there."""
    lines = looked.lines
    if place.line >= len(lines):
        return None
    rules = [one.rule for one in looked.findings if covers(range_of(one, lines, codec), place)]
    if not rules:
        column = column_of(place, lines[place.line], codec)
        rules = [
            found[0].upper()
            for found in _ID.finditer(lines[place.line])
            if found.start() <= column <= found.end()
        ]
    texts = [_manual(one) for one in dict.fromkeys(rules) if one in ALL_RULES]
    if not texts:
        return None
    content = types.MarkupContent(types.MarkupKind.Markdown, "\n\n---\n\n".join(texts))
    return types.Hover(content)


def covers(where: types.Range, place: types.Position) -> bool:
    """Whether a place is in a range, or at its end."""
    return (
        (where.start.line, where.start.character)
        <= (place.line, place.character)
        <= (where.end.line, where.end.character)
    )


def _manual(rule_id: str) -> str:
    rule = ALL_RULES[rule_id]
    return f"**{rule.id} {rule.name}** ({rule.severity})\n\n{manual_of(rule)}"
