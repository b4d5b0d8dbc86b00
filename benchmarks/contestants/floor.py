"""No WebSocket at all: bytes read into one buffer and counted. No client can be faster."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import parse_qsl, urlsplit

import aiofastnet

from benchmarks.contestant import Meter, RoundTrips, main
from benchmarks.frames import header
from benchmarks.opening import ask_for_opening

_BUFFER_BYTES = 256 * 1024


class Counter(asyncio.BufferedProtocol):
    """Turns the number of bytes into a number of messages, without a look at them."""

    def __init__(self, meter: Meter, frame_bytes: int) -> None:
        self._meter = meter
        self._frame_bytes = frame_bytes
        self._buffer = memoryview(bytearray(_BUFFER_BYTES))
        self._bytes = 0
        self.lost = asyncio.get_running_loop().create_future()

    def get_buffer(self, sizehint: int) -> memoryview:
        """The same buffer for every read."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Count."""
        self._bytes += nbytes
        self._meter.count = self._bytes // self._frame_bytes

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the contestant end."""
        self.lost.set_result(exc)


def _open(url: str) -> socket.socket:
    """Connect and get the opening handshake over with, blocking."""
    target = urlsplit(url)
    connection = socket.create_connection((target.hostname, target.port))
    ask_for_opening(connection, target.path, dict(parse_qsl(target.query)))
    connection.setblocking(False)
    return connection


async def one(url: str, meter: Meter) -> None:
    """Count until the stream ends."""
    query = dict(parse_qsl(urlsplit(url).query))
    size = int(query["size"])
    frame_bytes = size + len(header(query["kind"], size))
    loop = asyncio.get_running_loop()
    transport, counter = await aiofastnet.create_connection(
        loop, lambda: Counter(meter, frame_bytes), sock=_open(url)
    )
    meter.begin()
    await counter.lost
    transport.close()


class Bell(asyncio.Protocol):
    """Resolves a future when bytes come: the least that an API that is awaited can do."""

    def __init__(self) -> None:
        self.came: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        """One message has come."""
        self.came.set_result(None)


async def echo(url: str, trips: RoundTrips) -> None:
    """Measure round trips of a frame made beforehand: no parsing, no masking, no client."""
    loop = asyncio.get_running_loop()
    # Masked with zeros, which costs nothing.
    frame = bytes([0x82, 0x80 | len(trips.payload)]) + bytes(4) + trips.payload
    transport, bell = await loop.create_connection(Bell, sock=_open(url))

    async def send(_payload: bytes) -> None:
        transport.write(frame)

    async def recv() -> None:
        await bell.came
        bell.came = loop.create_future()

    await trips.run(send, recv)
    transport.close()


if __name__ == "__main__":
    main(one=one, echo=echo)
