"""Fixtures for the link room: the transport engines, and certificates that are good for nothing."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import importlib.util
import socket
import ssl
from typing import TYPE_CHECKING, cast

import pytest

from longwire.testing import PATIENCE, Changes, RawLink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    import trustme

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


class _AnyLoopRawLink(RawLink):
    """A feed's link for loops whose transports are none of asyncio's classes, such as uvloop's."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.accepted_at = asyncio.get_running_loop().time()
        self.run(self._host.link_made(self)(self))


@pytest.fixture(autouse=True)
def _feeds_on_any_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a `NumberedFeed` run on the loop of the test, whichever it is."""
    monkeypatch.setattr("longwire.testing.feed.RawLink", _AnyLoopRawLink)


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
