"""Which tasks and threads of a module fail without anybody hearing of it while they are wanted."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from longwire.lint.python.names import dotted
from longwire.lint.python.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.lint.python.file import PythonFile
    from longwire.lint.python.records import Call, Function

_NO_NEWS: Final = frozenset(
    {"cancel", "done", "cancelled", "start", "join", "daemon", "name", "is_alive", "set_name"}
)
"""What is asked of a task or a thread without hearing of its error."""


def unattended(file: PythonFile) -> frozenset[Function]:
    """The functions that run in a task or a thread whose error nobody gets while they are wanted.

    A task that is only awaited where it has been cancelled before is one of them.
    """
    mentions = None
    found: set[Function] = set()
    for call in file.calls(Role.SPAWN | Role.THREAD):
        functions = list(file.graph.run_by(call))
        if not functions:
            continue
        if mentions is None:
            mentions = _Mentions(file)
        if _is_thread(file, call) or not mentions.heard(call):
            found.update(functions)
    return frozenset(found)


def _is_thread(file: PythonFile, call: Call) -> bool:
    known = file.meanings.known(call)
    return Role.THREAD in known.role and known.gives == "thread"


class _Mentions:
    """Where names and attributes are read."""

    def __init__(self, file: PythonFile) -> None:
        self._file = file
        self._parents: dict[tuple[str, ...], list[ast.AST]] = defaultdict(list)
        for node in ast.walk(file.module.tree):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.Name | ast.Attribute) and isinstance(child.ctx, ast.Load):
                    self._parents[dotted(child)].append(node)
        self._cancelled = {
            (call.function, dotted(call.node.func.value))
            for call in file.module.calls.values()
            if isinstance(call.node.func, ast.Attribute) and call.node.func.attr == "cancel"
        }

    def heard(self, call: Call) -> bool:
        """Whether anybody may hear of the error of a task that a call starts."""
        kind = isinstance(call.node.func, ast.Attribute) and self._file.meanings.kind(
            call.node.func.value, call.function
        )
        if kind == "asyncio.group":
            return True
        if call.discarded:
            return False
        paths = list(self._kept_as(call))
        if not paths:
            return True  # handed on to something
        return any(self._is_heard(path, parent) for path in paths for parent in self._parents[path])

    def _kept_as(self, call: Call) -> Iterator[tuple[str, ...]]:
        match call.statement:
            case ast.Assign(targets=targets, value=value) if value is call.node:
                yield from filter(None, map(dotted, targets))
            case ast.AnnAssign(target=target, value=value) if value is call.node:
                yield from filter(None, [dotted(target)])

    def _is_heard(self, path: tuple[str, ...], parent: ast.AST) -> bool:
        if isinstance(parent, ast.Attribute):
            return parent.attr not in _NO_NEWS
        if isinstance(parent, ast.Await):
            return not self._at_the_end(path, parent)
        # A test for None, or for being there, says nothing.
        return not isinstance(parent, ast.Compare | ast.If | ast.BoolOp | ast.UnaryOp)

    def _at_the_end(self, path: tuple[str, ...], node: ast.Await) -> bool:
        """Whether a task is awaited in a function that cancels it, too."""
        return any(
            cancelled == path and node in ast.walk(function.node)
            for function, cancelled in self._cancelled
        )
