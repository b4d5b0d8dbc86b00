"""From a host's name to a connected TCP socket, trying several addresses side by side (RFC 8305).

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

if TYPE_CHECKING:
    from collections.abc import Sequence

_DELAY: Final = 0.25
"""Seconds until the next address is tried beside those before (RFC 8305, 5)."""
_SAYS_LITTLE: Final = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
)
"""What an address family that is not there looks like, on a machine where another one is."""


class _Target(NamedTuple):
    family: int
    address: tuple[Any, ...]


async def connect_tcp(host: str, port: int, *, loop: asyncio.AbstractEventLoop) -> socket.socket:
    """A connected, non-blocking socket. Cancelling closes whatever was begun.

    Args:
        host: A name or an address.
        port: Where to.
        loop: The running loop.

    Raises:
        OSError: the name does not resolve (`socket.gaierror`), or the most telling of what the
            addresses failed with.
    """
    targets = await _resolve(host, port, loop)
    if len(targets) == 1:
        return await _connect(targets[0], loop)
    return await _race(targets, loop)


async def _resolve(host: str, port: int, loop: asyncio.AbstractEventLoop) -> list[_Target]:
    literal = _literal(host, port)
    if literal is not None:
        return [literal]
    found: Sequence[Any] = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
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


async def _connect(target: _Target, loop: asyncio.AbstractEventLoop) -> socket.socket:
    sock = socket.socket(target.family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if _loses_zone(target, loop):
            await _connect_with_zone(sock, target.address, loop)
        else:
            await loop.sock_connect(sock, target.address)
    except BaseException:
        sock.close()
        raise
    return sock


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


async def _race(targets: list[_Target], loop: asyncio.AbstractEventLoop) -> socket.socket:
    """The first that connects. Another one starts when one fails, or is slow."""
    waiting = list(targets)
    runners: set[asyncio.Task[socket.socket]] = set()
    running: set[asyncio.Task[socket.socket]] = set()
    errors: list[OSError] = []
    winner = None
    try:
        while winner is None and (waiting or running):
            if waiting:
                runner = loop.create_task(_connect(waiting.pop(0), loop))
                runners.add(runner)
                running.add(runner)
            finished, running = await asyncio.wait(
                running,
                timeout=_DELAY if waiting else None,
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
