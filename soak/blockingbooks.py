"""The user of the blocking client: the same books, kept in a thread of their own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

import longwire
import longwire.sync
from soak.books import SENT_EVERY, Books

if TYPE_CHECKING:
    from soak.kinds import Kind


class BlockingBooks(Books):
    """What one client of `longwire.sync` has told so far; see `Books`.

    Args:
        client: Entered.
        kind: What it was asked for.
        bound: Messages that may be queued.
    """

    def __init__(self, client: longwire.sync.Client, kind: Kind, *, bound: int) -> None:
        # What the books ask it for, both kinds of client have: counters, alerts, interruptions.
        super().__init__(cast("longwire.Client", client), kind, bound=bound)
        self.free = threading.Event()
        """Unset while the user's code has something else to do."""
        self.free.set()
        self._blocking = client

    def keep_on(self) -> None:
        """Receive until the client ends; now and then send something, too. Blocks."""
        for event in self._blocking.events():
            before = self.last
            self._note(event)
            self._check_sums()
            if self.last // SENT_EVERY > before // SENT_EVERY:
                self._send_on()
            self.free.wait()

    def _send_on(self) -> None:
        try:
            self._blocking.send(f"{self.accepted} of the client")
        except longwire.ClientClosed:
            return  # what it had received is handed over all the same
        self.accepted += 1
