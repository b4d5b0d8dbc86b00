"""Sockets and TLS: asyncio's transports, or aiofastnet's where it is installed."""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import os
import select
import socket
import ssl
from asyncio.log import logger
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from longwire.errors import ConnectError
from longwire.link.address import host_port
from longwire.link.errormap import map_error
from longwire.link.kernel import kernel_view
from longwire.link.route import DIRECT, Route
from longwire.link.tls import Secured, TLSOption, secured
from longwire.link.tunnel import open_in_tls

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator, Sequence

    from longwire.link.address import Address

__all__ = [
    "BACKLOG",
    "accept_transport",
    "check_engine",
    "ended_by_peer",
    "kernel_view",
    "left_behind",
    "listening_sockets",
    "loses_what_it_read_ahead",
    "map_error",
    "open_transport",
    "peer_of",
    "reads_on",
    "shown_peer",
]

ENGINE_VARIABLE: Final = "LONGWIRE_TRANSPORT"
"""``asyncio`` (the loop's own) or ``aiofastnet``.

Unset: aiofastnet where it is installed and the loop is asyncio's.
"""

BACKLOG: Final = 512
"""Connections that may wait to be accepted: a reconnecting crowd comes at once."""
_BIND_ATTEMPTS: Final = 8
_READ: Final = 2**17
"""Bytes read at a time."""

_ProtocolT = TypeVar("_ProtocolT", bound=asyncio.BaseProtocol)


async def open_transport(
    address: Address,
    protocol_factory: Callable[[], _ProtocolT],
    *,
    tls: TLSOption,
    loop: asyncio.AbstractEventLoop,
    route: Route = DIRECT,
    on_progress: Callable[[str], None] | None = None,
) -> tuple[asyncio.Transport, _ProtocolT]:
    """Resolve, connect, and shake hands with TLS where the address asks for it.

    Cancelling it closes whatever was begun.

    Args:
        address: Where to; its scheme decides whether TLS is used.
        protocol_factory: Makes the protocol that gets the transport.
        tls: How, or None or True for the system's certificate store.
        loop: The running loop.
        route: Which way to the address.
        on_progress: Told what is done next, in words.

    Raises:
        ConnectError: TLS was refused by ``tls=False``, the engine asked for is not there, or a
            proxy does not let us through.
        OSError: as the engine raises it, `ssl.SSLError` included; see `map_error`.
    """
    progress = on_progress or _ignore
    inner = await secured(tls, address) if address.secure else None
    fast = _aiofastnet(loop)
    reached = await route.reach(address, loop=loop, progress=progress)
    connect = loop.create_connection
    start_tls = loop.start_tls
    if fast is not None and not _call_back(inner, reached.tunnel and reached.tunnel.secured):
        connect = functools.partial(fast.create_connection, loop)
        start_tls = functools.partial(fast.start_tls, loop)
    # From here on the engine closes the socket, whatever happens.
    if reached.tunnel is not None:
        protocol = protocol_factory()
        transport = await open_in_tls(
            reached.sock,
            reached.tunnel,
            protocol,
            inner,
            connect=connect,
            start_tls=start_tls,
            progress=progress,
        )
    else:
        options: dict[str, Any] = {}
        if inner is not None:
            progress("shaking hands (TLS)")
            options = {"ssl": inner.context, "server_hostname": inner.server_name}
        transport, protocol = await connect(protocol_factory, sock=reached.sock, **options)
    if not route.tcp.nodelay:
        # Every engine sends at once by itself.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
    return cast("asyncio.Transport", transport), protocol


def _ignore(_words: str) -> None:
    """For those who do not ask."""


async def accept_transport(
    sock: socket.socket,
    protocol_factory: Callable[[], asyncio.BaseProtocol],
    *,
    tls: ssl.SSLContext | None,
    loop: asyncio.AbstractEventLoop,
) -> asyncio.Transport:
    """Take over an accepted socket; with ``tls`` shake hands first. Cancelling closes it."""
    sock.setblocking(False)
    try:
        fast = _aiofastnet(loop)
    except ConnectError:
        sock.close()
        raise
    # From here on the engine closes the socket, whatever happens: uvloop's owns the descriptor.
    if fast is not None and not (tls is not None and _calls_back(tls)):
        accept: Callable[..., Any] = functools.partial(fast.connect_accepted_socket, loop)
    else:
        accept = loop.connect_accepted_socket
    # uvloop returns a protocol of its own with TLS, so only the transport is taken from here.
    transport, _ = await accept(protocol_factory, sock, ssl=tls)
    _send_at_once(transport)
    return cast("asyncio.Transport", transport)


