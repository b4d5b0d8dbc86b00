"""Signals as calls in the running loop, for as long as they are wanted."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def on_signals(call: Callable[[], object], *signals: signal.Signals) -> Iterator[None]:
    """Call something at each of these signals, inside, but for those that are ignored.

    Nothing where there can be none: in a thread that is not the main one, and on Windows.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    # What is ignored stays so: nohup asks for that, and a shell does for what it starts behind it.
    heard = [one for one in signals if signal.getsignal(one) is not signal.SIG_IGN]
    for one in heard:
        loop.add_signal_handler(one, call)
    try:
        yield
    finally:
        for one in heard:
            loop.remove_signal_handler(one)
