"""The network between client and feed: forwards bytes, and fails on request."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, Final

from longwire.cli.demo.feed import HOST

if TYPE_CHECKING:
    from collections.abc import Callable

_RESET_AT_CLOSE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER on, for 0 seconds: closing the socket sends RST instead of FIN."""


class Relay:
    """Accepts connections on a port that stays the same, and forwards each to the feed."""

    def __init__(self) -> None:
        self.target = 0
        """The feed's port."""
        self._pairs: set[_Pair] = set()
        self._lifetime: float | None = None
        self._server: asyncio.Server | None = None
        # A bound socket that never listens keeps the port while connections are refused.
        self._reserve = _bound(0)

    @property
    def port(self) -> int:
        """Where clients connect to."""
        port: int = self._reserve.getsockname()[1]
        return port

    async def listen(self) -> None:
        """Accept connections (again)."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accept, sock=_bound(self.port))

    async def refuse(self) -> None:
        """Listen no more: connections are refused, those that are open live on."""
        if self._server is not None:
            self._server.close()
            self._server = None
            # The listening socket is closed in the loop's next turn.
            await asyncio.sleep(0)

    def limit_lifetime(self, seconds: float | None) -> None:
        """Reset every connection at this age, those that are open included; None: no more."""
        self._lifetime = seconds
        for pair in self._pairs:
            pair.live_for(seconds)

    def freeze(self) -> None:
        """Forward nothing more on the open connections, and tell nobody: half-open."""
        for pair in self._pairs:
            pair.freeze()

    async def close(self) -> None:
        """End everything."""
        await self.refuse()
        self._reserve.close()
        for pair in list(self._pairs):
            pair.reset()

    def _accept(self) -> _Side:
        pair = _Pair(self.target, self._pairs.discard)
        self._pairs.add(pair)
        pair.live_for(self._lifetime)
        return pair.near


class _Pair:
    """One connection of a client, and the one to the feed that carries it on."""

    def __init__(self, port: int, forget: Callable[[_Pair], None]) -> None:
        self.near = _Side(self)
        self.far = _Side(self)
        self._port = port
        self._forget = forget
        self._loop = asyncio.get_running_loop()
        self._began: float | None = None
        self._lifetime: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._dialling: asyncio.Task[None] | None = None

    def connect(self) -> None:
        """The client is there: connect to the feed."""
        self._dialling = self._loop.create_task(self._connect(), name="relay dial")

    async def _connect(self) -> None:
        try:
            await self._loop.create_connection(lambda: self.far, HOST, self._port)
        except OSError:
            self.reset()

    def live_for(self, seconds: float | None) -> None:
        """Reset it at this age, counted from the feed's first byte; None: not by age."""
        self._lifetime = seconds
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds is not None and self._began is not None:
            self._timer = self._loop.call_at(self._began + seconds, self.reset)

    def answered(self) -> None:
        """The feed has answered: if it is the first time, the connection's life begins."""
        if self._began is None:
            self._began = self._loop.time()
            self.live_for(self._lifetime)

    def freeze(self) -> None:
        """Read nothing more on either side."""
        for side in (self.near, self.far):
            if side.transport is not None:
                side.transport.pause_reading()

    def reset(self) -> None:
        """End both sides with RST."""
        for side in (self.near, self.far):
            side.reset()
        self.ended()

    def ended(self) -> None:
        """One side is gone, so the other has no use."""
        self.live_for(None)
        self._forget(self)
        if self._dialling is not None:
            self._dialling.cancel()
        for side in (self.near, self.far):
            if side.transport is not None:
                side.transport.close()


class _Side(asyncio.Protocol):
    """One of the two connections of a pair."""

    def __init__(self, pair: _Pair) -> None:
        self._pair = pair
        self._early: list[bytes] = []
        self.transport: asyncio.Transport | None = None

    @property
    def _other(self) -> _Side:
        return self._pair.far if self is self._pair.near else self._pair.near

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is open; bytes may be waiting for it."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for mypy
        self.transport = transport
        if self is self._pair.near:
            self._pair.connect()
        transport.writelines(self._early)

    def write(self, data: bytes) -> None:
        """Forward to this side."""
        if self.transport is None:
            self._early.append(data)
        else:
            self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        """Forward to the other side."""
        if self is self._pair.far:
            self._pair.answered()
        self._other.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended, in whichever way."""
        self._pair.ended()

    def reset(self) -> None:
        """End it with RST."""
        if self.transport is not None:
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
            self.transport.abort()


def _bound(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setblocking(False)
        sock.bind((HOST, port))
    except OSError:
        sock.close()
        raise
    return sock
