"""One connection of a server, from the accepted socket to the end of its handler."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longwire.errors import LinkClosed
from longwire.link.arrival import Arrival, Gone
from longwire.link.base import Closure
from longwire.link.deadline import Deadline
from longwire.link.link import WireLink
from longwire.link.routing import Refusal, Response
from longwire.link.server_opening import ServerOpening
from longwire.link.transport import accept_transport
from longwire.observe.spin import SpinGuard

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable, Sequence

    from longwire.core.compression import Compression
    from longwire.link.options import LinkOptions
    from longwire.link.routing import Handler, Hook, OpeningRequest, Routes
    from longwire.observe.sighting import Sighting

_log = logging.getLogger("longwire.serve")


@dataclass(kw_only=True)
class Reception:
    """How a server receives its clients; see `longwire.link.listen.serve` for the meanings."""

    routes: Routes
    tls: ssl.SSLContext | None
    origins: Sequence[str | None] | None
    select_subprotocol: Callable[[Sequence[str]], str | None]
    before_upgrade: Hook | None
    compression: Compression
    max_request_bytes: int
    open_timeout: float
    options: LinkOptions

    async def receive(
        self, sock: socket.socket, peer: str, *, refusal: Response | None = None
    ) -> tuple[WireLink, Handler] | None:
        """Do the opening; None if it did not end in a link. Whatever is left open is a live link.

        Args:
            sock: An accepted connection.
            peer: Its other end.
            refusal: What to answer without reading the request; None: receive it.
        """
        loop = asyncio.get_running_loop()
        opening = ServerOpening(
            peer=peer,
            origins=self.origins,
            compression=self.compression,
            max_request_bytes=self.max_request_bytes,
        )
        arrival = Arrival(opening, loop=loop)
        try:
            try:
                async with Deadline(self.open_timeout) as deadline:
                    # A client that leaves ends the wait for it, and the hook that works for it.
                    arrival.on_gone = deadline.expire
                    await accept_transport(sock, lambda: arrival, tls=self.tls, loop=loop)
                    if refusal is None:
                        return await self._negotiate(opening, arrival)
                    response = refusal
            except Refusal as refused:
                response = refused.response
            except TimeoutError:
                if arrival.gone:
                    return None
                response = _too_slow(arrival)
            except (Gone, OSError) as error:
                _log.debug("an opening from %s ended early (%s)", peer, type(error).__name__)
                return None
            finally:
                arrival.on_gone = None
            await arrival.answer(response)
            _log.debug("answered %d to %s", response.status, peer)
            return None
        finally:
            await arrival.discard()

    async def _negotiate(
        self, opening: ServerOpening, arrival: Arrival
    ) -> tuple[WireLink, Handler]:
        request = await arrival.request
        if request.upgrade:
            opening.check()
        await self._ask_hook(request)
        handler = self.routes.find(request.path)
        if handler is None:
            raise Refusal(Response(404, body="nothing is served here\n"))
        if not request.upgrade:
            opening.check()  # says what is missing
        subprotocol = self._choose(request)
        link = WireLink(loop=asyncio.get_running_loop(), mask=False, options=self.options)
        link.inbox.on_asked = SpinGuard(_tell_spin).asked
        arrival.go_live(link, subprotocol=subprotocol)
        return link, handler

    async def _ask_hook(self, request: OpeningRequest) -> None:
        if self.before_upgrade is None:
            return
        try:
            response: object = await self.before_upgrade(request)
        except (Exception, asyncio.CancelledError) as error:
            if _is_for_us(error):
                raise
            _log.exception("before_upgrade raised for %s", request.path)
            raise _failed() from error
        if response is None:
            return
        if not isinstance(response, Response):
            _log.error(
                "before_upgrade returned %s for %s: it must return a Response, or None to go on",
                type(response).__name__,
                request.path,
            )
            raise _failed()
        raise Refusal(response)

    def _choose(self, request: OpeningRequest) -> str | None:
        try:
            chosen = self.select_subprotocol(request.subprotocols)
        except Exception as error:
            _log.exception("select_subprotocol raised for %s", request.path)
            raise _failed() from error
        if chosen is not None and chosen not in request.subprotocols:
            _log.error("select_subprotocol chose what %s does not offer", request.peer)
            raise _failed()
        return chosen


async def attend(link: WireLink, handler: Handler) -> None:
    """Run the handler and end the link: 1000 when it returns, 1011 when it raises.

    What it raises is logged, and ends there. Cancelling aborts the link.
    """
    try:
        code = 1011
        try:
            await handler(link)
            code = 1000
        except LinkClosed as error:
            if not isinstance(error.closure, Closure) or error.closure is link.closure:
                code = 1000  # its own link has ended, of which a handler need not take notice
            else:
                _log.exception("the handler for %s raised", _path(link))
        except (Exception, asyncio.CancelledError) as error:
            if _is_for_us(error):
                raise
            _log.exception("the handler for %s raised", _path(link))
        await link.close(code)
    finally:
        # Nothing to do after a close; after a cancellation this is what ends it.
        link.abort()
        await link.wait_gone()


def _is_for_us(error: BaseException) -> bool:
    """Whether it is our task that is cancelled, and not something a user's code waits for."""
    task = asyncio.current_task()
    cancelled = task is not None and task.cancelling() > 0
    return cancelled and isinstance(error, asyncio.CancelledError)


def _tell_spin(seen: Sighting) -> None:
    _log.warning(
        "a handler swallows the end of its link at %s and receives again: it is held back, or the "
        "event loop would stand still",
        seen,
    )


def _path(link: WireLink) -> str:
    return link.request.path.partition("?")[0]


def _failed() -> Refusal:
    return Refusal(Response(500, body="the server failed; its log says why\n"))


def _too_slow(arrival: Arrival) -> Response:
    if arrival.request.done() and not arrival.request.cancelled():
        return Response(503, body="the server did not decide in time\n")
    return Response(408, body="the request did not come in time\n")
