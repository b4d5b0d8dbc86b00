"""The server's end of a connection until its link is live, or until it is answered otherwise."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from longwire.link.base import Request
from longwire.link.routing import Refusal
from longwire.link.secured import tls_info

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.link.link import WireLink
    from longwire.link.routing import OpeningRequest, Response
    from longwire.link.server_opening import ServerOpening

LINGER: Final = 1.0
"""Seconds for the client to take a part of a plain answer, or to close when it has it all. Closing
first, with bytes of the request unread, would reset the connection, and the answer might be lost
with it."""
TAKEN_WITHIN: Final = 60.0
"""Seconds for a client to take the whole of a plain answer, however steadily it does."""
_GONE_WITHIN: Final = 1.0
_MAX_EARLY: Final = 64 * 1024
"""Bytes kept of a client that sends frames before it has been accepted; then reading is paused."""


class Gone(Exception):
    """The client left before its opening was done. Never leaves the link room."""


class Arrival(asyncio.Protocol):
    """Takes the request from the transport; then the link takes over, or `answer` ends it.

    Args:
        opening: The handshake to speak.
        loop: The running loop.

    Attributes:
        request: The request, once it is there; raises `Refusal` or `Gone`.
        on_gone: Called once when the client leaves before its opening is done.
    """

    def __init__(self, opening: ServerOpening, *, loop: asyncio.AbstractEventLoop) -> None:
        self.request: asyncio.Future[OpeningRequest] = loop.create_future()
        self.on_gone: Callable[[], None] | None = None
        self.gone = False
        self._opening = opening
        self._link: WireLink | None = None
        self._lost: asyncio.Future[None] = loop.create_future()
        self._transport: asyncio.Transport | None = None
        self._answering = False

    # -- what the transport calls -------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP, and TLS where it is used, are there."""
        # The engines differ in their classes; all of them read and write.
        self._transport = transport  # type: ignore[assignment]
        self._opening.tls = tls_info(transport)

    def data_received(self, data: bytes) -> None:
        """Bytes of the request, or early ones behind it."""
        if self._answering or (self.request.done() and self._failed()):
            return
        try:
            request = self._opening.feed(data)
        except Refusal as refusal:
            self.request.set_exception(refusal)
            return
        if request is not None and not self.request.done():
            self.request.set_result(request)
        if request is not None and len(self._opening.early) > _MAX_EARLY:
            self._reading(on=False)

    def eof_received(self) -> bool:
        """The client will send no more; it may still wait for a plain answer."""
        if self._link is not None:
            return self._link.eof_received()
        if not self._answering and not self._waits_for_answer():
            self._leave()
            return False
        # With TLS the connection cannot be half closed.
        encrypted = self._transport is not None and self._transport.get_extra_info("sslcontext")
        return not self._answering and not encrypted

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is gone."""
        if self._link is not None:
            # It was lost before the change, and told after it.
            self._link.connection_lost(exc)
        else:
            self._leave()
        if not self._lost.done():
            self._lost.set_result(None)

    def _failed(self) -> bool:
        return self.request.cancelled() or self.request.exception() is not None

    def _waits_for_answer(self) -> bool:
        done = self.request.done()
        return done and (self._failed() or not self.request.result().upgrade)

    def _leave(self) -> None:
        if self.gone:
            return
        self.gone = True
        if not self.request.done():
            self.request.set_exception(Gone())
        if self.on_gone is not None:
            self.on_gone()

    def _reading(self, *, on: bool) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if on and not self._transport.is_reading():
            self._transport.resume_reading()
        elif not on and self._transport.is_reading():
            self._transport.pause_reading()

    # -- the two ways out ---------------------------------------------------------------------

    def go_live(self, link: WireLink, *, subprotocol: str | None) -> None:
        """Accept: the link owns the connection from now on.

        Raises:
            Gone: the client has left.
            ValueError: the subprotocol was not offered.
        """
        transport = self._transport
        if transport is None or self.gone or transport.is_closing():
            raise Gone
        request = self.request.result()
        accepted = self._opening.accept(subprotocol=subprotocol)
        self._link = link
        transport.set_protocol(link)
        self._reading(on=True)
        transport.write(accepted)
        link.go_live(
            transport,
            Request(
                path=request.target,
                headers=request.headers,
                peer=request.peer,
                subprotocol=subprotocol,
                tls=request.tls,
            ),
            deflate=self._opening.deflate,
            early=self._opening.early,
        )

    async def answer(self, response: Response) -> None:
        """Send a plain answer, wait for the client to take it, and close.

        A client that takes none of it for a moment is not waited for any longer.
        """
        self._answering = True
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        self._reading(on=True)
        transport.write(self._opening.reject(response))
        if transport.can_write_eof():
            with contextlib.suppress(OSError):  # it is gone already
                transport.write_eof()
        else:
            transport.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TAKEN_WITHIN):
                await self._until_taken(transport)

    async def _until_taken(self, transport: asyncio.Transport) -> None:
        left = transport.get_write_buffer_size()
        before = left + 1
        while left < before and not self._lost.done():
            await asyncio.wait([self._lost], timeout=LINGER)
            before, left = left, transport.get_write_buffer_size()

    async def discard(self) -> None:
        """Close without a word, and wait until it is done. Does nothing if a link took over."""
        if self.request.done() and not self.request.cancelled():
            self.request.exception()  # whoever waited for it does not any more
        self.request.cancel()
        if self._transport is not None and self._link is None:
            self._transport.abort()
            await asyncio.wait([self._lost], timeout=_GONE_WITHIN)
