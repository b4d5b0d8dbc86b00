"""Where the parts of a text stand."""

from __future__ import annotations

import libcst as cst
import pytest

from longwire.lint.finding import Confidence, Finding, Severity
from longwire.lint.fixes.code import Code, Unfixable


def at(line: int, column: int, end_line: int, end_column: int) -> Finding:
    place = (line, column, end_line, end_column)
    return Finding("", *place, "LW111", Severity.ERROR, Confidence.HIGH, "", "")


TEXT = (
    "x = 'ü😀'; f(a)\r\nclass A:\n    async def g(self):\n        (await f(\n"
    "            b=(1) ,\x0c  # c\n))\n"
)


def test_calls() -> None:
    """By the place that a finding names; parentheses around are no part of them."""
    code = Code(TEXT)
    call = code.call_at(at(1, 11, 1, 15))
    assert call is not None
    assert code.is_statement(at(1, 11, 1, 15))
    assert TEXT[code.start(call) : code.end(call)] == "f(a)"
    record = code.record(at(1, 11, 1, 15))
    assert record is not None
    assert record.discarded
    awaited = code.node_at(at(4, 10, 6, 2))
    assert isinstance(awaited, cst.Await)
    call = code.call_at(at(4, 16, 6, 2))
    assert call is awaited.expression
    assert not code.is_statement(at(4, 16, 6, 2))
    assert code.is_statement(at(4, 10, 6, 2))
    assert TEXT[code.start(call.args[0]) : code.end(call.args[0])] == "b=(1)"
    assert code.call_at(at(4, 10, 6, 2)) is None
    assert code.node_at(at(1, 1, 1, 2)) is None
    assert code.record(at(1, 1, 1, 2)) is None


def test_edits() -> None:
    """In place of a node, behind it, and before its closing bracket."""
    code = Code("f(a, b)\n")
    call = code.call_at(at(1, 1, 1, 8))
    assert call is not None
    assert code.replaced(call.func, "g") == (0, 1, "g")
    assert code.behind(call.args[0], ", c") == (3, 3, ", c")
    assert code.in_brackets(call, "!") == (6, 6, "!")


def test_lines() -> None:
    """As Python counts them, each with its own end."""
    code = Code(TEXT)
    assert [code.newline(number) for number in range(1, 7)] == [
        "\r\n",
        "\n",
        "\n",
        "\n",
        "\n",
        "\n",
    ]
    assert TEXT[code.line_start(2) :].startswith("class")
    assert Code("a").newline(1) == "\n"
    assert Code("a\r\nb").newline(2) == "\r\n"


def test_what_libcst_cannot_read() -> None:
    """Python itself reads the ends of lines of old Macs."""
    with pytest.raises(Unfixable):
        Code("x = 1\rx = 2\r")
