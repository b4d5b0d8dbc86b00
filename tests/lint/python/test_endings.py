"""Whether anybody hears of the end of a function."""

from __future__ import annotations

import ast
import textwrap

import pytest

from longwire.lint.python.endings import ends_silently
from longwire.lint.python.file import PythonFile
from longwire.lint.python.guards import guards


def silently(body: str) -> bool:
    file = PythonFile("import logging\nasync def f(self, done):\n" + textwrap.indent(body, "    "))
    (call,) = (one for one in file.module.calls.values() if ast.unparse(one.node.func) == "receive")
    (guard,) = guards(call.place, file.meanings)
    return ends_silently(file, call.place, guard)


@pytest.mark.parametrize(
    "handler",
    ["pass", "return", "print('x')", "logging.info('x %s', str(done))", "a = 1"],
)
def test_nobody_is_told(handler: str) -> None:
    """A line of text is read by nobody."""
    assert silently(f"try:\n    receive()\nexcept E:\n    {handler}\n")


@pytest.mark.parametrize(
    "handler",
    [
        "raise",
        "self.closed = True",
        "done.set()",
        "done(1)",
        "return 1",
        "global x; x = 1",
        "self.table['a'] = 1",
    ],
)
def test_somebody_is_told(handler: str) -> None:
    """By all that others can see."""
    assert not silently(f"try:\n    receive()\nexcept E:\n    {handler}\n")


def test_what_follows_counts() -> None:
    """Behind the try, in a finally, behind a loop."""
    assert not silently("try:\n    receive()\nexcept E:\n    pass\ndone.set()\n")
    assert not silently("try:\n    receive()\nexcept E:\n    pass\nfinally:\n    done.set()\n")
    assert not silently(
        "while True:\n    try:\n        receive()\n    except E:\n        break\ndone.set()\n"
    )
    assert silently("done.set()\ntry:\n    receive()\nexcept E:\n    pass\n")


def test_a_loop_that_goes_on_is_no_end() -> None:
    """Only what leaves it is."""
    assert silently("while True:\n    try:\n        receive()\n    except E:\n        break\n")
    assert not silently("while True:\n    try:\n        receive()\n    except E:\n        pass\n")
