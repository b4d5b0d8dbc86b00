"""Whether a loop ends by what is asked in it."""

from __future__ import annotations

import textwrap

import pytest

from longwire.lint.python.conditions import may_end
from longwire.lint.python.file import PythonFile


@pytest.mark.parametrize(
    ("condition", "handler", "ends"),
    [
        ("True", "pass", False),
        ("self.running", "pass", False),
        ("self.running", "self.running = False", True),
        ("self.running", "self.stop()", True),
        ("self.running", "self.other()", False),
        ("not self.ws.closed", "pass", True),
        ("self._connected", "pass", True),
        ("self.may_go_on()", "pass", True),
    ],
)
def test_what_the_condition_asks(condition: str, handler: str, *, ends: bool) -> None:
    """The connection, a function, or something that the handler sets, itself or by a method."""
    file = PythonFile(
        textwrap.dedent(
            f"""
            class Feed:
                async def run(self):
                    while {condition}:
                        try:
                            await self.ws.recv()
                        except Exception:
                            {handler}
                def stop(self):
                    self.running = False
                def other(self):
                    self.count = 1
            """
        )
    )
    run = file.module.classes["Feed"].functions["run"]
    assert may_end(file, run.loops[0], run.tries[0].node.handlers[0].body) is ends


def test_what_is_asked_inside() -> None:
    """Of the connection, anywhere in the loop."""
    file = PythonFile(
        "async def run(self):\n    while True:\n        if self.ws.closed:\n            break\n"
    )
    assert may_end(file, file.module.functions[1].loops[0], [])
