"""The way to a server: directly, by a proxy, over a Unix socket, or on a socket that is given."""

from __future__ import annotations

import inspect
import os
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from longwire.errors import ConnectError, LongwireError, SocketUsed
from longwire.link.connecting import connect_tcp, connect_unix
from longwire.link.errormap import map_error
from longwire.link.proxy import Proxy, proxy_from_environment
from longwire.link.proxyerrors import map_proxy_error
from longwire.link.socks import target_of
from longwire.link.tcp import Tcp
from longwire.link.tls import secured_for
from longwire.link.tunnel import TLSTunnel, tunnel
from longwire.link.userfunctions import function_failed

if TYPE_CHECKING:
    import asyncio

    from longwire.link.address import Address

SocketSource = socket.socket | Callable[[], socket.socket | Awaitable[socket.socket]]
"""A connected socket, or a function that gives them; it may be a coroutine function."""


class OneSocket:
    """A socket that was given to be used once."""

    def __init__(self, sock: socket.socket) -> None:
        if sock.fileno() == -1:
            raise ValueError("sock= is a socket that is closed")
        self._sock: socket.socket | None = sock

    def take(self, *, where: str) -> socket.socket:
        """The socket, for whoever asks first.

        Raises:
            SocketUsed: somebody did.
        """
        sock, self._sock = self._sock, None
        if sock is None:
            raise SocketUsed(where=where)
        return sock

    def close(self) -> None:
        """Close the socket, if nobody has asked for it. Safe to repeat."""
        if self._sock is not None:
            self._sock.close()


class Reached(NamedTuple):
    """A socket that is connected to the server; or to a proxy, if there is still to be a tunnel."""

    sock: socket.socket
    tunnel: TLSTunnel | None = None


@dataclass(frozen=True, kw_only=True)
class Route:
    """Which way a link takes. Made by `Route.of`."""

    proxy: Proxy | Literal[True] | None = None
    unix: str | None = None
    sock: OneSocket | Callable[[], Any] | None = None
    tcp: Tcp = field(default_factory=Tcp)
    user_agent: str | None = None

    @classmethod
    def of(
        cls,
        *,
        proxy: object,
        unix: object,
        sock: object,
        tcp: object,
        user_agent: str | None = None,
    ) -> Route:
        """Check what was asked for.

        Args:
            proxy: A URL, a `Proxy`, True for the environment's, None for none.
            unix: The path of a Unix socket, or None.
            sock: A `SocketSource`, a `OneSocket`, or None.
            tcp: How TCP connections are made.
            user_agent: What an HTTP proxy is told of us.

        Raises:
            AddressError: the proxy's URL is unusable.
            TypeError, ValueError: something else is, or two ways are asked for.
        """
        if not isinstance(tcp, Tcp):
            raise TypeError(f"tcp must be Tcp options, not {tcp!r}")
        _check_one_way(proxy, unix, sock, tcp)
        return cls(
            proxy=_checked_proxy(proxy),
            unix=None if unix is None else _checked_path(unix),
            sock=None if sock is None else _checked_source(sock),
            tcp=tcp,
            user_agent=user_agent,
        )

    def close(self) -> None:
        """No link goes this way any more: what was given for one and not used is closed."""
        if isinstance(self.sock, OneSocket):
            self.sock.close()

    async def reach(
        self,
        address: Address,
        *,
        loop: asyncio.AbstractEventLoop,
        progress: Callable[[str], None],
    ) -> Reached:
        """Connect. Cancelling closes whatever was begun.

        Args:
            address: Where to.
            loop: The running loop.
            progress: Told what is done next, in words.

        Raises:
            ConnectError: there is no way.
            OSError: a connection without proxy failed.
        """
        if self.sock is not None:
            progress("waiting for the sock function")
            return Reached(await self._given(self.sock, str(address)))
        if self.unix is not None:
            return Reached(_reach_unix(self.unix, address))
        proxy = proxy_from_environment(address) if self.proxy is True else self.proxy
        if proxy is not None:
            return await self._reach_through(proxy, address, loop, progress)
        progress("connecting (DNS, TCP)")
        return Reached(await connect_tcp(address.host, address.port, loop=loop, tcp=self.tcp))

    async def _reach_through(
        self,
        proxy: Proxy,
        address: Address,
        loop: asyncio.AbstractEventLoop,
        progress: Callable[[str], None],
    ) -> Reached:
        where = str(address)
        target = ""
        if proxy.socks:
            progress("resolving the server's name, as this kind of proxy does not")
            target = await target_of(proxy, address, loop=loop)
        with_tls = None
        if proxy.secure:
            secured = await secured_for(proxy.tls, proxy.host.partition("%")[0], where=where)
            with_tls = TLSTunnel(proxy, address, secured, self.user_agent)
        progress(f"connecting to the proxy {proxy}")
        try:
            sock = await connect_tcp(proxy.host, proxy.port, loop=loop, tcp=self.tcp)
        except LongwireError:
            raise
        except Exception as error:
            raise map_proxy_error(error, proxy, where=where) from error
        progress(f"asking the proxy {proxy} for the way")
        if with_tls is None:
            await tunnel(sock, proxy, target, address, user_agent=self.user_agent, loop=loop)
        return Reached(sock, with_tls)

    @staticmethod
    async def _given(source: OneSocket | Callable[[], Any], where: str) -> socket.socket:
        if isinstance(source, OneSocket):
            return _ready(source.take(where=where), where)
        try:
            sock = source()
            if inspect.isawaitable(sock):
                sock = await sock
        except LongwireError:
            raise
        except Exception as error:
            raise function_failed("sock", error, where=where) from error
        return _ready(sock, where)


