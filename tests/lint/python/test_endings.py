"""Whether anybody hears of the end of a function."""

from __future__ import annotations

import ast
import textwrap

import pytest

from longwire.lint.python.endings import ends_silently, fails_itself, is_at_the_end
from longwire.lint.python.file import PythonFile
from longwire.lint.python.guards import catcher_of_end, guards


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


@pytest.mark.parametrize(
    ("program", "end"),
    [
        ("def close(): wait()", True),
        ("async def on_shutdown(): wait()", True),
        ("def f():\n    try: ...\n    finally: wait()", True),
        ("def f():\n    try: wait()\n    finally: ...", False),
        ("def f(): wait()", False),
    ],
)
def test_where_something_is_ended(program: str, *, end: bool) -> None:
    """By the name of the function, or in a finally."""
    (call,) = PythonFile(program).module.calls.values()
    assert is_at_the_end(call, None) is end
    assert is_at_the_end(call, PythonFile("def stop(): ...").module.functions[1])


@pytest.mark.parametrize(
    ("handler", "fails"),
    [
        ("await ws.send('x')", True),
        ("print('x')", False),
        ("try: await ws.send('x')\nexcept Exception: ...", False),
    ],
)
def test_handlers_that_fail_themselves(handler: str, *, fails: bool) -> None:
    """Where the connection has ended, a send raises; unless that is caught, too."""
    file = PythonFile(
        "import websockets\nasync def f(ws: websockets.ClientConnection):\n    while True:\n"
        "        try: await ws.recv()\n        except Exception:\n"
        + textwrap.indent(handler, " " * 12)
    )
    (loop,) = file.module.functions[1].loops
    (receive,) = file.receives()
    guard = catcher_of_end(receive.place, "websockets", file.meanings, within=loop)
    assert guard is not None
    assert fails_itself(file, loop, guard, "websockets") is fails
