"""SOCKS 4, 4a and 5 by python-socks, which only this file imports, at first use."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Final, cast

from longwire.errors import AddressError
from longwire.link.connecting import first_address

if TYPE_CHECKING:
    import asyncio

    from longwire.link.address import Address
    from longwire.link.proxy import Proxy

_NEVER: Final = 86_400.0
"""Seconds: the one deadline of the whole opening comes before."""


class _Connected:
    """Stands before the proxy, for python-socks: the connection to it is there already."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    async def connect(self, **_: Any) -> socket.socket:
        return self._sock


async def target_of(proxy: Proxy, address: Address, *, loop: asyncio.AbstractEventLoop) -> str:
    """The host as the proxy is asked for it: its name, or its address where the scheme says so.

    Raises:
        AddressError: SOCKS4 cannot carry an IPv6 address.
        OSError: the name does not resolve (`socket.gaierror`).
    """
    host = address.host.partition("%")[0]
    old = proxy.scheme.startswith("socks4")
    if old and ":" in host:
        raise AddressError(
            "SOCKS4 knows no IPv6 addresses",
            kind="address",
            retryable=False,
            blame="local",
            where=str(address),
            hint="use a socks5:// proxy, or the server's name",
        )
    if proxy.resolves_names:
        return host
    family = socket.AF_INET if old else socket.AF_UNSPEC
    return await first_address(host, address.port, family=family, loop=loop)


async def ask_socks(
    sock: socket.socket,
    proxy: Proxy,
    host: str,
    port: int,
    *,
    loop: asyncio.AbstractEventLoop,
) -> None:
    """Make a tunnel of a connection to a SOCKS proxy. The socket is closed if it cannot be.

    Raises:
        Exception: as python-socks and the system raise it, see `map_proxy_error`.
    """
    from python_socks import ProxyType  # noqa: PLC0415 - only for whom it is
    from python_socks.async_.asyncio import Proxy as Asking  # noqa: PLC0415 - the same

    user, password = proxy.userinfo or (None, None)
    asking = Asking(
        ProxyType.SOCKS4 if proxy.scheme.startswith("socks4") else ProxyType.SOCKS5,
        proxy.host,
        proxy.port,
        user,
        password,
        rdns=True,
        forward=cast("Any", _Connected(sock)),
        loop=loop,
    )
    await asking.connect(host, port, timeout=_NEVER)
