"""Keys that let faults strike while ``longwire chaos`` runs in a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING, Final

from longwire.cli.chaos.signals import on_signals
from longwire.cli.units import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from longwire.chaos.proxy import Proxy

if sys.platform != "win32":
    import termios
    import tty

HELP: Final = (
    "keys: r reset, f fin, c close 1011, b black hole, z mute; s freeze, x refuse (again: end it); "
    "space ends all faults, q quits"
)
_AT_ONCE: Final = {
    "r": "reset",
    "f": "fin",
    "c": "close code=1011",
    "b": "black-hole",
    "z": "mute",
}
"""Strikes on the connections there are."""
_TOGGLES: Final = {"s": "freeze", "x": "refuse"}
"""Strikes on everything, until the key is pressed again."""
_ESCAPE: Final = b"\x1b"


class Keys:
    """What each key does.

    Args:
        proxy: Entered.
        say: Is told what a key did.
        leave: Called by ``q``.
    """

    def __init__(
        self, proxy: Proxy, *, say: Callable[[str], object], leave: Callable[[], object]
    ) -> None:
        self._proxy = proxy
        self._say = say
        self._leave = leave
        self._on: dict[str, int] = {}
        """The strikes of keys that can be pressed again."""

    def press(self, key: str) -> None:
        """Do what it stands for; a key that stands for nothing shows the help."""
        if key in _AT_ONCE:
            self._strike(_AT_ONCE[key])
        elif key in _TOGGLES:
            self._toggle(key)
        elif key == " ":
            self._end_all()
        elif key == "q":
            self._leave()
        else:
            self._say(HELP)

    def _strike(self, fault: str) -> None:
        struck = sum(one.live for one in self._proxy.crossings)
        self._say(f"{fault}, on {counted(struck, 'connection')}")
        self._proxy.strike(fault, only_now=True)

    def _toggle(self, key: str) -> None:
        fault = _TOGGLES[key]
        order = self._on.pop(key, None)
        if order is not None and order in self._proxy.strikes:
            self._say(f"{fault} ends")
            self._proxy.end(order)
        else:
            self._say(f"{fault}, until {key} is pressed again")
            self._on[key] = self._proxy.strike(fault)

    def _end_all(self) -> None:
        self._say("all faults end")
        for order in list(self._proxy.strikes):
            self._proxy.end(order)


def can_be_read(terminal: int) -> bool:
    """Whether keys can be read there: it is a terminal, and ours to read from now."""
    return sys.platform != "win32" and os.isatty(terminal) and _in_front(terminal)


@contextlib.contextmanager
def keyboard(terminal: int, press: Callable[[str], object]) -> Iterator[None]:
    """Read single keys inside, in the running loop; the terminal is put back at every end.

    Args:
        terminal: The file descriptor of one that `can_be_read`.
        press: Called with each key. Ctrl-C and Ctrl-Z stay the signals that they are.
    """
    loop = asyncio.get_running_loop()
    before = termios.tcgetattr(terminal)

    def read() -> None:
        try:
            raw = os.read(terminal, 64)
        except OSError:
            raw = b""
        if not raw:
            loop.remove_reader(terminal)  # the terminal has gone
        elif not raw.startswith(_ESCAPE):  # an arrow key is no letter
            for key in raw.decode(errors="replace"):
                press(key)

    def take() -> None:
        if _in_front(terminal):
            tty.setcbreak(terminal, termios.TCSANOW)

    take()
    loop.add_reader(terminal, read)
    try:
        # Whoever stops us with Ctrl-Z takes the terminal back; when we go on it is ours again.
        with on_signals(take, signal.SIGCONT):
            yield
    finally:
        loop.remove_reader(terminal)
        # A terminal that has gone needs no care, and one that others use now is not ours.
        with contextlib.suppress(termios.error):
            if _in_front(terminal):
                termios.tcsetattr(terminal, termios.TCSANOW, before)


def _in_front(terminal: int) -> bool:
    """Whether we may change a terminal; a job in the background would be stopped for it."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return True  # it controls no job of ours