DIRECT: Final = Route()
"""No proxy, whatever the environment says."""


def _reach_unix(path: str, address: Address) -> socket.socket:
    try:
        return connect_unix(path)
    except OSError as error:
        # Which of the two is wrong, nobody could tell from the URL.
        shown = path if path.isprintable() else ascii(path)
        raise map_error(error, phase="opening", where=f"{address} at {shown}") from error


def _ready(sock: object, where: str) -> socket.socket:
    """What was given, if a link can be made on it."""
    fault, retryable = "", False
    if not isinstance(sock, socket.socket):
        fault = f"gave no socket, but {type(sock).__name__}"
    elif isinstance(sock, ssl.SSLSocket):
        fault = "gave a socket that speaks TLS already, which wss:// is for"
    elif sock.fileno() == -1:
        fault = "gave a socket that is closed"
    elif sock.type != socket.SOCK_STREAM:
        fault = "gave a socket that is no stream"
    elif not _connected(sock):
        fault, retryable = "gave a socket that is not connected, or not any more", True
    if not fault and isinstance(sock, socket.socket):
        sock.setblocking(False)
        return sock
    if isinstance(sock, socket.socket):
        sock.close()
    raise ConnectError(
        f"sock= {fault}",
        kind="local",
        retryable=retryable,
        blame="local",
        where=where,
        hint="it must be a connected TCP or Unix socket",
    )


def _connected(sock: socket.socket) -> bool:
    try:
        sock.getpeername()
    except OSError:
        return False
    return True


def _check_one_way(proxy: object, unix: object, sock: object, tcp: Tcp) -> None:
    ways = {"proxy=": proxy is not None and proxy is not True, "unix=": unix is not None}
    ways |= {"sock=": sock is not None}
    asked = [name for name, given in ways.items() if given]
    if len(asked) > 1:
        raise ValueError(f"{' and '.join(asked)} are different ways to the server: choose one")
    if tcp != Tcp() and asked and asked != ["proxy="]:
        raise ValueError(f"tcp= says how to connect, and with {asked[0]} nothing is connected so")


def _checked_proxy(proxy: object) -> Proxy | Literal[True] | None:
    if proxy is None or isinstance(proxy, Proxy):
        return proxy
    if proxy is True:
        return True
    if isinstance(proxy, str):
        return Proxy(proxy)
    # Not its value: that may be a secret in the wrong place.
    kind = type(proxy).__name__
    raise TypeError(f"proxy must be a URL, a Proxy, True (the environment's) or None, not {kind}")


def _checked_path(path: object) -> str:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"unix must be the path of a socket, not {path!r}")
    if not hasattr(socket, "AF_UNIX"):
        raise ValueError("unix= needs Unix sockets, and this system has none")
    text = os.fspath(path)
    if not isinstance(text, str) or not text:
        raise ValueError(f"unix must be the path of a socket, not {path!r}")
    # An abstract name of Linux begins with the one NUL that there may be.
    if "\0" in text[1:] or text == "\0":
        raise ValueError("unix= has a NUL inside")
    if len(os.fsencode(text)) > 107:
        raise ValueError("unix= is longer than the 107 bytes that the path of a socket may have")
    return text


def _checked_source(sock: object) -> OneSocket | Callable[[], Any]:
    if isinstance(sock, OneSocket):
        return sock
    if isinstance(sock, ssl.SSLSocket):
        raise TypeError("sock= is a socket that speaks TLS already: give it without, and wss://")
    if isinstance(sock, socket.socket):
        return OneSocket(sock)
    if callable(sock):
        return sock
    raise TypeError(f"sock must be a socket or a function that gives one, not {sock!r}")
