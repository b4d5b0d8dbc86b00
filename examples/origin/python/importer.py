"""What the program is there for: a thread that works on pages, and asks for the next.

It is synchronous, as such work often is, and knows nothing of WebSocket: chunks come to it through
a queue, and it has a function to ask with.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from typing import TYPE_CHECKING, Final

from examples.origin.pages import Place

if TYPE_CHECKING:
    from collections.abc import Callable

WORK: Final = 0.02
"""Seconds that a page takes to be worked on."""
REPORT: Final = 0.25
"""Seconds between two lines that say how far it has come."""


class Importer(threading.Thread):
    """Started, it works until the process ends.

    Args:
        ask: Called with each request, in this thread.
    """

    def __init__(self, ask: Callable[[str], object]) -> None:
        super().__init__(daemon=True)
        self._ask = ask
        self._arrivals: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def connected(self) -> None:
        """There is a connection: what is missing may be asked for."""
        self._arrivals.put(None)

    def arrived(self, chunk: bytes) -> None:
        """A chunk has come."""
        self._arrivals.put(chunk)

    def run(self) -> None:
        """Work on what comes, and say now and then how far that is."""
        place = Place()
        due = time.monotonic() + REPORT
        while True:
            with contextlib.suppress(queue.Empty):
                self._take(place, self._arrivals.get(timeout=max(0.0, due - time.monotonic())))
            if time.monotonic() >= due:
                due += REPORT
                print(place, flush=True)

    def _take(self, place: Place, arrival: bytes | None) -> None:
        if arrival is None:
            self._ask(place.request())
        elif place.take(arrival):
            time.sleep(WORK)
            self._ask(place.request())
