"""A server: one handler for each link, all of them owned, and nothing left when it ends."""

from __future__ import annotations

import asyncio
import logging
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from longwire.link.acceptor import Acceptor
from longwire.link.admission import Admission
from longwire.link.reception import Reception, attend
from longwire.link.transport import shown_peer

if TYPE_CHECKING:
    import socket
    from types import TracebackType

    from longwire.link.admission import Ticket
    from longwire.link.link import WireLink
    from longwire.link.places import Place

_log = logging.getLogger("longwire.serve")

_CLOSED_PER_TURN: Final = 64
"""Links that are told of the end in one turn of the loop."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many connections a server has; see `longwire.link.listen.serve`."""

    connections: int | None
    connections_per_address: int | None
    openings_per_address: int | None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not isinstance(value, int | None) or isinstance(value, bool):
                raise TypeError(f"max_{name} must be an integer or None, not {value!r}")
            if value is not None and value < 1:
                raise ValueError(f"max_{name} must be at least 1, or None, not {value}")


class Server:
    """Made by `longwire.serve`. It listens inside ``async with``, or from `start` to `close`."""

    def __init__(
        self, reception: Reception, place: Place, limits: Limits, *, close_timeout: float
    ) -> None:
        self._reception = reception
        self._place = place
        self._limits = limits
        self._close_timeout = close_timeout
        self._acceptor: Acceptor | None = None
        self._admission: Admission | None = None
        self._connections: dict[asyncio.Task[None], _Connection] = {}
        self._starting = False
        self._closing = False
        self._closed: asyncio.Event = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def port(self) -> int:
        """The port it listens on, the same on all addresses of a host.

        Raises:
            RuntimeError: it has not been started, or listens at a Unix socket.
        """
        name = self._listening().sockets[0].getsockname()
        if isinstance(name, tuple):
            return int(name[1])
        raise RuntimeError("a Unix socket has no port")

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """The listening sockets, one for each address. Not to be closed."""
        return self._listening().sockets

    @property
    def links(self) -> tuple[WireLink, ...]:
        """The links that are live now."""
        links = [one.link for one in self._connections.values() if one.link is not None]
        return tuple(link for link in links if link.closure is None)

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            ConnectError: the address is taken, not allowed or not there.
            RuntimeError: it has been started before, or is closed meanwhile.
        """
        if self._acceptor is not None or self._starting or self._closing:
            raise RuntimeError("a server is started once; make another one")
        loop = asyncio.get_running_loop()
        self._admission = Admission(
            connections=self._limits.connections,
            per_address=self._limits.connections_per_address,
            openings_per_address=self._limits.openings_per_address,
            clock=loop.time,
        )
        self._starting = True
        try:
            sockets = await self._place.listen()
        finally:
            self._starting = False
        if self._is_closing():
            # Whoever closed it found nothing to close.
            await self._place.leave()
            for one in sockets:
                one.close()
            raise RuntimeError("the server was closed while it started")
        self._acceptor = Acceptor(sockets, self._accepted, loop=loop)
        self._acceptor.start()

    def _is_closing(self) -> bool:
        return self._closing

    def use_tls(self, context: ssl.SSLContext) -> None:
        """Use another context for connections that come from now on, as when a certificate is new.

        Links that are live stay as they are.

        Raises:
            TypeError, ValueError: it is no context for servers, or the server was made without TLS.
        """
        if self._reception.tls is None:
            raise ValueError("this server was made without TLS")
        self._reception.tls = checked_tls(context)

    async def drain(self, within: float | None = None) -> None:
        """Stop accepting and let the handlers come to their end by themselves; then `close`.

        Connections that wait to be accepted still are, and openings go on. Cancelling this leaves
        the server without new connections, and otherwise as it is.

        Args:
            within: Seconds until those that are left are closed; None: as long as it takes.

        Raises:
            ValueError: ``within`` is negative.
        """
        if within is not None and not within >= 0:
            raise ValueError(f"within must be a number of seconds or None, not {within}")
        await self._stop_accepting(take_queued=True)
        if others := self._others():
            await asyncio.wait(others, timeout=within)
        await self.close()

    async def close(self) -> None:
        """Stop: no new connections, 1001 to every link, and every handler awaited.

        Handlers have `close_timeout` seconds, then they are cancelled and their links aborted.
        Cancelling this skips the waiting. A handler may call it for its own server.
        """
        if self._closing:
            await self.wait_closed()
            return
        self._closing = True
        try:
            await self._stop_accepting()
            await self._tell_all()
            if others := self._others():
                await asyncio.wait(others, timeout=self._close_timeout)
        finally:
            others = self._others()
            for task in others:
                task.cancel()
            if others:
                await asyncio.wait(others)
            self._closed.set()

    async def wait_closed(self) -> None:
        """Wait until `close` has done its work."""
        await self._closed.wait()

    async def _stop_accepting(self, *, take_queued: bool = False) -> None:
        if self._acceptor is not None:
            try:
                await self._place.leave()
            finally:
                await self._acceptor.stop(take_queued=take_queued)

    async def _tell_all(self) -> None:
        for task, one in self._connections.items():
            if one.link is None:
                task.cancel()  # not open yet
        links = self.links
        for first in range(0, len(links), _CLOSED_PER_TURN):
            for link in links[first : first + _CLOSED_PER_TURN]:
                link.begin_close(1001, "the server is going away")
            await asyncio.sleep(0)

    def _listening(self) -> Acceptor:
        if self._acceptor is None:
            raise RuntimeError("the server has not been started")
        return self._acceptor

    def _others(self) -> set[asyncio.Task[None]]:
        # A handler that closes its own server cannot be waited for by itself.
        return {task for task in self._connections if task is not asyncio.current_task()}

    def _accepted(self, connection: socket.socket, address: object) -> None:
        # Nothing is accepted before the start.
        assert self._admission is not None  # noqa: S101 - for mypy
        ticket = self._admission.admit(address)
        if ticket is None:
            connection.close()
            return
        one = _Connection(connection, shown_peer(address), ticket)
        task = asyncio.get_running_loop().create_task(
            self._serve(one), name=f"longwire connection from {one.peer}"
        )
        self._connections[task] = one
        task.add_done_callback(self._ended)

    async def _serve(self, one: _Connection) -> None:
        sock, one.sock = one.sock, None
        assert sock is not None, "a connection is served once"  # noqa: S101 - for mypy
        received = await self._reception.receive(sock, one.peer, refusal=one.ticket.refusal)
        if received is not None:
            one.link, handler = received
            await attend(one.link, handler)

    def _ended(self, task: asyncio.Task[None]) -> None:
        one = self._connections.pop(task)
        # Who has a ticket got it there.
        assert self._admission is not None  # noqa: S101 - for mypy
        self._admission.leave(one.ticket)
        if one.sock is not None:
            one.sock.close()  # cancelled before its first step
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a connection failed by itself, please report this", exc_info=error)


@dataclass(slots=True)
class _Connection:
    """What the server knows of a connection."""

    sock: socket.socket | None
    """Until somebody else owns it."""
    peer: str
    ticket: Ticket
    link: WireLink | None = None


def checked_tls(context: object) -> ssl.SSLContext:
    """A context that a server can use.

    Raises:
        TypeError, ValueError: it is none.
    """
    if not isinstance(context, ssl.SSLContext):
        raise TypeError(f"tls must be an ssl.SSLContext, not {type(context).__name__}")
    if context.protocol == ssl.PROTOCOL_TLS_CLIENT:
        raise ValueError(
            "tls is a context for clients: make one with ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)"
        )
    return context
