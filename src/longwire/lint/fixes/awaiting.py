"""Where an await may be put, so that other coroutines run meanwhile and no harm comes of it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longwire.lint.finding import Finding
    from longwire.lint.fixes.code import Code
    from longwire.lint.python.records import Call, With

_OTHER_LOOPS: Final = re.compile(r"\b(trio|anyio|curio|twisted|gevent|eventlet)\b")
_HARMLESS: Final = frozenset({"open", "contextlib.suppress", "contextlib.closing"})
"""What a with statement may enter: nobody else waits for its end."""


def may_await(code: Code, finding: Finding) -> Call | None:
    """The call that a finding is about, if an await may stand before it; None, if not.

    It has to be a whole statement of a coroutine, outside with statements that may hold a lock:
    what runs meanwhile could wait for that.
    """
    record = code.record(finding)
    if record is None or not record.function.is_async or not code.is_statement(finding):
        return None
    return None if _may_hold_a_lock(code, record.place.withs, record) else record


def runs_on_asyncio(code: Code) -> bool:
    """Whether nothing speaks of another event loop, on which asyncio's functions fail."""
    return _OTHER_LOOPS.search(code.text) is None


def _may_hold_a_lock(code: Code, withs: Sequence[With], record: Call) -> bool:
    return any(
        not _is_harmless(code, item.context_expr, record)
        for block in withs
        if isinstance(block.node, ast.With)
        for item in block.node.items
    )


def _is_harmless(code: Code, entered: ast.expr, record: Call) -> bool:
    return (
        isinstance(entered, ast.Call)
        and code.file.meanings.name(entered.func, record.function) in _HARMLESS
    )
