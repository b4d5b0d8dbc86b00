"""Holds a transport back from reading, and lets it go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.link.transport import loses_what_it_read_ahead

if TYPE_CHECKING:
    import asyncio


class Gate:
    """Whether a transport reads. Both verbs may be said twice.

    Args:
        transport: Open, and reading.
        loop: Its loop.
    """

    __slots__ = (
        "_held",
        "_later",
        "_loop",
        "_transport",
    )

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._later = loses_what_it_read_ahead(transport)
        self._held = False

    def hold(self) -> None:
        """Read no more. With some transports only from the loop's next turn on."""
        if self._held:
            return
        self._held = True
        if self._later:
            # What still comes before it takes effect waits in the read buffer.
            self._loop.call_soon(self._hold_now)
        else:
            self._transport.pause_reading()

    def _hold_now(self) -> None:
        if self._held and not self._transport.is_closing():
            self._transport.pause_reading()

    def open(self) -> None:
        """Read again, unless the transport is closing."""
        if not self._held:
            return
        self._held = False
        if not self._transport.is_closing():
            self._transport.resume_reading()
