"""TLS on the server's side: client certificates, application protocols, new certificates."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from typing import TYPE_CHECKING, Any

import pytest

from longwire.errors import ConnectError, LinkClosed
from longwire.link.dial import dial
from longwire.link.listen import serve
from longwire.link.routing import OpeningRequest, Response
from longwire.link.secured import TLSInfo, tls_info

if TYPE_CHECKING:
    import trustme

    from longwire.link.base import Link
    from longwire.link.server import Server

pytestmark = pytest.mark.both_loops


class Visits:
    """A handler that remembers the requests of its links."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    async def __call__(self, link: Link) -> None:
        self.seen.append(link.request)
        await link.send("welcome")


def wss(server: Server) -> str:
    return f"wss://127.0.0.1:{server.port}/"


@pytest.fixture
def strict_tls(server_tls: ssl.SSLContext, certificate_authority: trustme.CA) -> ssl.SSLContext:
    """A server's context that demands a certificate."""
    certificate_authority.configure_trust(server_tls)
    server_tls.verify_mode = ssl.CERT_REQUIRED
    return server_tls


@pytest.fixture
def known_tls(certificate_authority: trustme.CA) -> ssl.SSLContext:
    """The context of a client with a certificate for alice@client.example."""
    context = ssl.create_default_context()
    certificate_authority.configure_trust(context)
    certificate_authority.issue_cert("alice@client.example").configure_cert(context)
    return context


async def test_a_client_certificate(
    engine: str, strict_tls: ssl.SSLContext, known_tls: ssl.SSLContext
) -> None:
    """Who has one gets in, and both the hook and the handler see whose it is."""
    visits = Visits()
    asked: list[OpeningRequest] = []

    async def hook(request: OpeningRequest) -> None:
        asked.append(request)

    async with serve(visits, "127.0.0.1", 0, tls=strict_tls, before_upgrade=hook) as server:
        link = await dial(wss(server), tls=known_tls)
        assert await link.recv() == "welcome"
        await link.wait_closed()
        await link.wait_gone()
    (request,) = visits.seen
    tls = request.tls
    assert asked[0].tls == tls
    assert tls.peer_certificate["subjectAltName"] == (("email", "alice@client.example"),)
    assert len(hashlib.sha256(tls.peer_certificate_der).hexdigest()) == 64
    assert tls.version.startswith("TLSv1.")
    assert tls.cipher
    assert "alice" not in repr(request) + repr(tls)