def check_engine(loop: asyncio.AbstractEventLoop) -> None:
    """What cannot accept should not listen.

    Raises:
        ConnectError: the engine asked for is not there.
    """
    _aiofastnet(loop)


async def listening_sockets(
    host: str | None, port: int, *, loop: asyncio.AbstractEventLoop, reuse_port: bool = False
) -> list[socket.socket]:
    """Listen on every address of the host, all with the same port.

    Args:
        host: A name or an address; None or "": all interfaces.
        port: 0: any that is free on all addresses.
        loop: The running loop.
        reuse_port: Let other sockets, of other processes, listen there as well.

    Raises:
        ConnectError: the engine asked for is not there.
        OSError: as the operating system or the resolver reports it.
    """
    check_engine(loop)
    found: Sequence[Any] = await loop.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    addresses = list(dict.fromkeys((family, address) for family, _, _, _, address in found))
    for _ in range(_BIND_ATTEMPTS - 1):
        try:
            return _bind_all(addresses, port, reuse_port=reuse_port)
        except OSError:
            # A port that is free on one address may be taken on the next; another may be had.
            if port or len(addresses) == 1:
                raise
    return _bind_all(addresses, port, reuse_port=reuse_port)


def _bind_all(
    addresses: list[tuple[int, tuple[Any, ...]]], port: int, *, reuse_port: bool
) -> list[socket.socket]:
    bound: list[socket.socket] = []
    try:
        for family, address in addresses:
            if family not in (socket.AF_INET, socket.AF_INET6):
                continue
            bound.append(_bind(family, (address[0], port, *address[2:]), reuse_port=reuse_port))
            port = port or bound[0].getsockname()[1]
    except BaseException:
        for sock in bound:
            sock.close()
        raise
    return bound


def _bind(family: int, address: tuple[Any, ...], *, reuse_port: bool) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            # The IPv4 address has a socket of its own.
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setblocking(False)
        sock.bind(address)
        sock.listen(BACKLOG)
    except BaseException:
        sock.close()
        raise
    return sock


def peer_of(transport: asyncio.BaseTransport) -> str:
    """The other end's address as ``host:port``, empty where it is unknown."""
    return shown_peer(transport.get_extra_info("peername"))


def shown_peer(address: object) -> str:
    """A socket's address as ``host:port``, ``unix`` for a Unix socket's, empty where unknown."""
    if isinstance(address, str | bytes):
        return "unix"
    if not isinstance(address, tuple) or len(address) < 2:
        return ""
    return host_port(str(address[0]), int(address[1]))


def ended_by_peer(transport: asyncio.BaseTransport) -> Callable[[], bool] | None:
    """A question to the kernel for a TLS transport: has the peer ended the connection?

    A write that fails makes the engine drop all that it has not read, and with TLS nobody else can
    read it. So it is asked before. None where there is no need to ask, or no way.
    """
    sock = transport.get_extra_info("socket")
    if transport.get_extra_info("sslcontext") is None or sock is None or os.name != "posix":
        return None
    watch = select.poll()
    # Errors and resets are told in any case; where it is known, FIN as well.
    watch.register(sock.fileno(), getattr(select, "POLLRDHUP", 0))
    return lambda: not transport.is_closing() and bool(watch.poll(0))


def left_behind(transport: asyncio.BaseTransport) -> Iterator[bytes]:
    """What has arrived on a connection whose transport reads no more. Never raises.

    A failed write makes every engine drop the connection at once, while on POSIX systems what came
    before the reset can still be read. To be called while the engine tells of the loss, or before
    the transport is aborted: then the descriptor is still open. At most as much as the kernel's
    buffer holds, so that a peer that goes on sending ends, too. Of TLS it is what asyncio's engines
    have read and not handed over; what the kernel holds nobody but the engine can decrypt.
    """
    secured = transport.get_extra_info("ssl_object")
    sock = transport.get_extra_info("socket")
    try:
        if isinstance(secured, ssl.SSLObject):
            while data := secured.read(_READ):
                yield data
        if os.name != "posix" or sock is None or secured is not None:
            return
        left = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        while left > 0 and (data := os.read(sock.fileno(), _READ)):
            left -= len(data)
            yield data
    except OSError:
        # Nothing is left (EAGAIN, or TLS wants more), or the reset itself.
        return


