"""One attempt of a dial: one connection, one request, one answer. All or nothing."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from longwire.errors import LongwireError
from longwire.link.base import Request
from longwire.link.errormap import map_error
from longwire.link.transport import open_transport, peer_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.link.address import Address
    from longwire.link.client_opening import Answer, ClientOpening
    from longwire.link.link import WireLink
    from longwire.link.route import Route
    from longwire.link.tls import TLSOption

BODY_TIME: Final = 1.0
"""Seconds a rejection's body may take once its head is there: it is worth no long wait."""
_GONE_WITHIN: Final = 1.0
"""Seconds to wait for an aborted transport to be gone. It takes two turns of the loop."""


class Attempt(asyncio.Protocol):
    """Speaks with the transport until the answer is there; then the link takes over.

    The change happens inside `data_received`, so that no byte, end of file or loss of the
    connection can fall between the two.

    Args:
        address: Where to.
        handshake: The opening to speak.
        make_link: Makes the link, once the server has accepted.
        loop: The running loop.
    """

    def __init__(
        self,
        address: Address,
        handshake: ClientOpening,
        make_link: Callable[[], WireLink],
        *,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.link: WireLink | None = None
        """Live, if the answer was 101."""
        self._address = address
        self._handshake = handshake
        self._make_link = make_link
        self._loop = loop
        self._answer: asyncio.Future[Answer] = loop.create_future()
        self._gone: asyncio.Future[None] = loop.create_future()
        self._body_timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._doing = "about to connect"

    async def run(self, *, tls: TLSOption, route: Route) -> Answer:
        """Connect, ask, and return the answer; unless that is 101 nothing is left open.

        Cancelling leaves nothing open either.

        Raises:
            ConnectError: there was no answer, or none that means anything.
        """
        try:
            await open_transport(
                self._address,
                lambda: self,
                tls=tls,
                loop=self._loop,
                route=route,
                on_progress=self._now_doing,
            )
            if self._transport is not None:
                self._now_doing("waiting for the server's answer")
                self._transport.write(self._handshake.request_bytes())
            answer = await self._answer
        except BaseException as error:
            await self._discard()
            if not isinstance(error, Exception) or isinstance(error, LongwireError):
                raise
            raise map_error(error, phase="opening", where=str(self._address)) from error
        if self.link is None:
            await self._discard()
        return answer

    @property
    def partial(self) -> Answer | None:
        """A rejection whose body has not come to its end."""
        return self._handshake.partial

    def _now_doing(self, words: str) -> None:
        self._doing = words

    @property
    def progress(self) -> str:
        """How far it has come, in words."""
        if self._handshake.received:
            return f"receiving the server's answer ({self._handshake.received} bytes have come)"
        return self._doing

    async def _discard(self) -> None:
        """Give the connection up; nothing that comes later has any effect."""
        self._stop_timer()
        if not self._answer.cancel() and not self._answer.cancelled():
            self._answer.exception()  # whoever waited for it does not any more
        if self._transport is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GONE_WITHIN):
                if self.link is not None:
                    # It went live in the very moment in which the dial was cancelled.
                    self.link.abort()
                    await self.link.wait_gone()
                else:
                    self._transport.abort()
                    await self._gone

    # -- what the transport calls -------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP, and TLS where it is used, are there."""
        # The engines differ in their classes; all of them read and write.
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Bytes of the answer."""
        if self._answer.done():
            return
        try:
            answer = self._handshake.feed(data)
        except LongwireError as error:
            self._finish(error)
            return
        if answer is not None:
            self._finish(answer)
        elif self.partial is not None and self._body_timer is None:
            self._body_timer = self._loop.call_later(BODY_TIME, self._take_partial)

    def eof_received(self) -> bool:
        """TCP ended; `connection_lost` follows."""
        self._end(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is gone."""
        if self.link is not None:
            # It was lost before the change, and told after it.
            self.link.connection_lost(exc)
        self._end(exc)
        if not self._gone.done():
            self._gone.set_result(None)

    # -- the result ---------------------------------------------------------------------------

    def _end(self, exc: Exception | None) -> None:
        """No more bytes will come."""
        if self._answer.done():
            return
        try:
            if exc is not None and self.partial is None:
                raise map_error(exc, phase="opening", where=str(self._address))
            self._finish(self._handshake.eof())
        except LongwireError as error:
            self._finish(error)

    def _take_partial(self) -> None:
        self._body_timer = None
        if self.partial is not None and not self._answer.done():
            self._finish(self.partial)

    def _finish(self, result: Answer | LongwireError) -> None:
        self._stop_timer()
        if isinstance(result, LongwireError):
            self._answer.set_exception(result)
            return
        try:
            if result.status == 101 and self._transport is not None:
                self._go_live(self._transport, result)
        except Exception as error:  # noqa: BLE001 - told to whoever dials; here it would be logged
            self.link = None
            self._answer.set_exception(map_error(error, phase="opening", where=str(self._address)))
            return
        # Going live calls back, and whoever is called may cancel the dial.
        if not self._answer.done():
            self._answer.set_result(result)

    def _stop_timer(self) -> None:
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None

    def _go_live(self, transport: asyncio.Transport, answer: Answer) -> None:
        self.link = link = self._make_link()
        transport.set_protocol(link)
        link.go_live(
            transport,
            Request(
                path=self._address.target,
                headers=self._handshake.request_headers,
                peer=peer_of(transport),
                subprotocol=answer.subprotocol,
            ),
            deflate=answer.deflate,
            early=answer.early,
        )
