"""``await asyncio.wait([task])`` in place of ``await task``, behind ``task.cancel()``.

It waits as well, and raises only what is meant for the one that waits. An error of the task itself
is not raised either: asyncio tells it when the task is collected, where a `gather` would keep it to
itself. Left to a person: an await whose value is used, and programs on other event loops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from longwire.lint.fixes.awaiting import runs_on_asyncio
from longwire.lint.fixes.fix import Edit, Fix
from longwire.lint.fixes.imports import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longwire.lint.finding import Finding
    from longwire.lint.fixes.code import Code


def edits(code: Code, finding: Finding) -> Sequence[Edit] | None:
    """What to change for a finding; None, if it is not safe."""
    awaited = code.node_at(finding)
    if not isinstance(awaited, cst.Await) or not code.is_statement(finding):
        return None
    task = awaited.expression
    if not isinstance(task, cst.Name | cst.Attribute) or task.lpar or not runs_on_asyncio(code):
        return None
    named = name_of(code, "asyncio", beside="time")
    if named is None:
        return None
    name, imports = named
    text = code.text[code.start(task) : code.end(task)]
    return (*imports, code.replaced(task, f"{name}.wait([{text}])"))


FIX = Fix("LW162", "Wait for the cancelled task without its CancelledError", edits)
