"""``ping_interval=30, ping_timeout=10`` for `run_forever`; a timeout beside a given interval.

Also where `run_forever` is handed to a thread or to `functools.partial`. Left to a person: pings
that are switched off, which somebody has decided; an interval that is no number, as the timeout has
to be less than it; options that come by position or by ``**``; and what handed-over functions are
called with by anything else.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

import libcst as cst

from longwire.lint.fixes.fix import Edit, Fix

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from longwire.lint.finding import Finding
    from longwire.lint.fixes.code import Code

_INTERVAL: Final = 30
_TIMEOUT: Final = 10
_TAKE_KEYWORDS: Final = frozenset({"functools.partial", "asyncio.to_thread"})
"""What hands its own keyword arguments on to a function that it is given."""
_TAKE_DICTIONARY: Final = frozenset({"threading.Thread", "multiprocessing.Process"})
"""What hands the dictionary ``kwargs`` on."""


def edits(code: Code, finding: Finding) -> Sequence[Edit] | None:
    """What to change for a finding; None, if it is not safe."""
    call, record = code.call_at(finding), code.record(finding)
    if call is None or record is None or any(one.star for one in call.args):
        return None
    if any(one.name == "run_forever" for one in code.file.module.functions):
        return None  # another one, which may not know the options
    func = record.node.func
    if isinstance(func, ast.Attribute) and func.attr == "run_forever":
        # The first two are other options, the third would be the interval.
        return _keywords(code, call) if _positional(call) <= 2 else None
    name = code.file.meanings.name(func, record.function)
    if name in _TAKE_KEYWORDS and _positional(call) == 1:
        return _keywords(code, call)
    return _dictionary(code, call) if name in _TAKE_DICTIONARY else None


def _positional(call: cst.Call) -> int:
    return sum(one.keyword is None for one in call.args)


def _keywords(code: Code, call: cst.Call) -> Sequence[Edit] | None:
    given = {one.keyword.value: one for one in call.args if one.keyword is not None}
    missing = _missing({name: one.value for name, one in given.items()})
    if missing is None:
        return None
    text = ", ".join(f"{name}={value:g}" for name, value in missing.items())
    if not call.args:
        return (code.in_brackets(call, text),)
    # Best beside its sibling.
    return (code.behind(given.get("ping_interval", call.args[-1]), f", {text}"),)


def _dictionary(code: Code, call: cst.Call) -> Sequence[Edit] | None:
    """The options of a thread's function."""
    given = {one.keyword.value: one for one in call.args if one.keyword is not None}
    if "args" in given or _positional(call) or "target" not in given:
        return None
    handed = given["kwargs"].value if "kwargs" in given else None
    if handed is None:
        missing = _missing({}) or {}
        return (code.behind(given["target"], f", kwargs={{{_items(missing)}}}"),)
    return _more_items(code, handed) if isinstance(handed, cst.Dict) else None


def _more_items(code: Code, handed: cst.Dict) -> Sequence[Edit] | None:
    values: dict[str, cst.BaseExpression] = {}
    for one in handed.elements:
        if not isinstance(one, cst.DictElement) or not isinstance(one.key, cst.SimpleString):
            return None
        values[str(one.key.evaluated_value)] = one.value
    missing = _missing(values)
    if missing is None:
        return None
    if not handed.elements:
        return (code.in_brackets(handed, _items(missing)),)
    return (code.behind(handed.elements[-1], f", {_items(missing)}"),)


def _items(options: Mapping[str, float]) -> str:
    return ", ".join(f'"{name}": {value:g}' for name, value in options.items())


def _missing(given: Mapping[str, cst.BaseExpression]) -> dict[str, float] | None:
    """The options to add to those that are given; None, if they do not tell which."""
    timeout = given.get("ping_timeout")
    if "ping_interval" not in given:
        if timeout is None:
            return {"ping_interval": _INTERVAL, "ping_timeout": _TIMEOUT}
        seconds = _number(timeout)
        # The interval has to be more than the timeout.
        return {"ping_interval": _INTERVAL} if 0 < seconds < _INTERVAL else None
    seconds = _number(given["ping_interval"])
    if timeout is not None or seconds <= 0:
        return None
    return {"ping_timeout": _TIMEOUT if seconds > _TIMEOUT else seconds / 2}


def _number(value: cst.BaseExpression) -> float:
    """A number that is written; 0 for everything else."""
    if isinstance(value, cst.Integer | cst.Float) and not value.lpar:
        return float(value.evaluated_value)
    return 0


FIX = Fix("LW132", "Send pings, and look for the pongs", edits)
