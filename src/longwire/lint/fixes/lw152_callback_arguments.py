"""``status=None, reason=None`` for an `on_close` that takes the app alone.

Whoever calls it with less still can. Left to a person: other callbacks; one whose first parameter
may be something else than the app, which versions before 0.58 did not give; and a function in which
those names mean something already.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from longwire.lint.finding import Confidence
from longwire.lint.fixes.fix import Edit, Fix
from longwire.lint.python.callbacks import callbacks

if TYPE_CHECKING:
    from collections.abc import Sequence

    import libcst as cst

    from longwire.lint.finding import Finding
    from longwire.lint.fixes.code import Code
    from longwire.lint.python.records import Function

_GIVEN: Final = ("ws", "status", "reason")
_APP: Final = re.compile(r"_*(ws|wsapp|ws_app|app|websocket|socket|sock)?\d?", re.IGNORECASE)


def edits(code: Code, finding: Finding) -> Sequence[Edit] | None:
    """What to change for a finding; None, if it is not safe."""
    found = code.function_at(finding)
    if found is None or finding.confidence is not Confidence.HIGH:
        return None
    node, function = found
    missing = _GIVEN[len(function.parameters) :]
    if not missing or not _is_on_close(code, function) or not _takes_the_app(function):
        return None
    used = {one.id for one in ast.walk(function.node) if isinstance(one, ast.Name)}
    if used & set(missing):
        return None
    last = _end([*node.params.posonly_params, *node.params.params][-1])
    # What stands in parentheses ends before they do.
    return None if last.rpar else (code.behind(last, "".join(f", {one}=None" for one in missing)),)


def _end(parameter: cst.Param) -> cst.BaseExpression:
    """The last part of a parameter."""
    if parameter.default is not None:
        return parameter.default
    return parameter.name if parameter.annotation is None else parameter.annotation.annotation


def _is_on_close(code: Code, function: Function) -> bool:
    """Whether an app is given it as that, and by itself."""
    meanings = code.file.meanings
    return any(
        one.name == "on_close"
        and isinstance(one.value, ast.Name | ast.Attribute)
        and meanings.function(one.value, one.written_in) is function
        for one in callbacks(meanings)
    )


def _takes_the_app(function: Function) -> bool:
    arguments = function.node.args  # type: ignore[union-attr]
    if arguments.kwonlyargs or arguments.vararg or arguments.kwarg:
        return False
    return bool(function.parameters) and bool(_APP.fullmatch(function.parameters[0].arg))


FIX = Fix("LW152", "Take what websocket-client gives", edits)
