"""A plain server: one handler for each link, all of them owned, and nothing left when it ends."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from longwire.errors import ConnectError, LongwireError
from longwire.link.acceptor import Acceptor
from longwire.link.options import LinkOptions
from longwire.link.reception import Reception, attend
from longwire.link.routing import Routes
from longwire.link.transport import listening_sockets, map_error

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from longwire.link.handshake import Compression
    from longwire.link.link import WireLink
    from longwire.link.routing import Handler, Hook

_log = logging.getLogger("longwire.serve")

_TURNED_AWAY: Final = 64
"""Connections over the limit that may be told so at a time; any more are closed without a word."""


def serve(
    handler: Handler | Mapping[str, Handler] | None,
    host: str | None = None,
    port: int = 0,
    *,
    routes: Mapping[str, Handler] | None = None,
    tls: ssl.SSLContext | None = None,
    origins: Sequence[str | None] | None = None,
    subprotocols: Sequence[str] = (),
    select_subprotocol: Callable[[Sequence[str]], str | None] | None = None,
    before_upgrade: Hook | None = None,
    compression: Compression = "deflate",
    max_request_bytes: int = 16_384,
    open_timeout: float = 10.0,
    max_connections: int | None = None,
    options: LinkOptions | None = None,
    close_timeout: float = 5.0,
) -> Server:
    """Make a server of links, for an ``async with`` statement; see `Server`.

    Args:
        handler: A coroutine function that is called with each link. The link is closed with 1000
            when it returns and with 1011 when it raises, which is logged on ``longwire.serve``. Or
            a mapping of such by path.
        host: The name or address to listen on; None: all interfaces.
        port: 0: any free one, see `Server.port`.
        routes: Handlers by exact path; ``handler`` is for all others, None: they get a 404.
        tls: Serve ``wss`` with this context; None: ``ws``.
        origins: Acceptable values of ``Origin``; None among them: it may be missing, as it is with
            programs other than browsers. None: any, safe only where a browser's cookies mean
            nothing.
        subprotocols: Understood, in order of preference. The first that the client offers is
            chosen; if it offers none of them, the link has none.
        select_subprotocol: Chooses among those offered, instead.
        before_upgrade: A coroutine function that sees each request, also plain GET and HEAD. A
            `Response` that it returns is the answer: for authentication, or health checks.
        compression: ``"deflate"`` accepts permessage-deflate where it is offered, None never.
        max_request_bytes: The largest opening request.
        open_timeout: Seconds from the accepted connection to the link, TLS and hook included.
        max_connections: How many at a time, openings included; one more gets a 503. None: any.
        options: Bounds of each link, as `longwire.LinkOptions`; None: its defaults.
        close_timeout: Seconds that handlers have to end when the server does; then they are
            cancelled.

    Raises:
        TypeError, ValueError: an argument makes no sense.
    """
    if isinstance(origins, str) or isinstance(subprotocols, str):
        raise TypeError("origins and subprotocols are sequences, not one string")
    if not isinstance(options, LinkOptions | None):
        raise TypeError(f"options must be LinkOptions or None, not {options!r}")
    if compression not in ("deflate", None):
        raise ValueError(f'compression must be "deflate" or None, not {compression!r}')
    if not open_timeout > 0 or not close_timeout >= 0:
        raise ValueError("open_timeout must be over 0 seconds, close_timeout must not be negative")
    reception = Reception(
        routes=Routes(handler, routes),
        tls=tls,
        origins=origins,
        select_subprotocol=select_subprotocol or _first_of(subprotocols),
        before_upgrade=before_upgrade,
        compression=compression,
        max_request_bytes=max_request_bytes,
        open_timeout=open_timeout,
        options=options or LinkOptions(),
    )
    return Server(
        reception, host, port, max_connections=max_connections, close_timeout=close_timeout
    )


class Server:
    """Made by `serve`. It listens inside ``async with``, or from `start` to `close`."""

    def __init__(
        self,
        reception: Reception,
        host: str | None,
        port: int,
        *,
        max_connections: int | None,
        close_timeout: float,
    ) -> None:
        self._reception = reception
        self._host = host
        self._port = port
        self._max_connections = max_connections
        self._close_timeout = close_timeout
        self._acceptor: Acceptor | None = None
        self._connections: dict[asyncio.Task[None], _Connection] = {}
        self._closing = False
        self._full = False
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
        """The port it listens on, the same on all addresses."""
        return int(self._listening().sockets[0].getsockname()[1])

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
            RuntimeError: it has been started before.
        """
        if self._acceptor is not None or self._closing:
            raise RuntimeError("a server is started once; make another one")
        loop = asyncio.get_running_loop()
        where = f"{self._host or '*'}:{self._port}"
        try:
            sockets = await listening_sockets(self._host, self._port, loop=loop)
        except OSError as error:
            raise _cannot_listen(error, where) from error
        self._acceptor = Acceptor(sockets, self._accepted, loop=loop)
        self._acceptor.start()

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
            if self._acceptor is not None:
                await self._acceptor.stop()
            for task, one in self._connections.items():
                if one.link is None:
                    task.cancel()  # not open yet
                else:
                    one.link.begin_close(1001, "the server is going away")
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

    def _listening(self) -> Acceptor:
        if self._acceptor is None:
            raise RuntimeError("the server has not been started")
        return self._acceptor

    def _others(self) -> set[asyncio.Task[None]]:
        # A handler that closes its own server cannot be waited for by itself.
        return {task for task in self._connections if task is not asyncio.current_task()}

    def _accepted(self, connection: socket.socket, peer: str) -> None:
        count = len(self._connections)
        limit = self._max_connections
        full = limit is not None and count >= limit
        if full and not self._full:
            _log.warning("all %d connections are in use: others are turned away", limit)
        self._full = full
        if limit is not None and count >= limit + _TURNED_AWAY:
            connection.close()
            return
        one = _Connection(connection, peer)
        task = asyncio.get_running_loop().create_task(
            self._serve(one, full=full), name=f"longwire connection from {peer}"
        )
        self._connections[task] = one
        task.add_done_callback(self._ended)

    async def _serve(self, one: _Connection, *, full: bool) -> None:
        sock, one.sock = one.sock, None
        assert sock is not None, "a connection is served once"  # noqa: S101 - for mypy
        received = await self._reception.receive(sock, one.peer, full=full)
        if received is not None:
            one.link, handler = received
            await attend(one.link, handler)

    def _ended(self, task: asyncio.Task[None]) -> None:
        one = self._connections.pop(task)
        if one.sock is not None:
            one.sock.close()  # cancelled before its first step
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a connection failed by itself, please report this", exc_info=error)


@dataclass
class _Connection:
    """What the server knows of a connection."""

    sock: socket.socket | None
    """Until somebody else owns it."""
    peer: str
    link: WireLink | None = None


def _cannot_listen(error: OSError, where: str) -> LongwireError:
    if isinstance(error, socket.gaierror):
        return map_error(error, phase="opening", where=where)
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return ConnectError(
        f"cannot listen ({name})",
        kind="local",
        retryable=False,
        blame="local",
        where=where,
        hint="the port is taken: choose another, or 0" if error.errno == errno.EADDRINUSE else "",
    )


def _first_of(understood: Sequence[str]) -> Callable[[Sequence[str]], str | None]:
    def select(offered: Sequence[str]) -> str | None:
        return next((one for one in understood if one in offered), None)

    return select
