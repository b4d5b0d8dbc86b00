"""An on_close that takes what websocket-client gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

APP = "import websocket\n\n\n{}\n\n\napp = websocket.WebSocketApp('', on_message=on_message, {})\n"
RIGHT = "def on_message(ws, message):\n    pass\n\n\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f(ws): pass", "def f(ws, status=None, reason=None): pass"),
        ("def f(ws, code): pass", "def f(ws, code, reason=None): pass"),
        ("def f(\n    ws: X,  # app\n): pass", "def f(\n    ws: X, {},  # app\n): pass"),
        ("def f(_, /): pass", "def f(_, status=None, reason=None, /): pass"),
        ("def f(ws, code=1 ,): pass", "def f(ws, code=1, reason=None ,): pass"),
    ],
)
def test_what_is_added(fix: Callable[[str], str], before: str, after: str) -> None:
    """Behind the parameters that are there, and with defaults, for whoever else calls it."""
    text = APP.format(RIGHT + before, "on_close=f")
    after = after.replace("{}", "status=None, reason=None")
    assert fix(text) == APP.format(RIGHT + after, "on_close=f")


def test_a_method(fix: Callable[[str], str]) -> None:
    """Its object is no part of what is given."""
    text = (
        "import websocket\n\n\nclass Feed:\n    def __init__(self):\n"
        "        self.app = websocket.WebSocketApp('', on_open=self.opened, on_close=self.closed)\n"
        "\n    def opened(self, ws): pass\n\n    def closed(self, ws): pass\n"
    )
    assert fix(text) == text.replace(
        "closed(self, ws)", "closed(self, ws, status=None, reason=None)"
    )


@pytest.mark.parametrize(
    ("function", "callbacks"),
    [
        ("def f(ws): print(status)", "on_close=f"),
        ("def f(): pass", "on_close=f"),
        ("def f(ws, a, b, c): pass", "on_close=f"),
        ("def f(code, why): pass", "on_close=f"),
        ("def f(ws, *, loud=True): pass", "on_close=f"),
        ("def f(ws, **options): pass", "on_close=f"),
        ("def f(ws): pass", "on_error=f"),
        ("def f(ws, code=(1)): pass", "on_close=f"),
        ("f = 1", "on_close=lambda ws: None"),
        ("import functools\ndef f(x, ws): pass", "on_close=functools.partial(f, 1)"),
    ],
)
def test_what_is_left_to_a_person(fix: Callable[[str], str], function: str, callbacks: str) -> None:
    """Where it may take something else, or is another callback."""
    text = APP.format(RIGHT + function, callbacks)
    assert fix(text) == text
