"""``await asyncio.sleep(...)`` in place of ``time.sleep(...)``, where a coroutine says it itself.

Left to a person: a sleep in a helper; one whose value is used; one in a with statement that may
hold a lock, which others could then wait for; and programs that run on trio, anyio, curio, Twisted
or gevent, where asyncio has no event loop.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import libcst as cst

from longwire.lint.fixes.fix import Edit, Fix
from longwire.lint.fixes.imports import name_of

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from longwire.lint.finding import Finding
    from longwire.lint.fixes.code import Code
    from longwire.lint.python.records import Call

_OTHER_LOOPS: Final = re.compile(r"trio|anyio|curio|twisted|gevent|eventlet")
_HARMLESS: Final = frozenset({"open", "contextlib.suppress", "contextlib.closing"})
"""What a with statement may enter: nobody else waits for its end."""


def edits(code: Code, finding: Finding) -> Sequence[Edit] | None:
    """What to change for a finding; None, if it is not safe."""
    call, record = code.call_at(finding), code.record(finding)
    if call is None or record is None or not record.function.is_async:
        return None
    func = call.func
    if (
        not code.is_statement(call)
        or not isinstance(func, cst.Name | cst.Attribute)
        or func.lpar
        or not _is_plain(call)
        or _may_hold_a_lock(code, record)
        or any(_OTHER_LOOPS.search(one) for one in code.file.module.imported.values())
    ):
        return None
    named = name_of(code, "asyncio", beside="time")
    if named is None:
        return None
    name, imports = named
    return (*imports, code.replaced(func, f"await {name}.sleep"))


def _is_plain(call: cst.Call) -> bool:
    """Whether it is given one value, which is all that it takes."""
    return len(call.args) == 1 and call.args[0].keyword is None and not call.args[0].star


def _may_hold_a_lock(code: Code, record: Call) -> bool:
    return any(
        not _is_harmless(code, item.context_expr, record)
        for block in record.place.withs
        if block.node.__class__.__name__ == "With"
        for item in block.node.items
    )


def _is_harmless(code: Code, entered: ast.expr, record: Call) -> bool:
    func = getattr(entered, "func", None)
    return func is not None and code.file.meanings.name(func, record.function) in _HARMLESS


FIX = Fix("LW111", "Await asyncio.sleep instead", edits)
