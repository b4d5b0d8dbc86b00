"""`serve`: what a server is told, and the check of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.link.options import LinkOptions
from longwire.link.places import place_of
from longwire.link.reception import Reception
from longwire.link.routing import Routes
from longwire.link.server import Limits, Server, checked_tls
from longwire.link.zlibs import checked_compression

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable, Mapping, Sequence

    from longwire.core.compression import Compression
    from longwire.link.places import StrPath
    from longwire.link.routing import Handler, Hook


def serve(
    handler: Handler | Mapping[str, Handler] | None,
    host: str | None = None,
    port: int = 0,
    *,
    routes: Mapping[str, Handler] | None = None,
    path: StrPath | None = None,
    mode: int | None = None,
    sock: socket.socket | Sequence[socket.socket] | None = None,
    reuse_port: bool = False,
    tls: ssl.SSLContext | None = None,
    origins: Sequence[str | None] | None = None,
    subprotocols: Sequence[str] = (),
    select_subprotocol: Callable[[Sequence[str]], str | None] | None = None,
    before_upgrade: Hook | None = None,
    compression: Compression = "deflate",
    max_request_bytes: int = 16_384,
    open_timeout: float = 10.0,
    max_connections: int | None = None,
    max_connections_per_address: int | None = None,
    max_openings_per_address: int | None = None,
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
        path: Listen at this Unix socket instead of host and port. What a dead server has left there
            is replaced, and the file is removed at the end. On Linux one that begins with NUL is an
            abstract name.
        mode: Permissions of that file, such as 0o660; None: as the umask says.
        sock: Listen on this socket, or on several, bound by somebody else. They belong to the
            server from `Server.start` on.
        reuse_port: Let other processes listen on the same port, if they say so, too; the system
            deals the connections out among them.
        tls: Serve ``wss`` with this context; None: ``ws``. See `Server.use_tls`.
        origins: Acceptable values of ``Origin``; None among them: it may be missing, as it is with
            programs other than browsers. None: any, safe only where a browser's cookies mean
            nothing.
        subprotocols: Understood, in order of preference. The first that the client offers is
            chosen; if it offers none of them, the link has none.
        select_subprotocol: Chooses among those offered, instead.
        before_upgrade: A coroutine function that sees each request, also plain GET and HEAD. A
            `Response` that it returns is the answer: for authentication, or health checks.
        compression: ``"deflate"`` accepts permessage-deflate where it is offered, `Deflate` options
            on other terms than its defaults; None never.
        max_request_bytes: The largest opening request.
        open_timeout: Seconds from the accepted connection to the link, TLS and hook included.
        max_connections: How many at a time, openings included; one more gets a 503. None: any.
        max_connections_per_address: How many at a time from one IPv4 address, or from the 64 bits
            of an IPv6 address that one customer has; one more gets a 429. None: any. Behind a proxy
            all come from the proxy's address. Unix sockets have no addresses.
        max_openings_per_address: How many may be opened by one such address in a minute, at once
            or one by one; one more gets a 429 with ``Retry-After``. None: any.
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
    _check(max_request_bytes, select_subprotocol=select_subprotocol, before_upgrade=before_upgrade)
    checked_compression(compression, client=False)
    if not open_timeout > 0 or not close_timeout >= 0:
        raise ValueError("open_timeout must be over 0 seconds, close_timeout must not be negative")
    limits = Limits(
        connections=max_connections,
        connections_per_address=max_connections_per_address,
        openings_per_address=max_openings_per_address,
    )
    place = place_of(host, port, path=path, mode=mode, sock=sock, reuse_port=reuse_port)
    reception = Reception(
        routes=Routes(handler, routes),
        tls=None if tls is None else checked_tls(tls),
        origins=origins,
        select_subprotocol=select_subprotocol or _first_of(subprotocols),
        before_upgrade=before_upgrade,
        compression=compression,
        max_request_bytes=max_request_bytes,
        open_timeout=open_timeout,
        options=options or LinkOptions(),
    )
    return Server(reception, place, limits, close_timeout=close_timeout)


def _check(max_request_bytes: int, **functions: object) -> None:
    if not max_request_bytes >= 1:
        raise ValueError(f"max_request_bytes must be at least 1, not {max_request_bytes}")
    for name, function in functions.items():
        if function is not None and not callable(function):
            raise TypeError(f"{name} must be a function or None, not {function!r}")


def _first_of(understood: Sequence[str]) -> Callable[[Sequence[str]], str | None]:
    def select(offered: Sequence[str]) -> str | None:
        return next((one for one in understood if one in offered), None)

    return select
