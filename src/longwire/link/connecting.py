"""From a host's name, or a path, to a connected socket; several addresses side by side (RFC 8305).

asyncio could do it, but loses a socket that is connected in the very turn in which it is cancelled,
and uvloop tries one address after the other.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import os
import socket
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from longwire.errors import ConnectError
from longwire.link.tcp import Tcp

if TYPE_CHECKING:
    from collections.abc import Sequence

_USUAL: Final = Tcp()
_SAYS_LITTLE: Final = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
)
"""What an address family that is not there looks like, on a machine where another one is."""


class _Target(NamedTuple):
    family: int
    address: tuple[Any, ...]


async def connect_tcp(
    host: str, port: int, *, loop: asyncio.AbstractEventLoop, tcp: Tcp = _USUAL
) -> socket.socket:
    """A connected, non-blocking socket. Cancelling closes whatever was begun.

    Args:
        host: A name or an address.
        port: Where to.
        loop: The running loop.
        tcp: From where, with what options, and when the next address is tried.

    Raises:
        ConnectError: this machine does not have `Tcp.local_address`.
        OSError: the name does not resolve (`socket.gaierror`), or the most telling of what the
            addresses failed with.
    """
    source = None if tcp.local_address is None else _literal(tcp.local_address, 0)
    family = socket.AF_UNSPEC if source is None else source.family
    targets = await _resolve(host, port, loop, family)
    if len(targets) == 1:
        return await _connect(targets[0], loop, tcp, source)
    return await _race(targets, loop, tcp, source)


async def first_address(
    host: str, port: int, *, family: int, loop: asyncio.AbstractEventLoop
) -> str:
    """The resolver's favourite address of a host.

    Raises:
        OSError: the name does not resolve (`socket.gaierror`).
    """
    address: str = (await _resolve(host, port, loop, family))[0].address[0]
    return address


def connect_unix(path: str) -> socket.socket:
    """A non-blocking socket, connected to a Unix socket of this machine. It never waits.

    Raises:
        OSError: nothing listens there.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.setblocking(False)
    code = sock.connect_ex(path)
    if not code:
        return sock
    sock.close()
    if code == errno.EAGAIN:
        # Linux says so when the listener's queue is full; asyncio would take it for a promise.
        code = errno.ECONNREFUSED
    raise OSError(code, os.strerror(code))


async def _resolve(
    host: str, port: int, loop: asyncio.AbstractEventLoop, family: int = socket.AF_UNSPEC
) -> list[_Target]:
    literal = _literal(host, port)
    if literal is not None:
        if family not in (socket.AF_UNSPEC, literal.family):
            raise _no_address_of_this_kind()
        return [literal]
    found: Sequence[Any] = await loop.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, family=family
    )
    targets = dict.fromkeys(_Target(family, address) for family, _, _, _, address in found)
    if not targets:
        raise socket.gaierror(socket.EAI_NONAME, "no address is known for it")
    return _interleaved(list(targets))


def _literal(host: str, port: int) -> _Target | None:
    """An address needs no resolver, and so no thread."""
    address, percent, zone = host.partition("%")
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, address)
        except OSError:
            continue
        if family == socket.AF_INET6:
            # By number: uvloop's resolver would lose it.
            return _Target(family, (address, port, 0, _scope(zone) if percent else 0))
        return None if percent else _Target(family, (address, port))
    return None


def _scope(zone: str) -> int:
    if zone.isdecimal():
        return int(zone)
    try:
        return socket.if_nametoindex(zone)
    except OSError:
        what = f"this machine has no interface {zone}"
        raise socket.gaierror(socket.EAI_NONAME, what) from None


def _interleaved(targets: list[_Target]) -> list[_Target]:
    """One of each family in turn, beginning with the resolver's favourite."""
    families: dict[int, list[_Target]] = {}
    for one in targets:
        families.setdefault(one.family, []).append(one)
    turns = itertools.zip_longest(*families.values())
    return [one for turn in turns for one in turn if one is not None]


def _no_address_of_this_kind() -> socket.gaierror:
    return socket.gaierror(socket.EAI_NONAME, "it has no address of the family that is wanted")


async def _connect(
    target: _Target, loop: asyncio.AbstractEventLoop, tcp: Tcp, source: _Target | None
) -> socket.socket:
    sock = socket.socket(target.family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        tcp.apply(sock)
        if source is not None:
            _bind(sock, source)
        if _loses_zone(target, loop):
            await _connect_with_zone(sock, target.address, loop)
        else:
            await loop.sock_connect(sock, target.address)
    except BaseException:
        sock.close()
        raise
    return sock


def _bind(sock: socket.socket, source: _Target) -> None:
    try:
        sock.bind(source.address)
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "")
        raise ConnectError(
            f"this machine cannot connect from {source.address[0]} ({name})",
            kind="local",
            retryable=True,
            blame="local",
            hint="check Tcp.local_address, and that its interface is up",
        ) from error


def _loses_zone(target: _Target, loop: asyncio.AbstractEventLoop) -> bool:
    # uvloop looks at host and port, and at nothing else of an address.
    zone = any(target.address[3:])
    return zone and not isinstance(loop, asyncio.BaseEventLoop)


async def _connect_with_zone(
    sock: socket.socket, address: tuple[Any, ...], loop: asyncio.AbstractEventLoop
) -> None:
    code = sock.connect_ex(address)
    if code == errno.EINPROGRESS:
        writable = asyncio.Event()
        loop.add_writer(sock, writable.set)
        try:
            await writable.wait()
        finally:
            loop.remove_writer(sock)
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))


async def _race(
    targets: list[_Target], loop: asyncio.AbstractEventLoop, tcp: Tcp, source: _Target | None
) -> socket.socket:
    """The first that connects. Another one starts when one fails, or is slow."""
    waiting = list(targets)
    runners: set[asyncio.Task[socket.socket]] = set()
    running: set[asyncio.Task[socket.socket]] = set()
    errors: list[OSError] = []
    winner = None
    try:
        while winner is None and (waiting or running):
            if waiting:
                runner = loop.create_task(_connect(waiting.pop(0), loop, tcp, source))
                runners.add(runner)
                running.add(runner)
            finished, running = await asyncio.wait(
                running,
                timeout=tcp.delay if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for one in finished:
                try:
                    one.result()
                except OSError as error:
                    errors.append(error)
                else:
                    winner = one
        await _stop(runners - {winner})
    except BaseException:
        await _stop(runners)
        raise
    if winner is None:
        raise _most_telling(errors)
    return winner.result()


async def _stop(runners: set[asyncio.Task[socket.socket]]) -> None:
    """Cancel them, and close the sockets of those that had got one, even if this is cancelled."""
    for one in runners:
        one.cancel()
        one.add_done_callback(_close_result)
    if runners:
        await asyncio.wait(runners)


def _close_result(runner: asyncio.Task[socket.socket]) -> None:
    if not runner.cancelled() and runner.exception() is None:
        runner.result().close()


def _most_telling(errors: list[OSError]) -> OSError:
    return next((one for one in errors if one.errno not in _SAYS_LITTLE), errors[0])
