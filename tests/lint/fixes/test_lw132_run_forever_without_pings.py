"""Pings that are looked after, for run_forever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = (
    "import asyncio, functools, threading\n\nimport websocket\n\n"
    "app = websocket.WebSocketApp('wss://a.example')\n"
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("app.run_forever()", "app.run_forever(ping_interval=30, ping_timeout=10)"),
        (
            "app.run_forever(ping_interval=(20) , sslopt={})",
            "app.run_forever(ping_interval=(20) , sslopt={})",
        ),
        (
            "app.run_forever(ping_interval=20 , sslopt={})",
            "app.run_forever(ping_interval=20, ping_timeout=10 , sslopt={})",
        ),
        (
            "app.run_forever(\n    sslopt={},  # ours\n)",
            "app.run_forever(\n    sslopt={}, ping_interval=30, ping_timeout=10,  # ours\n)",
        ),
        (
            "app.run_forever(ping_interval=5)",
            "app.run_forever(ping_interval=5, ping_timeout=2.5)",
        ),
        (
            "app.run_forever(ping_interval=10.0)",
            "app.run_forever(ping_interval=10.0, ping_timeout=5)",
        ),
        (
            "app.run_forever(ping_timeout=5)",
            "app.run_forever(ping_timeout=5, ping_interval=30)",
        ),
        (
            "functools.partial(app.run_forever)()",
            "functools.partial(app.run_forever, ping_interval=30, ping_timeout=10)()",
        ),
        (
            "asyncio.run(asyncio.to_thread(app.run_forever))",
            "asyncio.run(asyncio.to_thread(app.run_forever, ping_interval=30, ping_timeout=10))",
        ),
        (
            "threading.Thread(target=app.run_forever, daemon=True).start()",
            (
                'threading.Thread(target=app.run_forever, kwargs={"ping_interval": 30, '
                '"ping_timeout": 10}, daemon=True).start()'
            ),
        ),
        (
            "threading.Thread(target=app.run_forever, kwargs={}).start()",
            (
                'threading.Thread(target=app.run_forever, kwargs={"ping_interval": 30, '
                '"ping_timeout": 10}).start()'
            ),
        ),
        (
            "threading.Thread(target=app.run_forever, kwargs={'ping_interval': 9,}).start()",
            (
                "threading.Thread(target=app.run_forever, kwargs={'ping_interval': 9, "
                '"ping_timeout": 4.5,}).start()'
            ),
        ),
    ],
)
def test_what_is_added(fix: Callable[[str], str], before: str, after: str) -> None:
    """Beside what is there, in whatever way the options are handed over."""
    assert fix(f"{HEAD}{before}\n") == f"{HEAD}{after}\n"


@pytest.mark.parametrize(
    "statement",
    [
        "app.run_forever(ping_interval=0)",
        "app.run_forever(ping_interval=None)",
        "app.run_forever(ping_interval=app.pause)",
        "app.run_forever(ping_interval=20, ping_timeout=None)",
        "app.run_forever(ping_timeout=30)",
        "app.run_forever(None, {}, 20, 10)",
        "app.run_forever(*app.options)",
        "functools.partial(app.run_forever, None, None, 20)()",
        "threading.Thread(None, app.run_forever).start()",
        "threading.Thread(target=app.run_forever, args=(None,)).start()",
        "threading.Thread(target=app.run_forever, kwargs={**app.options}).start()",
        "threading.Timer(1, app.run_forever).start()",
        "class A(websocket.WebSocketApp):\n    def run_forever(self): pass\nA('').run_forever()",
    ],
)
def test_what_is_left_to_a_person(fix: Callable[[str], str], statement: str) -> None:
    """What somebody has decided, and what cannot be told from the text."""
    assert fix(f"{HEAD}{statement}\n") == f"{HEAD}{statement}\n"
