"""Accepts connections on listening sockets, and survives the moments in which it cannot."""

from __future__ import annotations

import asyncio
import errno
import functools
import logging
from typing import TYPE_CHECKING, Any, Final

from longwire.link.transport import BACKLOG

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

_log = logging.getLogger("longwire.serve")

_PER_TURN: Final = 64
"""Connections accepted in one turn of the loop; the live links have their turn in between."""
_PAUSE: Final = 1.0
"""Seconds without accepting after the machine ran out of something, as in asyncio."""
_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Acceptor:
    """Hands every accepted connection to a callback, until it is stopped.

    Accepting is not left to the event loop's own servers, because a connection must count from its
    first moment: theirs show it only after the TLS handshake.

    Args:
        sockets: Listening and non-blocking. They belong to the acceptor from now on.
        on_connection: Called with each accepted socket, which then belongs to the callee, and with
            the address of its other end, as ``accept`` gives it.
        loop: The running loop.
    """

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        on_connection: Callable[[socket.socket, object], None],
        *,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.sockets = tuple(sockets)
        self._on_connection = on_connection
        self._loop = loop
        self._pauses: dict[int, asyncio.TimerHandle] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to accept."""
        for listener in self.sockets:
            try:
                self._watch(listener)
            except NotImplementedError:
                # The loop of Windows cannot watch sockets, but it can accept.
                self._tasks.append(self._loop.create_task(self._accept_all(listener)))

    async def stop(self, *, take_queued: bool = False) -> None:
        """Stop accepting and close the listening sockets.

        Args:
            take_queued: Accept those connections first that wait to be; else they are reset. Not on
                loops that cannot watch sockets.
        """
        for task in self._tasks:
            task.cancel()
        try:
            await asyncio.gather(*self._tasks, return_exceptions=True)
            if take_queued and not self._tasks:
                for listener in self.sockets:
                    await self._take_queued(listener)
        finally:
            self._close()

    async def _take_queued(self, listener: socket.socket) -> None:
        if listener.fileno() < 0:
            return
        self._loop.remove_reader(listener.fileno())
        # No more than the queue can hold: others may go on coming.
        for _ in range(BACKLOG // _PER_TURN):
            if not self._accept_some(listener):
                return
            await asyncio.sleep(0)

    def _close(self) -> None:
        for pause in self._pauses.values():
            pause.cancel()
        for listener in self.sockets:
            if listener.fileno() >= 0:
                if not self._tasks:
                    self._loop.remove_reader(listener.fileno())
                listener.close()

    def _watch(self, listener: socket.socket) -> None:
        self._pauses.pop(listener.fileno(), None)
        self._loop.add_reader(listener.fileno(), self._accept_some, listener)

    def _accept_some(self, listener: socket.socket) -> bool:
        """Accept one turn's worth; whether there may be more."""
        for _ in range(_PER_TURN):
            try:
                connection, address = listener.accept()
            except (BlockingIOError, InterruptedError):
                return False
            except OSError as error:
                if not _goes_on(error):
                    self._loop.remove_reader(listener.fileno())
                    self._pauses[listener.fileno()] = self._loop.call_later(
                        _PAUSE, functools.partial(self._watch, listener)
                    )
                    return False
            else:
                self._on_connection(connection, address)
        return True

    async def _accept_all(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, address = await self._loop.sock_accept(listener)
            except OSError as error:
                if not _goes_on(error):
                    await asyncio.sleep(_PAUSE)
            else:
                self._on_connection(connection, address)
                # A connection that is there at once would be accepted without any pause.
                await asyncio.sleep(0)


def _goes_on(error: OSError) -> bool:
    """Whether the next connection can be accepted although this one could not."""
    if error.errno not in _EXHAUSTED:
        # It was gone before it was accepted, or something in front of us refused it (accept(2)).
        return True
    name: Any = errno.errorcode.get(error.errno, error.errno)
    _log.warning("cannot accept connections for %g s: the machine reports %s", _PAUSE, name)
    return False
