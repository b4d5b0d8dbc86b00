"""A client that is connected, and reads slowly or not at all: what a server must survive."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Final, Literal, Self

from longwire.link.address import parse_address
from longwire.testing.changes import PATIENCE

if TYPE_CHECKING:
    from types import TracebackType

_KEY: Final = "dGhlIHNhbXBsZSBub25jZQ=="
_BLANK_LINE: Final = b"\r\n\r\n"
_LONGEST_HEAD: Final = 2**14
_SHORT: Final = 0.05
"""Seconds between two reads, where a byte does not take longer."""


class SlowReader:
    """``async with SlowReader(url) as reader:`` connects and completes the opening.

    It sends nothing after that, not even pongs, and keeps nothing of what it reads.

    Args:
        url: ``ws://`` only: TLS would read ahead.
        rate: Bytes that are read a second; 0: none, not even the first behind the opening.
        buffer: Bytes that the kernel is asked to keep for it (``SO_RCVBUF``; it takes what it sees
            fit, Linux twice as much). Small, so that the server notices soon.

    Raises:
        ValueError: the URL is ``wss://``, or ``rate`` is negative.
        ConnectionError: the server did not answer with 101.

    Attributes:
        received: Bytes that were read behind the opening.
    """

    def __init__(self, url: str, *, rate: float = 0, buffer: int = 4_096) -> None:
        self._address = parse_address(url)
        if self._address.secure:
            raise ValueError("a slow reader is for ws://: TLS would read ahead")
        if rate < 0:
            raise ValueError(f"rate must not be negative, but is {rate}")
        self._rate = rate
        self._buffer = buffer
        self._socket: socket.socket
        self._reading: asyncio.Task[None] | None = None
        self._over: Literal["fin", "reset"] | None = None
        self.received = 0

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        host, port = self._address.host, self._address.port
        async with asyncio.timeout(PATIENCE):
            (found, *_) = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            self._socket = socket.socket(found[0])
            try:
                await self._open(found[4])
            except BaseException:
                self._socket.close()
                raise
        if self._rate:
            self._reading = asyncio.create_task(self._read_slowly())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stop_reading()
        self._socket.close()

    async def ended(self) -> Literal["fin", "reset"]:
        """How the connection ends, as a reader finds out that reads at ``rate``.

        With a rate of 0 that is never; see `drain`.

        Raises:
            TimeoutError: it lives on.
        """
        if self._reading is not None:
            async with asyncio.timeout(PATIENCE):
                await asyncio.shield(self._reading)
        if self._over is None:
            raise TimeoutError("who reads nothing learns nothing")
        return self._over

    async def drain(self) -> Literal["fin", "reset"]:
        """Read what is left, as fast as it comes, up to the end; returns how it ended.

        Raises:
            TimeoutError: the end does not come.
        """
        await self._stop_reading()
        async with asyncio.timeout(PATIENCE):
            while self._over is None:
                await self._read(2**16)
        return self._over

    async def _stop_reading(self) -> None:
        task, self._reading = self._reading, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _open(self, where: tuple[object, ...]) -> None:
        loop = asyncio.get_running_loop()
        address = self._address
        self._socket.setblocking(False)
        # Before connecting: TCP agrees on a window then.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._buffer)
        await loop.sock_connect(self._socket, where)
        head = (
            f"GET {address.target} HTTP/1.1\r\nHost: {address.authority}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {_KEY}\r\n\r\n"
        )
        await loop.sock_sendall(self._socket, head.encode())
        answer = b""
        while not answer.endswith(_BLANK_LINE):
            # One at a time, so that nothing is read of what follows.
            byte = await loop.sock_recv(self._socket, 1)
            if not byte or len(answer) > _LONGEST_HEAD:
                raise ConnectionError("the server did not complete the opening")
            answer += byte
        if not answer.startswith(b"HTTP/1.1 101 "):
            raise ConnectionError("the server did not accept the opening")

    async def _read_slowly(self) -> None:
        portion = max(1, int(self._rate * _SHORT))
        while (count := await self._read(portion)) > 0:  # noqa: ASYNC110 - it is slow on purpose
            await asyncio.sleep(count / self._rate)

    async def _read(self, most: int) -> int:
        """Read once; notes the end. Returns how many bytes came."""
        try:
            data = await asyncio.get_running_loop().sock_recv(self._socket, most)
        except ConnectionError:
            self._over = "reset"
            return 0
        if not data:
            self._over = "fin"
        self.received += len(data)
        return len(data)
