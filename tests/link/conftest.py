"""Fixtures for the link room: the transport engines, and certificates that are good for nothing."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import importlib.util
import socket
import ssl
import struct
from collections import deque
from typing import TYPE_CHECKING, cast

import pytest

from longwire.link.base import Request
from longwire.link.headers import Headers
from longwire.link.link import WireLink
from longwire.link.options import LinkOptions
from longwire.testing import PATIENCE, Changes
from longwire.testing.frames import FrameReader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    import trustme

    from longwire.core.liveness import Heartbeat
    from longwire.link.deflate import DeflateParameters
    from longwire.link.inbox import Inbox
    from longwire.testing.frames import Frame

NEEDS_AIOFASTNET = pytest.mark.skipif(
    importlib.util.find_spec("aiofastnet") is None, reason="aiofastnet is not installed"
)


@pytest.fixture(params=["asyncio", pytest.param("aiofastnet", marks=NEEDS_AIOFASTNET)])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each engine of transports in turn."""
    name: str = request.param
    monkeypatch.setenv("LONGWIRE_TRANSPORT", name)
    return name


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


@pytest.fixture
def unanswered_port() -> Iterator[int]:
    """A port whose TCP handshake is never answered: the queue of its listener is full."""
    with contextlib.ExitStack() as open_sockets:
        listener = open_sockets.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(8):
            filler = open_sockets.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


# ---------------------------------------------------------------- a live link and a bare socket


class Peer:
    """The far end of a `WireLink`: a bare socket that does what it is told, and nothing else."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._reader = FrameReader()
        self._frames: deque[Frame] = deque()

    async def send(self, *raw: bytes) -> None:
        """Write bytes, whatever they mean."""
        await asyncio.get_running_loop().sock_sendall(self.sock, b"".join(raw))

    async def frame(self) -> Frame:
        """The next frame. Raises EOFError at the end of TCP."""
        while not self._frames:
            data = await asyncio.get_running_loop().sock_recv(self.sock, 2**20)
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
        self.sock.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """RST at once."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class _Hollow(asyncio.BufferedProtocol):
    """What the transport talks to until the link goes live."""

    def get_buffer(self, sizehint: int) -> bytearray:
        return bytearray(1)


def _tcp_pair(buffers: int | None) -> tuple[socket.socket, socket.socket]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        ours, theirs = socket.socket(), socket.socket()
        if buffers is not None:
            # Before the connection is made, or the window is as large as it likes.
            for sock in (listener, ours):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffers)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffers)
        listener.listen(1)
        theirs.close()
        ours.connect(listener.getsockname())
        theirs, _ = listener.accept()
    for sock in (ours, theirs):
        sock.setblocking(False)
    return ours, theirs


class LinkMaker:
    """Makes live links on real TCP connections; see the fixture `live`."""

    def __init__(self) -> None:
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
        ours, theirs = _tcp_pair(buffers)
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
        transport, _ = await loop.create_connection(_Hollow, sock=ours)
        peer = Peer(theirs)
        self._made.append((link, peer))
        transport.set_protocol(link)
        request = Request(path="/", headers=Headers(()))
        link.go_live(transport, request, deflate=deflate, early=early)
        return link, peer

    async def end(self) -> None:
        for link, peer in self._made:
            link.abort()
            await link.wait_gone()
            peer.sock.close()


@pytest.fixture
async def live() -> AsyncIterator[LinkMaker]:
    """Makes live links whose peer is a bare socket, and ends them after the test."""
    maker = LinkMaker()
    yield maker
    await maker.end()
