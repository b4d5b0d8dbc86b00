"""One of the two connections of a crossing, and the ways in which it can end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import ssl

    from longwire.link.address import Address

_LINGER_RESET: Final = struct.pack("ii", 1, 0)
_LONGEST_HEAD: Final = 2**16


class Side:
    """A connection to the client or to the server, with or without TLS."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer
        self._finished = False
        # Handed to the system is then what `write` returned from: faults are exact. With TLS, which
        # takes 0 for a limit that nothing at all exceeds, it is never let go on again.
        secure = writer.get_extra_info("ssl_object") is not None
        writer.transport.set_write_buffer_limits(high=1 if secure else 0)
        connection: socket.socket | None = writer.get_extra_info("socket")
        if connection is not None and connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)

    async def write(self, data: bytes) -> None:
        """Hand bytes to the system; to nobody, where this side is finished or gone."""
        if not (self._finished or self._writer.is_closing()):
            self._writer.write(data)
            await self.drain()

    async def drain(self) -> None:
        """Wait until the system has everything."""
        # Whoever reads from this side learns that it is gone, and passes it on.
        with contextlib.suppress(OSError):
            await self._writer.drain()

    def finish(self) -> None:
        """Send no more: FIN. TLS can only be closed as a whole."""
        if self._finished or self._writer.is_closing():
            return
        self._finished = True
        # It may be gone already: whoever reads from it has not been told yet.
        with contextlib.suppress(OSError):
            if self._writer.can_write_eof():
                self._writer.write_eof()
            else:
                self._writer.close()

    def reset(self) -> None:
        """End it with RST."""
        connection: socket.socket | None = self._writer.get_extra_info("socket")
        if connection is not None and connection.fileno() >= 0:
            reset_when_closed(connection)
        self._writer.transport.abort()

    def close(self) -> None:
        """Let it go, in whatever state it is."""
        self._writer.transport.abort()


def reset_when_closed(connection: socket.socket) -> None:
    """Let a connection end with RST in place of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)


async def accepted(connection: socket.socket, tls: ssl.SSLContext | None) -> Side:
    """The side of a client whose connection was accepted; with TLS, after its handshake.

    Raises:
        OSError: the connection or TLS failed.
    """
    loop = asyncio.get_running_loop()
    reader, protocol = _stream()
    transport, _ = await loop.connect_accepted_socket(lambda: protocol, connection, ssl=tls)
    return Side(reader, asyncio.StreamWriter(transport, protocol, reader, loop))


async def dialled(
    address: Address, tls: ssl.SSLContext | None, sock: socket.socket | None = None
) -> Side:
    """The side of the server; ``sock`` is connected to it already.

    Raises:
        OSError: it could not be reached, or TLS failed.
    """
    loop = asyncio.get_running_loop()
    reader, protocol = _stream()
    where = {"host": address.host, "port": address.port} if sock is None else {"sock": sock}
    transport, _ = await loop.create_connection(
        lambda: protocol,
        **where,
        ssl=tls,
        server_hostname=address.host if tls is not None else None,
    )
    return Side(reader, asyncio.StreamWriter(transport, protocol, reader, loop))


def _stream() -> tuple[asyncio.StreamReader, asyncio.StreamReaderProtocol]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LONGEST_HEAD, loop=loop)
    return reader, asyncio.StreamReaderProtocol(reader, loop=loop)
