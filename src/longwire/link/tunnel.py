"""From a connection to a proxy to one that leads through it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from longwire.errors import LongwireError
from longwire.link.connect_request import ConnectRequest
from longwire.link.proxyerrors import map_proxy_error
from longwire.link.socks import ask_socks

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable

    from longwire.link.address import Address
    from longwire.link.proxy import Proxy
    from longwire.link.tls import Secured

_READ: Final = 2**16
_GONE_WITHIN: Final = 1.0
"""Seconds to wait for an aborted transport to be gone. It takes a few turns of the loop."""


async def tunnel(
    sock: socket.socket,
    proxy: Proxy,
    target: str,
    address: Address,
    *,
    user_agent: str | None,
    loop: asyncio.AbstractEventLoop,
) -> None:
    """Ask a proxy without TLS for the way to an address. Closes the socket if there is none.

    Args:
        sock: Connected to the proxy.
        proxy: Which one that is.
        target: The host to ask for, see `target_of`.
        address: Where to.
        user_agent: For an HTTP proxy; None: none.
        loop: The running loop.

    Raises:
        ProxyError: there is no way, or no proxy.
    """
    try:
        if proxy.socks:
            await ask_socks(sock, proxy, target, address.port, loop=loop)
        else:
            await _ask_http(sock, ConnectRequest(proxy, address, user_agent=user_agent), loop)
    except BaseException as error:
        sock.close()
        if not isinstance(error, Exception) or isinstance(error, LongwireError):
            raise
        raise map_proxy_error(error, proxy, where=str(address)) from error


async def _ask_http(
    sock: socket.socket, request: ConnectRequest, loop: asyncio.AbstractEventLoop
) -> None:
    await loop.sock_sendall(sock, request.request_bytes())
    while True:
        data = await loop.sock_recv(sock, _READ)
        if not data:
            raise EOFError
        if request.feed(data):
            return


class TLSTunnel(NamedTuple):
    """A way through a proxy that is spoken to with TLS."""

    proxy: Proxy
    address: Address
    secured: Secured
    """The TLS with the proxy."""
    user_agent: str | None


class SecureTunnel(asyncio.Protocol):
    """A CONNECT over TLS, for ``https://`` proxies: the answer is awaited on a transport.

    Args:
        request: What to ask.
        loop: The running loop.
    """

    def __init__(self, request: ConnectRequest, *, loop: asyncio.AbstractEventLoop) -> None:
        self._request = request
        self._transport: Any = None
        self._answer: asyncio.Future[None] = loop.create_future()
        self._gone: asyncio.Future[None] = loop.create_future()

    async def ask(self) -> None:
        """Send the request and wait for the tunnel.

        Raises:
            ProxyError: the proxy says no.
            OSError, EOFError: the connection was lost.
        """
        self._transport.write(self._request.request_bytes())
        await self._answer

    def check(self) -> None:
        """Raises EOFError if the connection has ended."""
        if self._gone.done():
            raise EOFError

    async def wait_lost(self) -> None:
        """Wait until an aborted connection has ended."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GONE_WITHIN):
                await self._gone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP and TLS to the proxy are there."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Bytes of the answer."""
        if self._answer.done():
            return
        try:
            if self._request.feed(data):
                self._answer.set_result(None)
        except Exception as error:  # noqa: BLE001 - told to whoever asks; here it would be logged
            self._answer.set_exception(error)

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is gone."""
        if not self._answer.done():
            self._answer.set_exception(exc or EOFError())
            self._answer.exception()  # there may be nobody who waits for it any more
        if not self._gone.done():
            self._gone.set_result(None)


async def open_in_tls(
    sock: socket.socket,
    tunnel: TLSTunnel,
    protocol: asyncio.BaseProtocol,
    inner: Secured | None,
    *,
    connect: Callable[..., Awaitable[Any]],
    start_tls: Callable[..., Awaitable[Any]],
    progress: Callable[[str], None],
) -> Any:
    """Ask a proxy with TLS for the way, and give the protocol the transport that leads through it.

    Cancelling closes all of it.

    Args:
        sock: Connected to the proxy.
        tunnel: What to say there, and how.
        protocol: Gets the transport.
        inner: The TLS with the server behind it; None: there is none.
        connect: The engine's ``create_connection``.
        start_tls: The engine's.
        progress: Told what is done next, in words.

    Raises:
        ProxyError: there is no way, or no proxy.
        OSError: what went wrong behind the proxy.
    """
    loop = asyncio.get_running_loop()
    request = ConnectRequest(tunnel.proxy, tunnel.address, user_agent=tunnel.user_agent)
    exchange = SecureTunnel(request, loop=loop)
    outer = transport = None
    try:
        try:
            outer, _ = await connect(
                lambda: exchange,
                sock=sock,
                ssl=tunnel.secured.context,
                server_hostname=tunnel.secured.server_name,
            )
            await exchange.ask()
        except LongwireError:
            raise
        except Exception as error:
            raise map_proxy_error(error, tunnel.proxy, where=str(tunnel.address)) from error
        transport = outer
        if inner is not None:
            progress("shaking hands (TLS)")
            # It goes on hearing of the connection's end until it is told that all is well.
            transport = await start_tls(
                outer, exchange, inner.context, server_hostname=inner.server_name
            )
        exchange.check()
    except BaseException:
        if outer is not None:
            outer.abort()
            await exchange.wait_lost()
        raise
    transport.set_protocol(protocol)
    protocol.connection_made(transport)
    return transport
