"""``await asyncio.sleep(...)`` in place of ``time.sleep(...)``, where a coroutine says it itself.

Left to a person: a sleep in a helper; one whose value is used; one in a with statement that may
hold a lock, which others could then wait for; and programs that run on trio, anyio, curio, Twisted
or gevent, where asyncio has no event loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from longwire.lint.fixes.awaiting import may_await, runs_on_asyncio
from longwire.lint.fixes.fix import Edit, Fix
from longwire.lint.fixes.imports import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longwire.lint.finding import Finding
    from longwire.lint.fixes.code import Code


def edits(code: Code, finding: Finding) -> Sequence[Edit] | None:
    """What to change for a finding; None, if it is not safe."""
    call = code.call_at(finding)
    if call is None or may_await(code, finding) is None or not runs_on_asyncio(code):
        return None
    func = call.func
    if not isinstance(func, cst.Name | cst.Attribute) or func.lpar or not _is_plain(call):
        return None
    named = name_of(code, "asyncio", beside="time")
    if named is None:
        return None
    name, imports = named
    return (*imports, code.replaced(func, f"await {name}.sleep"))


def _is_plain(call: cst.Call) -> bool:
    """Whether it is given one value, which is all that it takes."""
    return len(call.args) == 1 and call.args[0].keyword is None and not call.args[0].star


FIX = Fix("LW111", "Await asyncio.sleep instead", edits)
