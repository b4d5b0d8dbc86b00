"""What an editor offers to do about a finding: fix it, or ignore it by a comment."""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from longwire.cli.lint.server.messages import diagnostics, position
from longwire.lint.fixes.catalogue import FIXABLE, all_fixes
from longwire.lint.ignoring import ignored
from longwire.lint.looking import looker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pygls.workspace import PositionCodec

    from longwire.cli.lint.server.documents import Looked
    from longwire.lint.finding import Finding

FIX_ALL: Final = "source.fixAll.longwire"
_KEPT: Final = 32
"""Answers that are kept."""


def actions(
    uri: str,
    looked: Looked,
    where: types.Range,
    only: Sequence[str] | None,
    codec: PositionCodec,
) -> list[types.CodeAction]:
    """What can be done in a part of a document.

    Args:
        uri: Of the document.
        looked: What is known of it.
        where: The part.
        only: The kinds that the editor wants; None: all.
        codec: Counts in the units of the editor.
    """
    maker = _Maker(uri, looked, codec)
    found: list[types.CodeAction] = []
    if _wants(only, types.CodeActionKind.QuickFix):
        for one, told in zip(looked.findings, diagnostics(looked, codec), strict=True):
            if _overlap(told.range, where):
                found += maker.about(one, told)
    if _wants(only, FIX_ALL):
        found += maker.fix_all()
    return found


class _Maker:
    """Makes the actions of a document."""

    def __init__(self, uri: str, looked: Looked, codec: PositionCodec) -> None:
        self._uri = uri
        self._looked = looked
        self._codec = codec

    def about(self, one: Finding, told: types.Diagnostic) -> Iterator[types.CodeAction]:
        """What can be done about a finding."""
        fixed = _fixed(self._looked, (one,))
        if fixed is not None:
            yield types.CodeAction(
                title=f"{all_fixes()[one.rule].title} ({one.rule})",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[told],
                is_preferred=True,
                edit=self._edit(fixed),
            )
        commented = _commented(self._looked, one)
        if commented is not None:
            yield types.CodeAction(
                title=f"Ignore {one.rule} on this line",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[told],
                edit=self._edit(commented),
            )

    def fix_all(self) -> Iterator[types.CodeAction]:
        """All fixes at once."""
        fixed = _fixed(self._looked, self._looked.findings)
        if fixed is not None:
            yield types.CodeAction(
                title="Fix all that longwire can fix", kind=FIX_ALL, edit=self._edit(fixed)
            )

    def _edit(self, source: bytes) -> types.WorkspaceEdit:
        after = self._looked._replace(source=source).lines
        edits = list(text_edits(self._looked.lines, after, self._codec))
        return types.WorkspaceEdit(changes={self._uri: edits})


# Editors ask at every move of the cursor.


@lru_cache(maxsize=_KEPT)
def _fixed(looked: Looked, findings: tuple[Finding, ...]) -> bytes | None:
    """A document with findings fixed; None, if none of them can be."""
    if not any(one.rule in FIXABLE for one in findings):
        return None
    try:
        from longwire.lint.fixes.mend import mend  # noqa: PLC0415 - an extra

        mended = mend(looked.source, findings, looker(looked.path, looked.selected))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "libcst":
            raise
        return None  # without it there are no fixes, and all else is as it should be
    return mended.source if mended.fixed else None


@lru_cache(maxsize=_KEPT)
def _commented(looked: Looked, one: Finding) -> bytes | None:
    """A document with a comment that ignores a finding; None, if there is no place for it."""
    return ignored(looked.source, one, looker(looked.path, looked.selected))


def text_edits(
    before: Sequence[str], after: Sequence[str], codec: PositionCodec
) -> Iterator[types.TextEdit]:
    """What makes some lines of others. All lines come with their ends."""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for what, start, end, new_start, new_end in matcher.get_opcodes():
        if what != "equal":
            yield types.TextEdit(
                types.Range(_line_start(start, before, codec), _line_start(end, before, codec)),
                "".join(after[new_start:new_end]),
            )


def _line_start(number: int, lines: Sequence[str], codec: PositionCodec) -> types.Position:
    if number < len(lines):
        return types.Position(number, 0)
    return position(len(lines) - 1, len(lines[-1]), lines, codec)  # the end of all


def _wants(only: Sequence[str] | None, kind: str) -> bool:
    """Whether a kind, or one that it is a part of, is wanted."""
    return only is None or any(kind == one or kind.startswith(f"{one}.") for one in only)


def _overlap(one: types.Range, other: types.Range) -> bool:
    return (one.start.line, one.start.character) <= (other.end.line, other.end.character) and (
        other.start.line,
        other.start.character,
    ) <= (one.end.line, one.end.character)
