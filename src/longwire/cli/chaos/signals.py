"""Signals as calls in the running loop, for as long as they are wanted."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def on_signals(call: Callable[[], object], *signals: signal.Signals) -> Iterator[None]:
    """Call something at each of these signals, inside.

    Nothing where there can be none: in a thread that is not the main one, and on Windows.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    for one in signals:
        loop.add_signal_handler(one, call)
    try:
        yield
    finally:
        for one in signals:
            loop.remove_signal_handler(one)
