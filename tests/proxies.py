"""A proxy for tests: HTTP CONNECT, SOCKS 4, 4a and 5, with or without TLS; it fails on request."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Self

from longwire.testing import Changes

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

Kind = Literal["http", "socks4", "socks5"]
Stage = Literal["accepted", "asked", "half answered", "tunnelled"]


class _Over(Exception):
    """This connection is not to become a tunnel."""


@dataclass
class ProxyServer:
    """``async with ProxyServer("socks5") as proxy: proxy.url``.

    It says where it was asked to connect to, and resolves names by a table of its own.
    """

    kind: Kind = "http"
    tls: ssl.SSLContext | None = None
    userinfo: tuple[str, str] | None = None
    """What it wants of its clients."""
    refuse: int | None = None
    """The HTTP status or SOCKS code with which it refuses."""
    raw: bytes | None = None
    """What it answers instead of anything sensible; then it ends the connection."""
    hang_at: Stage | None = None
    """Where it says no more, and waits for the other side to go."""
    head: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n"
    """How it accepts a CONNECT."""
    hosts: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    """The heads of what an HTTP proxy was asked."""
    reached: Counter[Stage] = field(default_factory=Counter)
    ended: int = 0
    """Connections that have ended."""

    port: int = 0

    async def __aenter__(self) -> Self:
        self.changes = Changes()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, scheme: str | None = None, userinfo: str = "") -> str:
        """Its URL."""
        return f"{scheme or self.scheme}://{userinfo}localhost:{self.port}"

    @property
    def scheme(self) -> str:
        """Its simplest scheme."""
        return "https" if self.tls is not None else self.kind

    async def at(self, stage: Stage, times: int = 1) -> None:
        """Wait until so many connections have come so far."""
        await self.changes.until(lambda: self.reached[stage] >= times, what=stage)

    async def all_ended(self) -> None:
        """Wait until every connection has ended."""
        await self.changes.until(
            lambda: self.ended == self.reached["accepted"], what="the end of every connection"
        )

    # -- one connection -----------------------------------------------------------------------

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._attend(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._stage("accepted", reader)
            if self.raw is not None:
                await reader.read(1)
                writer.write(self.raw)
                await writer.drain()
                return
            await {"http": self._http, "socks4": self._socks4, "socks5": self._socks5}[self.kind](
                reader, writer
            )
        except (_Over, EOFError, OSError):
            pass
        finally:
            with contextlib.suppress(OSError):
                writer.close()
                await writer.wait_closed()
            self.ended += 1
            self.changes.notify()

    async def _stage(self, stage: Stage, reader: asyncio.StreamReader) -> None:
        self.reached[stage] += 1
        self.changes.notify()
        if self.hang_at == stage:
            while await reader.read(2**16):
                pass
            raise _Over

    async def _answer(
        self, answer: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(answer[:5])
        await writer.drain()
        await self._stage("half answered", reader)
        writer.write(answer[5:])
        await writer.drain()

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.heads.append(head)
        await self._stage("asked", reader)
        line, *lines = head.split("\r\n")
        method, target, _ = line.split(" ")
        assert method == "CONNECT"
        host, _, port = target.rpartition(":")
        self.asked.append((host.strip("[]"), int(port)))
        refuse = self.refuse
        if self.userinfo is not None:
            token = base64.b64encode(":".join(self.userinfo).encode()).decode()
            if f"Proxy-Authorization: Basic {token}" not in lines:
                refuse = 407
        if refuse is not None:
            body = f"HTTP/1.1 {refuse} No\r\nRetry-After: 3\r\nContent-Length: 4\r\n\r\nsorry"
            await self._answer(body.encode(), reader, writer)
            raise _Over
        try:
            there = await self._connect()
        except OSError:
            await self._answer(b"HTTP/1.1 502 Bad Gateway\r\n\r\n", reader, writer)
            raise
        await self._pump(self.head, reader, writer, *there)

    async def _socks4(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        version, command, *rest = await reader.readexactly(8)
        assert (version, command) == (4, 1)
        port = rest[0] * 256 + rest[1]
        host = ".".join(map(str, rest[2:]))
        user = (await reader.readuntil(b"\0"))[:-1].decode()
        if host.startswith("0.0.0."):
            host = (await reader.readuntil(b"\0"))[:-1].decode()
        await self._stage("asked", reader)
        self.asked.append((host, port))
        code = self.refuse or (0x5D if self.userinfo and user != self.userinfo[0] else 0)
        there = None
        if not code:
            with contextlib.suppress(OSError):
                there = await self._connect()
        if there is None:
            await self._answer(bytes([0, code or 0x5B, *bytes(6)]), reader, writer)
            raise _Over
        await self._pump(bytes([0, 0x5A, *bytes(6)]), reader, writer, *there)

    async def _socks5(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        version, count = await reader.readexactly(2)
        assert version == 5
        methods = await reader.readexactly(count)
        if self.userinfo is None:
            writer.write(b"\x05\x00")
        elif 2 not in methods:
            writer.write(b"\x05\xff")
            raise _Over
        else:
            writer.write(b"\x05\x02")
            await self._check_user(reader, writer)
        _, command, _, kind = await reader.readexactly(4)
        assert command == 1
        if kind == 3:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        else:
            family, size = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
            host = socket.inet_ntop(family, await reader.readexactly(size))
        port = int.from_bytes(await reader.readexactly(2), "big")
        await self._stage("asked", reader)
        self.asked.append((host, port))
        there = None
        if not self.refuse:
            with contextlib.suppress(OSError):
                there = await self._connect()
        # With a name as the bound address: the least common of the three kinds.
        bound = b"\0\3\1x\0\0"
        if there is None:
            await self._answer(bytes([5, self.refuse or 5]) + bound, reader, writer)
            raise _Over
        await self._pump(bytes([5, 0]) + bound, reader, writer, *there)

    async def _check_user(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        user, password = [
            (await reader.readexactly((await reader.readexactly(1))[0])).decode() for _ in range(2)
        ]
        good = (user, password) == self.userinfo
        writer.write(bytes([1, 0 if good else 1]))
        if not good:
            raise _Over

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = self.asked[-1]
        return await asyncio.open_connection(self.hosts.get(host, host), port)

    async def _pump(
        self,
        answer: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        back: asyncio.StreamWriter,
    ) -> None:
        try:
            await self._answer(answer, reader, writer)
            await self._stage("tunnelled", reader)
            async with asyncio.TaskGroup() as both:
                both.create_task(_copy(reader, back))
                both.create_task(_copy(there, writer))
        except* (EOFError, OSError):
            pass
        finally:
            back.close()
            with contextlib.suppress(OSError):
                await back.wait_closed()


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(2**16):
        sink.write(data)
        await sink.drain()
    # Whatever ends one way ends both.
    raise EOFError
