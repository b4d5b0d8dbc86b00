"""What hostile peers are made of, and how a server is watched while they are at work."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import socket
import ssl
import tracemalloc
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

import longwire
from longwire.link.listen import serve
from longwire.link.zlibs import inflating
from longwire.testing import frames

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from longwire.link.link import WireLink
    from longwire.link.routing import Handler
    from longwire.link.server import Server

PATIENCE = 100.0
MASK = bytes(4)
NEEDS_AIOFASTNET = pytest.mark.skipif(
    importlib.util.find_spec("aiofastnet") is None, reason="aiofastnet is not installed"
)


@pytest.fixture(params=["asyncio", pytest.param("aiofastnet", marks=NEEDS_AIOFASTNET)])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each engine of transports in turn."""
    name: str = request.param
    monkeypatch.setenv("LONGWIRE_TRANSPORT", name)
    return name


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Uncompiled, floods come over one engine: what is slow there is ours, whatever brings it."""
    if longwire.COMPILED:
        return
    here = Path(__file__).parent
    others = [
        item
        for item in items
        if here in item.path.parents
        and isinstance(item, pytest.Function)
        and {"uvloop", "aiofastnet", "tls"} & set(item.name.partition("[")[2][:-1].split("-"))
    ]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


@pytest.fixture(params=["plain", "tls"])
def tls(request: pytest.FixtureRequest) -> tuple[ssl.SSLContext | None, ssl.SSLContext | None]:
    """The contexts of server and client, without TLS and with it."""
    if request.param == "plain":
        return None, None
    return request.getfixturevalue("server_tls"), request.getfixturevalue("client_tls")


class Peer:
    """A client over a plain socket, with a link on the server's side."""

    def __init__(self, sock: socket.socket, link: WireLink, seal: Seal | None = None) -> None:
        self.sock = sock
        self.link = link
        self._seal = seal
        self._rest = b""

    def fill(self, raw: bytes, most: int = 8 * 2**20) -> int:
        """Send the same again and again, as much as the system takes; returns the bytes."""
        sent = 0
        while sent < most:
            self._rest = self._rest or raw
            try:
                count = self.sock.send(self._rest[: most - sent])
            except BlockingIOError:
                break
            self._rest = self._rest[count:]
            sent += count
        return sent

    async def send(self, raw: bytes) -> None:
        """Send all of it, encrypted if the link is."""
        if self._seal is not None:
            raw = self._seal.close(raw)
        await asyncio.get_running_loop().sock_sendall(self.sock, raw)

    async def read(self, count: int) -> bytes:
        """So many bytes from the server."""
        loop = asyncio.get_running_loop()
        got = b""
        async with asyncio.timeout(PATIENCE):
            while len(got) < count:
                size = count - len(got) if self._seal is None else 2**16
                data = await loop.sock_recv(self.sock, size)
                assert data, "the server closed"
                got += data if self._seal is None else self._seal.open(data)
        return got


class Seal:
    """The client's side of TLS, on bytes."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._come = ssl.MemoryBIO()
        self._go = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._come, self._go, server_hostname="127.0.0.1")

    async def shake_hands(self, sock: socket.socket) -> None:
        """Open the connection."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await loop.sock_sendall(sock, self._go.read())
                self._come.write(await loop.sock_recv(sock, 2**16))
            else:
                await loop.sock_sendall(sock, self._go.read())
                return

    def close(self, raw: bytes) -> bytes:
        """Encrypt."""
        self._tls.write(raw)
        return self._go.read()

    def open(self, raw: bytes) -> bytes:
        """Decrypt, as far as there are whole records."""
        self._come.write(raw)
        plain = b""
        with contextlib.suppress(ssl.SSLWantReadError):
            while True:
                plain += self._tls.read(2**16)
        return plain


class Enter(Protocol):
    """Open a connection to a server."""

    async def __call__(
        self, server: Server, *, deflate: bool = False, tls: ssl.SSLContext | None = None
    ) -> Peer: ...


