"""A client for tests of chaos: it judges nothing, and keeps what comes as it came."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal, Self

from longwire.chaos.frames import TEXT, Frame, FrameReader, frame
from longwire.link.address import parse_address
from longwire.testing import PATIENCE

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

MASK = b"\x37\xfa\x21\x3d"


class RawClient:
    """``async with RawClient(proxy.url) as client:`` connects, and sends the opening request.

    Args:
        url: Where to.
        offer: More fields of the request, each with its line's end.
        tls: For ``wss://``.
        limit: Bytes that are read ahead, so that one can be slow.

    Attributes:
        head: The head of the answer, once `open` has returned.
    """

    def __init__(
        self, url: str, *, offer: str = "", tls: ssl.SSLContext | None = None, limit: int = 2**16
    ) -> None:
        self.address = parse_address(url)
        self.head = b""
        self._offer = offer
        self._tls = tls
        self._limit = limit
        self._frames = FrameReader()
        self._read: list[Frame] = []

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(
            self.address.host, self.address.port, ssl=self._tls, limit=self._limit
        )
        self.writer.write(
            f"GET {self.address.target} HTTP/1.1\r\nHost: {self.address.authority}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{self._offer}\r\n".encode()
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.writer.transport.abort()

    async def open(self) -> Self:
        """Wait for the whole head of the answer."""
        async with asyncio.timeout(PATIENCE):
            self.head = await self.reader.readuntil(b"\r\n\r\n")
        return self

    def write(self, raw: bytes) -> None:
        """Send bytes, whatever they are."""
        self.writer.write(raw)

    def send(self, payload: bytes, opcode: int = TEXT, *, fin: bool = True) -> None:
        """Send a frame, masked."""
        self.writer.write(frame(opcode, payload, fin=fin, mask=MASK))

    async def frame(self) -> Frame:
        """The next frame.

        Raises:
            EOFError: the connection ended first.
            ConnectionResetError: it was reset first.
        """
        async with asyncio.timeout(PATIENCE):
            while not self._read:
                data = await self.reader.read(2**16)
                if not data:
                    raise EOFError
                self._read += self._frames.feed(data)
        return self._read.pop(0)

    async def frames(self, count: int) -> list[Frame]:
        """So many frames."""
        return [await self.frame() for _ in range(count)]

    async def texts(self, count: int) -> list[str]:
        """The payloads of so many frames."""
        return [one.payload.decode() for one in await self.frames(count)]

    async def ending(self) -> Literal["fin", "reset"]:
        """How the connection ends; frames that come before stay to be taken by `rest`."""
        async with asyncio.timeout(PATIENCE):
            try:
                while data := await self.reader.read(2**16):
                    self._read += self._frames.feed(data)
            except ConnectionResetError:
                return "reset"
        return "fin"

    def rest(self) -> list[Frame]:
        """The frames that came and were not taken."""
        taken, self._read = self._read, []
        return taken

    @property
    def partial(self) -> bool:
        """Whether what came ends in mid-frame."""
        return self._frames.partial
