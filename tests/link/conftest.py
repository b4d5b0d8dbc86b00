"""Fixtures for the link room: the transport engines, and certificates that are good for nothing."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import fcntl
import importlib.util
import socket
import ssl
import struct
import termios
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import pytest

from longwire.chaos.frames import FrameReader
from longwire.link.address import parse_address
from longwire.link.base import Request
from longwire.link.headers import Headers
from longwire.link.link import WireLink
from longwire.link.options import LinkOptions
from longwire.link.transport import accept_transport, open_transport, peer_of
from longwire.testing import PATIENCE, Changes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    import trustme

    from longwire.chaos.frames import Frame
    from longwire.core.liveness import Heartbeat
    from longwire.link.deflate import DeflateParameters
    from longwire.link.inbox import Inbox

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
    """Leave out links on aiofastnet and uvloop: longwire joins the two only where it is told to."""
    never = [item for item in items if _joins_what_is_not_joined(item)]
    if never:
        config.hook.pytest_deselected(items=never)
        items[:] = [item for item in items if item not in never]


def _joins_what_is_not_joined(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function) or "wire" not in item.fixturenames:
        return False
    return {"uvloop", "aiofastnet"} <= set(item.callspec.id.split("-"))


def _server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture
def expired_tls(certificate_authority: trustme.CA) -> ssl.SSLContext:
    """The context of a server whose certificate has expired."""
    past = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)
    certificate = certificate_authority.issue_cert("localhost", "127.0.0.1", not_after=past)
    return _server_context(certificate)


@pytest.fixture
def misnamed_tls(certificate_authority: trustme.CA) -> ssl.SSLContext:
    """The context of a server whose certificate is for somebody else."""
    return _server_context(certificate_authority.issue_cert("elsewhere.example"))


@pytest.fixture
def self_signed_tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """The context of a server whose certificate nobody has signed but itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(tz=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("self-signed") / "both.pem"
    encoding = serialization.Encoding.PEM
    path.write_bytes(
        certificate.public_bytes(encoding)
        + key.private_bytes(
            encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@pytest.fixture
def named_tls(request: pytest.FixtureRequest) -> Callable[[str], ssl.SSLContext]:
    """The fixture of a context by its name, for parametrised tests."""

    def get(name: str) -> ssl.SSLContext:
        context: ssl.SSLContext = request.getfixturevalue(name)
        return context

    return get


@pytest.fixture
def until() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Let the loop turn until a condition holds of which no event tells; fail if it never does."""

    async def wait(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 - the very thing this is for
                await asyncio.sleep(0)

    return wait


class Mute:
    """A TCP server that says nothing, and sees connections come, speak and go."""

    def __init__(self) -> None:
        self.changes = Changes()
        self.received: list[bytearray] = []
        self.gone = 0
        self.transports: list[asyncio.Transport] = []
        self.port = 0

    def connected(self) -> _MuteConnection:
        return _MuteConnection(self)

    async def came(self, count: int = 1) -> None:
        """Wait for so many connections."""
        await self.changes.until(lambda: len(self.received) >= count, what=f"{count} connections")

    async def heard(self, count: int = 1) -> None:
        """Wait for so many bytes on the first connection."""
        await self.changes.until(
            lambda: bool(self.received) and len(self.received[0]) >= count, what=f"{count} bytes"
        )

    async def all_gone(self) -> None:
        """Wait until every connection that came is gone."""
        await self.changes.until(lambda: self.gone == len(self.received), what="the end of all")


class _MuteConnection(asyncio.Protocol):
    def __init__(self, server: Mute) -> None:
        self._server = server
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self._server.transports.append(cast("asyncio.Transport", transport))
        self._server.received.append(self._received)
        self._server.changes.notify()

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._server.changes.notify()

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.gone += 1
        self._server.changes.notify()


@pytest.fixture
async def mute() -> AsyncIterator[Mute]:
    """A server on 127.0.0.1 that accepts and stays silent."""
    server = Mute()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(server.connected, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    yield server
    listening.close()
    for transport in server.transports:
        transport.abort()
    await server.all_gone()


@contextlib.contextmanager
def _full_queue(host: str, port: int = 0, scope: int = 0) -> Iterator[int]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    address = (host, port, 0, scope) if ":" in host else (host, port)
    with contextlib.ExitStack() as open_sockets:
        listener = open_sockets.enter_context(socket.socket(family))
        listener.bind(address)
        listener.listen(0)
        for _ in range(8):
            filler = open_sockets.enter_context(socket.socket(family))
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.fixture
def full_queue() -> Callable[..., contextlib.AbstractContextManager[int]]:
    """Makes a port whose TCP handshake is never answered: the queue of its listener is full.

    Called with host, port (0: any) and scope; entering it gives the port.
    """
    return _full_queue


@pytest.fixture
def unanswered_port() -> Iterator[int]:
    """A port on 127.0.0.1 whose TCP handshake is never answered."""
    with _full_queue("127.0.0.1") as port:
        yield port


@pytest.fixture
def link_local() -> str:
    """An IPv6 address of this machine, with the zone without which it means nothing."""
    try:
        lines = Path("/proc/net/if_inet6").read_text().splitlines()
    except OSError:
        lines = []
    for digits, _, _, scope, _, zone in map(str.split, lines):
        if scope == "20":
            return f"{socket.inet_ntop(socket.AF_INET6, bytes.fromhex(digits))}%{zone}"
    pytest.skip("this machine has no link-local address")


# ---------------------------------------------------------------- a live link and a bare socket


class _Encryption:
    """TLS spoken by hand on a bare socket, so that the peer can do what no library would."""

    def __init__(self, context: ssl.SSLContext, *, server_side: bool) -> None:
        self._in, self.out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(
            self._in,
            self.out,
            server_side=server_side,
            server_hostname=None if server_side else "127.0.0.1",
        )

    async def shake_hands(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                await loop.sock_sendall(sock, self.out.read())
                self._in.write(await loop.sock_recv(sock, 2**16))
            else:
                await loop.sock_sendall(sock, self.out.read())
                return

    async def read(self, sock: socket.socket, limit: int) -> bytes:
        loop = asyncio.get_running_loop()
        while True:
            try:
                data = self.tls.read(limit)
            except ssl.SSLWantReadError:
                raw = await loop.sock_recv(sock, 2**16)
                if not raw:
                    return b""
                self._in.write(raw)
                continue
            except ssl.SSLZeroReturnError:
                data = b""
            if not data:
                # Who says goodbye waits for the answer before it closes TCP.
                with contextlib.suppress(OSError):
                    await loop.sock_sendall(sock, self.farewell())
            return data

    def farewell(self) -> bytes:
        """The bytes that say that no more will come (``close_notify``)."""
        with contextlib.suppress(ssl.SSLError):
            self.tls.unwrap()
        return self.out.read()


class Peer:
    """The far end of a `WireLink`: a bare socket that does what it is told, and nothing else."""

    def __init__(self, sock: socket.socket, encryption: _Encryption | None) -> None:
        self.sock = sock
        self._encryption = encryption
        self._reader = FrameReader()
        self._frames: deque[Frame] = deque()

    async def send(self, *raw: bytes) -> None:
        """Write bytes, whatever they mean."""
        await asyncio.get_running_loop().sock_sendall(self.sock, self._sealed(b"".join(raw)))

    def send_now(self, *raw: bytes) -> None:
        """The same without a turn of the loop; the kernel must have room for them."""
        sealed = self._sealed(b"".join(raw))
        assert self.sock.send(sealed) == len(sealed)

    def _sealed(self, data: bytes) -> bytes:
        if self._encryption is None or not data:
            return data
        self._encryption.tls.write(data)
        return self._encryption.out.read()

    def send_damaged(self, *raw: bytes) -> None:
        """The same with TLS, but a bit is flipped on the way."""
        damaged = bytearray(self._sealed(b"".join(raw)))
        damaged[-1] ^= 1
        self.sock.send(damaged)

    async def delivered(self) -> None:
        """Wait until the other end's system has all that was sent, read or not."""
        request: Final = termios.TIOCOUTQ
        async with asyncio.timeout(PATIENCE):
            while any(fcntl.ioctl(self.sock.fileno(), request, bytes(4))):  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.001)

    async def read(self, limit: int) -> bytes:
        """Some bytes, at most so many; none at the end of TCP."""
        if self._encryption is not None:
            return await self._encryption.read(self.sock, limit)
        return await asyncio.get_running_loop().sock_recv(self.sock, limit)

    async def frame(self) -> Frame:
        """The next frame. Raises EOFError at the end of TCP."""
        while not self._frames:
            data = await self.read(2**20)
            if not data:
                raise EOFError
            self._frames += self._reader.feed(data)
        return self._frames.popleft()

    async def frames(self, count: int) -> list[Frame]:
        """So many frames."""
        return [await self.frame() for _ in range(count)]

    async def rest(self) -> list[Frame]:
        """Every frame until the end of TCP, be it a reset."""
        frames: list[Frame] = []
        with contextlib.suppress(EOFError, ConnectionError):
            while True:
                frames.append(await self.frame())
        return frames

    def finish(self) -> None:
        """Send FIN, and go on reading."""
        if self._encryption is not None:
            self.sock.send(self._encryption.farewell())
        self.sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """FIN, or RST if something has not been read."""
        if self._encryption is not None:
            with contextlib.suppress(OSError):  # there may be no room for it, or no peer
                self.sock.send(self._encryption.farewell())
        self.sock.close()

    def reset(self) -> None:
        """RST at once."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class _Hollow(asyncio.BufferedProtocol):
    """What the transport talks to until the link goes live."""

    def get_buffer(self, sizehint: int) -> bytearray:
        return bytearray(1)


@dataclass(frozen=True)
class Wire:
    """What the links under test run on."""

    engine: str
    server_tls: ssl.SSLContext | None
    client_tls: ssl.SSLContext | None

    async def connect(self, *, client: bool, buffers: int | None) -> tuple[asyncio.Transport, Peer]:
        """Our transport, made as the product makes it, and the other end of its connection."""
        loop = asyncio.get_running_loop()
        with socket.socket() as listener:
            if buffers is not None:
                # Before the connection is made, or the window is as large as it likes.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffers)
            listener.bind(("127.0.0.1", 0))
            listener.listen(1)
            listener.setblocking(False)
            making = self._ours_opens if client else self._ours_accepts
            transport, peer = await making(listener, buffers, loop)
        if buffers is not None:
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_SNDBUF, buffers
            )
        return transport, peer

    async def _ours_opens(
        self, listener: socket.socket, _: int | None, loop: asyncio.AbstractEventLoop
    ) -> tuple[asyncio.Transport, Peer]:
        scheme = "ws" if self.client_tls is None else "wss"
        address = parse_address(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/")
        async with asyncio.TaskGroup() as both:
            opening = both.create_task(
                open_transport(address, _Hollow, tls=self.client_tls, loop=loop)
            )
            theirs, _address = await loop.sock_accept(listener)
            peer = await self._peer(theirs, self.server_tls, server_side=True)
        transport, _protocol = opening.result()
        return transport, peer

    async def _ours_accepts(
        self, listener: socket.socket, buffers: int | None, loop: asyncio.AbstractEventLoop
    ) -> tuple[asyncio.Transport, Peer]:
        theirs = socket.socket()
        if buffers is not None:
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffers)
        theirs.setblocking(False)
        await loop.sock_connect(theirs, listener.getsockname())
        ours, _ = await loop.sock_accept(listener)
        async with asyncio.TaskGroup() as both:
            opening = both.create_task(
                accept_transport(ours, _Hollow, tls=self.server_tls, loop=loop)
            )
            peer = await self._peer(theirs, self.client_tls, server_side=False)
        return opening.result(), peer

    @staticmethod
    async def _peer(
        sock: socket.socket, context: ssl.SSLContext | None, *, server_side: bool
    ) -> Peer:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is None:
            return Peer(sock, None)
        encryption = _Encryption(context, server_side=server_side)
        await encryption.shake_hands(sock)
        return Peer(sock, encryption)


@pytest.fixture(params=["plain", "tls"])
def wire(request: pytest.FixtureRequest, engine: str) -> Wire:
    """Each engine, plain and with TLS."""
    if request.param == "plain":
        return Wire(engine, None, None)
    return Wire(
        engine, request.getfixturevalue("server_tls"), request.getfixturevalue("client_tls")
    )


class LinkMaker:
    """Makes live links on real TCP connections; see the fixture `live`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.engine = wire.engine
        self.encrypted = wire.server_tls is not None
        self._made: list[tuple[WireLink, Peer]] = []

    async def __call__(
        self,
        *,
        client: bool = True,
        deflate: DeflateParameters | None = None,
        early: bytes = b"",
        inbox: Inbox | None = None,
        buffers: int | None = None,
        heartbeat: Heartbeat | None = None,
        close_timeout: float = 5.0,
        **options: float | None,
    ) -> tuple[WireLink, Peer]:
        """A link and its peer.

        Args:
            client: Which side the link is.
            deflate: What was negotiated.
            early: What came behind the handshake.
            inbox: The inbox; by default its own.
            buffers: The size of the kernel's buffers in bytes, for a peer that reads nothing.
            heartbeat, close_timeout, options: Of `LinkOptions`; by default there is no heartbeat.
        """
        loop = asyncio.get_running_loop()
        transport, peer = await self._wire.connect(client=client, buffers=buffers)
        link = WireLink(
            loop=loop,
            mask=client,
            options=LinkOptions(
                heartbeat=heartbeat,
                close_timeout=close_timeout,
                **options,  # type: ignore[arg-type]  # each of its own kind
            ),
            inbox=inbox,
        )
        self._made.append((link, peer))
        transport.set_protocol(link)
        request = Request(path="/", headers=Headers(()), peer=peer_of(transport))
        link.go_live(transport, request, deflate=deflate, early=early)
        return link, peer

    async def end(self) -> None:
        for link, peer in self._made:
            link.abort()
            await link.wait_gone()
            peer.sock.close()


@pytest.fixture
async def live(wire: Wire) -> AsyncIterator[LinkMaker]:
    """Makes live links whose peer is a bare socket, and ends them after the test."""
    maker = LinkMaker(wire)
    yield maker
    await maker.end()