def loses_what_it_read_ahead(transport: asyncio.BaseTransport) -> bool:
    """Whether reading must not be paused from inside of a read.

    aiofastnet takes up to 256 KiB of TLS records from the kernel at a time. Paused in the middle of
    handing them over it keeps the rest, and when it goes on it looks at the kernel first: as long
    as nothing new is there it hands over nothing, and at the end of TCP it throws the rest away.
    """
    if not type(transport).__module__.startswith("aiofastnet"):
        return False
    return transport.get_extra_info("sslcontext") is not None


def reads_on(transport: asyncio.BaseTransport) -> bool:
    """Whether it reads again in the same turn of the loop, as long as reads fill the buffer.

    uvloop does, up to 32 times: a link that is flooded would keep all others waiting.
    """
    return type(transport).__module__.startswith("uvloop")


def reads_in_one_step(transport: asyncio.BaseTransport) -> bool:
    """Whether nothing comes between its asking for a buffer and its telling what is in it.

    So it is with every engine there is, but a loop that nobody here has seen may have two reads
    under way at a time.
    """
    return type(transport).__module__.partition(".")[0] in {"asyncio", "uvloop", "aiofastnet"}


def _send_at_once(transport: asyncio.BaseTransport) -> None:
    # Every engine does it by itself today; a link's latency must not depend on that.
    sock = transport.get_extra_info("socket")
    if sock is None or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        # The connection is gone already; its protocol is told so.
        return


def new_io_loop() -> asyncio.AbstractEventLoop:
    """A loop for a thread of our own: the fastest there is for receiving.

    Measured side by side, asyncio's loop with aiofastnet's transports receives 1.5 to 2.9 times as
    much as uvloop with its own (the two cannot be joined, see `_aiofastnet`). Without aiofastnet
    it is uvloop's where that is installed, else asyncio's.
    """
    if os.environ.get(ENGINE_VARIABLE, "") != "asyncio" and _aiofastnet_installed():
        return asyncio.new_event_loop()
    try:
        import uvloop  # noqa: PLC0415 - optional, and not worth its time before the first client
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def _aiofastnet(loop: asyncio.AbstractEventLoop) -> Any:
    """The module, or None if the loop's own transports are to be used.

    On uvloop they are by default: aiofastnet reads once per readiness, and uvloop closes the poll
    handle of a socket that was reset, so a reset that comes together with unread data would never
    be noticed, and the data behind the first read would be lost.
    """
    wanted = os.environ.get(ENGINE_VARIABLE, "")
    if wanted not in ("", "asyncio", "aiofastnet"):
        raise _no_engine(f"{ENGINE_VARIABLE} is {wanted!a}", "set it to asyncio or aiofastnet")
    if wanted == "asyncio":
        return None
    if not wanted and not isinstance(loop, asyncio.BaseEventLoop):
        return None
    if not _aiofastnet_installed():
        if wanted:
            raise _no_engine(
                "aiofastnet is not installed", f"install it or unset {ENGINE_VARIABLE}"
            )
        return None
    import aiofastnet  # noqa: PLC0415 - optional, and loaded only where a link is opened

    logger.addFilter(_can_be_logged)  # once, however often
    return aiofastnet


def _can_be_logged(record: logging.LogRecord) -> bool:
    """Keep aiofastnet's broken records out of asyncio's log.

    Of each TLS handshake that the other side leaves, as port scanners and health checks do, it
    tells the loop as of a bug, with a class for an exception, of which logging cannot but fail and
    say so at length. Whoever dials or accepts is told in any case.
    """
    return not (record.exc_info and isinstance(record.exc_info[1], type))


def _call_back(*ends: Secured | None) -> bool:
    return any(one is not None and _calls_back(one.context) for one in ends)


def _calls_back(context: ssl.SSLContext) -> bool:
    """Whether OpenSSL calls Python of this context's connections.

    The interpreter then looks for data which only connections of its own have. With aiofastnet's
    that crashes the process, so those are not used then.
    """
    return bool(context.keylog_filename or context.sni_callback)


@functools.cache
def _aiofastnet_installed() -> bool:
    return importlib.util.find_spec("aiofastnet") is not None


def _no_engine(what: str, hint: str) -> ConnectError:
    return ConnectError(what, kind="local", retryable=False, blame="local", hint=hint)