@pytest.fixture
async def enter() -> AsyncIterator[Enter]:
    """Open connections by hand; closed at the end."""
    loop = asyncio.get_running_loop()
    open_ones: list[socket.socket] = []

    async def make(
        server: Server, *, deflate: bool = False, tls: ssl.SSLContext | None = None
    ) -> Peer:
        sock = socket.socket()
        open_ones.append(sock)
        sock.setblocking(False)
        before = set(server.links)
        await loop.sock_connect(sock, ("127.0.0.1", server.port))
        seal = None if tls is None else Seal(tls)
        offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if deflate else ""
        request = (
            "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Sec-WebSocket-Version: 13\r\n{offer}\r\n"
        ).encode()
        head = b""
        async with asyncio.timeout(PATIENCE):
            if seal is not None:
                await seal.shake_hands(sock)
            await loop.sock_sendall(sock, request if seal is None else seal.close(request))
            while not head.endswith(b"\r\n\r\n"):
                data = await loop.sock_recv(sock, 1)
                head += data if seal is None else seal.open(data)
        assert head.startswith(b"HTTP/1.1 101 ")
        (link,) = set(server.links) - before
        return Peer(sock, link, seal)

    yield make
    for sock in open_ones:
        sock.close()


@contextlib.asynccontextmanager
async def turns(look: Callable[[], Any]) -> AsyncIterator[list[Any]]:
    """What ``look`` sees in each turn of the loop, until the end."""
    seen: list[Any] = []

    async def watch() -> None:
        while True:
            seen.append(look())
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        watching.cancel()
        await asyncio.wait([watching])


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until a condition holds; fail if it never does."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - the very thing this is for
            await asyncio.sleep(0)


@contextlib.contextmanager
def traced() -> Iterator[Callable[[], int]]:
    """How much memory Python has taken at most since the beginning, in bytes."""
    tracemalloc.start()
    try:
        base, _ = tracemalloc.get_traced_memory()
        yield lambda: tracemalloc.get_traced_memory()[1] - base
    finally:
        tracemalloc.stop()


def bomb(size: int, opcode: int = frames.BINARY) -> bytes:
    """A masked frame that inflates to so many zeros."""
    return packed(bytes(size), opcode)


def packed(payload: bytes, opcode: int = frames.BINARY) -> bytes:
    """A masked frame that inflates to a payload."""
    packer = zlib.compressobj(wbits=-12)
    sent = packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH)
    return frames.frame(opcode, sent.removesuffix(b"\x00\x00\xff\xff"), rsv=4, mask=MASK)


def tables(size: int) -> bytes:
    """A masked frame of about so many bytes, blocks with a table and no data: an empty message."""
    bits = "0" + "01" + "00000" + "00000" + "0111"  # 257 codes, 1, and 18 for their lengths
    order = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1)
    lengths = {18: "100", 0: "010", 1: "010"}  # the lowest bit is the first
    bits += "".join(lengths.get(code, "000") for code in order)
    # 138 and 118 lengths of 0, then 1 for the end of the block, and none for distances.
    bits += "0" + "1111111" + "0" + "1101011" + "11" + "10" + "0"
    bits *= 8
    eight = bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))
    return frames.frame(frames.BINARY, eight * (size // len(eight)), rsv=4, mask=MASK)


class Work:
    """Counts what the inflaters that are made from now on take and make, in bytes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken = 0
        self.made = 0
        self._make = inflating().decompressobj
        monkeypatch.setattr(inflating(), "decompressobj", self._counted)

    def _counted(self, **options: Any) -> Counted:
        return Counted(self._make(**options), self)


class Counted:
    """An inflater whose work is counted."""

    def __init__(self, real: Any, work: Work) -> None:
        self._real = real
        self._work = work

    def decompress(self, data: bytes, limit: int) -> bytes:
        """As zlib's."""
        plain: bytes = self._real.decompress(data, limit)
        self._work.made += len(plain)
        self._work.taken += len(data) - len(self._real.unconsumed_tail)
        return plain

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@pytest.fixture
def kit() -> Kit:
    """What tests need of this file: they cannot import it, as tests are no packages."""
    return Kit()


def serve_hostile(handler: Handler, host: str, port: int, **options: Any) -> Server:
    """A server that does not wait for its peers at the end: they answer no close frame."""
    return serve(handler, host, port, **{"close_timeout": 0.1, **options})


class Kit:
    """Functions of this file."""

    Work = Work
    bomb = staticmethod(bomb)
    packed = staticmethod(packed)
    serve = staticmethod(serve_hostile)
    tables = staticmethod(tables)
    traced = staticmethod(traced)
    turns = staticmethod(turns)
    until = staticmethod(until)
    mask = MASK
