"""A Python text that is to be fixed: what the rules know of it, and where its parts stand."""

from __future__ import annotations

import ast
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from longwire.lint.fixes.fix import Edit
from longwire.lint.lines import LINE_END, lines_with_ends
from longwire.lint.python.file import PythonFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from libcst.metadata import CodePosition

    from longwire.lint.finding import Finding
    from longwire.lint.python.records import Call, Function


class Unfixable(Exception):
    """A text that is read otherwise than it is written: no part of it has a sure place."""


class Code:
    """A Python text that is to be fixed.

    Args:
        text: All of it.
        path: Of its file.

    Raises:
        Unfixable: libcst cannot read it.
    """

    def __init__(self, text: str, path: str = "") -> None:
        self.text = text
        self.file = PythonFile(text, path)
        try:
            wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        except (cst.ParserSyntaxError, RecursionError) as error:
            raise Unfixable(str(error)) from error
        if wrapper.module.code != text:
            raise Unfixable("libcst writes it otherwise")
        self._positions = wrapper.resolve(PositionProvider)
        self._starts = list(accumulate(map(len, lines_with_ends(text)), initial=0))

    # -- places -------------------------------------------------------------------------------

    def line_start(self, line: int) -> int:
        """Where a line begins; lines are counted from 1."""
        return self._starts[line - 1]

    def newline(self, line: int) -> str:
        """What ends a line; of the last one, what ends the first."""
        for number in (line, 1):
            found = LINE_END.search(self.text, self.line_start(number))
            if found is not None:
                return found[0]
        return "\n"

    def start(self, node: cst.CSTNode) -> int:
        """Where a node begins. Parentheses around it are not a part of it."""
        return self._offset(self._positions[node].start)

    def end(self, node: cst.CSTNode) -> int:
        """Where it ends."""
        return self._offset(self._positions[node].end)

    def replaced(self, node: cst.CSTNode, text: str) -> Edit:
        """Another text in place of a node."""
        return Edit(self.start(node), self.end(node), text)

    def behind(self, node: cst.CSTNode, text: str) -> Edit:
        """A text behind a node."""
        return Edit(self.end(node), self.end(node), text)

    def in_brackets(self, node: cst.Call | cst.Dict, text: str) -> Edit:
        """A text before the closing bracket of a call or a dictionary."""
        place = self.end(node) - 1
        return Edit(place, place, text)

    def _offset(self, position: CodePosition) -> int:
        return self._starts[position.line - 1] + position.column

    # -- nodes --------------------------------------------------------------------------------

    def node_at(self, finding: Finding) -> cst.CSTNode | None:
        """The call or the await that a finding is about."""
        return self._nodes.get((finding.line, finding.column, finding.end_line, finding.end_column))

    def call_at(self, finding: Finding) -> cst.Call | None:
        """The call that a finding is about."""
        node = self.node_at(finding)
        return node if isinstance(node, cst.Call) else None

    def function_at(self, finding: Finding) -> tuple[cst.FunctionDef, Function] | None:
        """The function whose whole definition a finding is about, and what the rules know of it."""
        place = (finding.line, finding.column, finding.end_line, finding.end_column)
        for function in self.file.module.functions:
            node = function.node
            if (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and self._place(node) == place
                and (found := self._functions.get((node.name, node.lineno))) is not None
            ):
                return found, function
        return None

    def is_statement(self, finding: Finding) -> bool:
        """Whether what a finding is about is a whole statement: nobody looks at what it gives."""
        place = (finding.line, finding.column, finding.end_line, finding.end_column)
        return any(
            isinstance(node, ast.Expr)
            and node.value.lineno == finding.line
            and self._place(node.value) == place
            for node in ast.walk(self.file.module.tree)
        )

    def record(self, finding: Finding) -> Call | None:
        """What the rules know of the call that a finding is about."""
        place = (finding.line, finding.column, finding.end_line, finding.end_column)
        for node, call in self.file.module.calls.items():
            if node.lineno == finding.line and self._place(node) == place:
                return call
        return None

    def _place(self, node: ast.expr | ast.stmt) -> tuple[int, int, int, int]:
        line, column, end_line, end_column, *_ = self.file.report(node, "", help="")
        return line, column, end_line, end_column

    @cached_property
    def _functions(self) -> Mapping[tuple[str, int], cst.FunctionDef]:
        """By name and line; without those of which there are several on a line."""
        nodes = [one for one in self._positions if isinstance(one, cst.FunctionDef)]
        keys = [(one.name.value, self._positions[one.name].start.line) for one in nodes]
        return {key: node for key, node in zip(keys, nodes, strict=True) if keys.count(key) == 1}

    @cached_property
    def _nodes(self) -> Mapping[tuple[int, int, int, int], cst.CSTNode]:
        found = {}
        for node, place in self._positions.items():
            if isinstance(node, (cst.Call, cst.Await)):
                start, end = place.start, place.end
                found[start.line, start.column + 1, end.line, end.column + 1] = node
        return found