async def test_a_client_without_a_certificate(
    engine: str,
    strict_tls: ssl.SSLContext,
    client_tls: ssl.SSLContext,
    known_tls: ssl.SSLContext,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It never becomes a link, its error is ours, the log stays quiet, and others are served.

    With TLS 1.3 a client learns it only after its own handshake is done (RFC 8446, 4.4.2.4).
    """
    visits = Visits()
    async with serve(visits, "127.0.0.1", 0, tls=strict_tls) as server:
        with pytest.raises(ConnectError):
            await dial(wss(server), tls=client_tls)
        link = await dial(wss(server), tls=known_tls)
        await link.wait_closed()
        await link.wait_gone()
    assert len(visits.seen) == 1
    assert not caplog.records


async def test_the_hook_decides_by_the_certificate(
    engine: str, strict_tls: ssl.SSLContext, known_tls: ssl.SSLContext
) -> None:
    """With CERT_OPTIONAL a certificate is one way among others to be let in."""
    strict_tls.verify_mode = ssl.CERT_OPTIONAL

    async def hook(request: OpeningRequest) -> Response | None:
        assert request.tls is not None
        return None if request.tls.peer_certificate else Response(401, body="who are you?\n")

    anonymous = ssl.create_default_context()
    anonymous.check_hostname = False
    anonymous.verify_mode = ssl.CERT_NONE
    async with serve(Visits(), "127.0.0.1", 0, tls=strict_tls, before_upgrade=hook) as server:
        link = await dial(wss(server), tls=known_tls)
        assert await link.recv() == "welcome"
        await link.wait_closed()
        await link.wait_gone()
        with pytest.raises(ConnectError, match="401"):
            await dial(wss(server), tls=anonymous)


@pytest.mark.parametrize(("offered", "agreed"), [(["http/1.1"], "http/1.1"), (["h3"], None)])
async def test_application_protocols(
    engine: str,
    server_tls: ssl.SSLContext,
    client_tls: ssl.SSLContext,
    offered: list[str],
    agreed: str | None,
) -> None:
    """What ALPN agreed on is told (RFC 7301); a client that offers nothing known is served, too."""
    server_tls.set_alpn_protocols(["http/1.1"])
    client_tls.set_alpn_protocols(offered)
    visits = Visits()
    async with serve(visits, "127.0.0.1", 0, tls=server_tls) as server:
        link = await dial(wss(server), tls=client_tls)
        await link.wait_closed()
        await link.wait_gone()
    assert visits.seen[0].tls.alpn == agreed
    assert visits.seen[0].tls.peer_certificate is None
    assert visits.seen[0].tls.peer_certificate_der is None


async def test_no_tls(engine: str) -> None:
    """Then there is nothing to tell."""
    visits = Visits()
    async with serve(visits, "127.0.0.1", 0) as server:
        link = await dial(f"ws://127.0.0.1:{server.port}/")
        await link.wait_closed()
        await link.wait_gone()
    assert visits.seen[0].tls is None


async def echo(link: Link) -> None:
    """Send everything back."""
    async for message in link:
        await link.send(message)


async def serial_number(server: Server, tls: ssl.SSLContext) -> str:
    """That of the certificate which a new connection is shown."""
    _, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=tls)
    certificate: dict[str, Any] = writer.get_extra_info("peercert")
    writer.transport.abort()
    return str(certificate["serialNumber"])


@pytest.mark.parametrize("way", ["another context", "the same context"])
async def test_a_new_certificate(
    engine: str,
    way: str,
    server_tls: ssl.SSLContext,
    client_tls: ssl.SSLContext,
    certificate_authority: trustme.CA,
) -> None:
    """Without a restart: new connections are shown it, links that are live go on."""
    renewed = certificate_authority.issue_cert("localhost", "127.0.0.1")
    async with serve(echo, "127.0.0.1", 0, tls=server_tls) as server:
        link = await dial(wss(server), tls=client_tls)
        before = await serial_number(server, client_tls)
        if way == "another context":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            renewed.configure_cert(context)
            server.use_tls(context)
        else:
            renewed.configure_cert(server_tls)
        after = await serial_number(server, client_tls)
        assert before != after == await serial_number(server, client_tls)
        await link.send("still here")
        assert await link.recv() == "still here"
        await link.close()
        with pytest.raises(LinkClosed):
            await link.send("too late")


async def test_contexts_that_cannot_be_used(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """One for clients, or something else, or any where there was none: refused, nothing changes."""
    wrong: Any = "cert.pem"
    with pytest.raises(TypeError, match=r"ssl\.SSLContext"):
        serve(echo, tls=wrong)
    with pytest.raises(ValueError, match="for clients"):
        serve(echo, tls=client_tls)
    plain = serve(echo)
    with pytest.raises(ValueError, match="without TLS"):
        plain.use_tls(server_tls)
    async with serve(echo, "127.0.0.1", 0, tls=server_tls) as server:
        with pytest.raises(ValueError, match="for clients"):
            server.use_tls(client_tls)
        link = await dial(wss(server), tls=client_tls)
        await link.close()


async def test_a_transport_that_is_not_encrypted() -> None:
    """Nothing is known of it."""
    assert tls_info(asyncio.Transport()) is None
    assert "certificate" not in repr(TLSInfo(version="TLSv1.3", cipher="x"))
