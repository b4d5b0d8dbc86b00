"""Where a server listens: on the addresses of a host, at a Unix path, or on sockets handed in."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import stat
from typing import TYPE_CHECKING, Final, Protocol

from longwire.errors import ConnectError
from longwire.link.address import host_port
from longwire.link.errormap import map_error
from longwire.link.transport import BACKLOG, check_engine, listening_sockets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longwire.errors import LongwireError

StrPath = str | os.PathLike[str]

_HINTS: Final = {
    errno.EADDRINUSE: "it is taken: choose another, or 0 for a port; or end who listens there",
    errno.EACCES: "this user may not: choose another, or give the right to listen there",
    errno.ENOENT: "make the directory first",
    errno.ENOTSOCK: "there is another file at this path, which is left alone: choose another path",
}


class Place(Protocol):
    """Somewhere to listen, once. ``str`` of it is for people."""

    async def listen(self) -> list[socket.socket]:
        """Listen there, without blocking; the sockets belong to the caller.

        Raises:
            ConnectError: it is taken, not allowed or not there.
        """

    async def leave(self) -> None:
        """Take away what listening has left there; before its sockets are closed."""


def place_of(
    host: str | None,
    port: int,
    *,
    path: StrPath | None,
    mode: int | None,
    sock: socket.socket | Sequence[socket.socket] | None,
    reuse_port: bool,
) -> Place:
    """The one place that the arguments name; see `longwire.link.listen.serve` for their meanings.

    Raises:
        TypeError: they name several, or an option that makes no sense there.
        ValueError: a value is out of its range, or not for this system.
    """
    if path is None and mode is not None:
        raise TypeError("mode is for a Unix socket: give its path, too")
    if path is None and sock is None:
        return TCPPlace(host, port, reuse_port=reuse_port)
    if host is not None or port or reuse_port or None not in (path, sock):
        raise TypeError(
            "a server listens at one place: host and port (perhaps with reuse_port), or path, "
            "or sock"
        )
    if path is not None:
        return UnixPlace(path, mode)
    assert sock is not None  # noqa: S101 - for mypy
    return GivenPlace([sock] if isinstance(sock, socket.socket) else sock)


class TCPPlace:
    """Every address of a host, all with the same port.

    Args:
        host: A name or an address; None: all interfaces.
        port: 0: any free one.
        reuse_port: Let other processes listen there as well; the system deals connections out.
    """

    def __init__(self, host: str | None, port: int, *, reuse_port: bool) -> None:
        if not isinstance(host, str | None):
            raise TypeError(f"host must be a string or None, not {type(host).__name__}")
        if type(port) is not int:
            raise TypeError(f"port must be an integer, not {type(port).__name__}")
        if not 0 <= port <= 65_535:
            raise ValueError(f"port must be from 0 to 65535, not {port}")
        if reuse_port and not hasattr(socket, "SO_REUSEPORT"):
            raise ValueError("reuse_port is not known to this system")
        self._host = host
        self._port = port
        self._reuse_port = reuse_port

    def __str__(self) -> str:
        return host_port(self._host or "*", self._port)

    async def listen(self) -> list[socket.socket]:
        """Resolve, bind, listen."""
        loop = asyncio.get_running_loop()
        try:
            return await listening_sockets(
                self._host, self._port, loop=loop, reuse_port=self._reuse_port
            )
        except OSError as error:
            raise _cannot_listen(error, str(self)) from error

    async def leave(self) -> None:
        """Nothing is left of a port."""


class UnixPlace:
    """A path in the file system, or a name that begins with NUL: an abstract one, as Linux has it.

    The file of a server that has died is replaced; one that a server listens at, or that is no
    socket, is left alone, and so is, at the end, a file that is not ours any more.

    Args:
        path: Where.
        mode: Permissions of the file, exactly and from its first moment; None: as the umask says.
    """

    def __init__(self, path: StrPath, mode: int | None) -> None:
        if not hasattr(socket, "AF_UNIX"):
            raise ValueError("this system has no Unix sockets")
        plain: object = os.fspath(path)
        if not isinstance(plain, str) or not plain:
            raise TypeError("path must be a string or a pathlib.Path, and not empty")
        self._path = plain
        self._abstract = self._path.startswith("\0")
        if mode is not None and (self._abstract or not 0 <= mode <= 0o777):
            raise ValueError("mode must be from 0 to 0o777, and an abstract socket has none")
        self._mode = mode
        self._ours: tuple[int, int] | None = None

    def __str__(self) -> str:
        return f"unix:{self._path!a}"

    async def listen(self) -> list[socket.socket]:
        """Replace what a dead server has left, bind, listen."""
        loop = asyncio.get_running_loop()
        check_engine(loop)
        listening = loop.run_in_executor(None, self._listen)
        try:
            return [await asyncio.shield(listening)]
        except asyncio.CancelledError:
            with contextlib.suppress(OSError):
                (await listening).close()
                await self.leave()
            raise
        except OSError as error:
            raise _cannot_listen(error, str(self)) from error

    def _listen(self) -> socket.socket:
        if not self._abstract:
            self._remove_stale()
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            if self._mode is not None:
                # Nobody may come in between binding and chmod: Linux takes the socket's own mode.
                with contextlib.suppress(OSError):
                    os.fchmod(sock.fileno(), self._mode)
            sock.bind(self._path)
            if not self._abstract:
                self._ours = _identity(self._path)
            if self._mode is not None:
                os.chmod(self._path, self._mode)  # noqa: PTH101 - the path may be a plain string
            sock.listen(BACKLOG)
        except BaseException:
            sock.close()
            self._remove()
            raise
        return sock

    def _remove_stale(self) -> None:
        """Remove a socket file that nobody listens at any more."""
        try:
            found = os.stat(self._path)  # noqa: PTH116 - the same
        except FileNotFoundError:
            return
        if not stat.S_ISSOCK(found.st_mode):
            raise OSError(errno.ENOTSOCK, os.strerror(errno.ENOTSOCK))
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.setblocking(False)
            try:
                probe.connect(self._path)
            except ConnectionRefusedError:
                os.unlink(self._path)  # noqa: PTH108 - the same
                return
            except BlockingIOError:
                pass  # so many wait to be accepted that one more has no place
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))

    async def leave(self) -> None:
        """Remove the file, if it is still ours."""
        if self._ours is not None:
            loop = asyncio.get_running_loop()
            # Whoever is cancelled while it waits, the file is removed.
            await asyncio.shield(loop.run_in_executor(None, self._remove))

    def _remove(self) -> None:
        with contextlib.suppress(OSError):
            if self._ours is not None and _identity(self._path) == self._ours:
                os.unlink(self._path)  # noqa: PTH108 - the same
        self._ours = None


class GivenPlace:
    """Sockets that somebody else has bound, as systemd does for a service.

    Args:
        sockets: Stream sockets that are bound. From `listen` on they belong to the server, which
            closes them; the file of a Unix socket belongs to whoever made it.
    """

    def __init__(self, sockets: Sequence[socket.socket]) -> None:
        self._sockets = [_checked(one) for one in sockets]
        if not self._sockets:
            raise TypeError("sock must be a listening socket, or a sequence of them")

    def __str__(self) -> str:
        return "the socket that was handed in"

    async def listen(self) -> list[socket.socket]:
        """Listen where that has not been done."""
        try:
            check_engine(asyncio.get_running_loop())
            for one in self._sockets:
                one.setblocking(False)
                one.listen(BACKLOG)  # of a socket that listens it only sets the queue's length
        except OSError as error:
            raise _cannot_listen(error, str(self)) from error
        return self._sockets

    async def leave(self) -> None:
        """What was handed in is left as it was."""


def _checked(sock: object) -> socket.socket:
    if not isinstance(sock, socket.socket) or sock.type != socket.SOCK_STREAM:
        raise TypeError("sock must be a stream socket (SOCK_STREAM), or a sequence of them")
    if not _is_bound(sock):
        raise ValueError("sock is not bound to an address, or is closed")
    return sock


def _is_bound(sock: socket.socket) -> bool:
    try:
        name = sock.getsockname()
    except OSError:
        return False
    return bool(name[1] if isinstance(name, tuple) else name)


def _identity(path: str) -> tuple[int, int]:
    found = os.stat(path)  # noqa: PTH116 - the path may be a plain string
    return found.st_dev, found.st_ino


def _cannot_listen(error: OSError, where: str) -> LongwireError:
    if isinstance(error, socket.gaierror):
        return map_error(error, phase="opening", where=where)
    # Python's own errors, of a path that is too long, have no number.
    name = errno.errorcode.get(error.errno or 0) or str(error)
    return ConnectError(
        f"cannot listen ({name})",
        kind="local",
        retryable=False,
        blame="local",
        where=where,
        hint=_HINTS.get(error.errno or 0, ""),
    )
