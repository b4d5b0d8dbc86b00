"""What TLS is asked for: names, certificates, keys, and contexts that are made once."""

from __future__ import annotations

import asyncio
import gc
import ssl
import threading
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

import longwire
from longwire.errors import ConnectError, TLSError
from longwire.link import tls as module
from longwire.link.address import parse_address
from longwire.link.dial import dial
from longwire.link.tls import TLS, secured
from longwire.testing import NumberedFeed

if TYPE_CHECKING:
    from pathlib import Path

    import trustme

# Certificates are read where a group is made, here inside of tests that are coroutines.
pytestmark = pytest.mark.blocking

ADDRESS = parse_address("wss://feed.example/")
SECRET = "s3cr3t"


class Files:
    """A client's certificate, and whom it trusts, in files."""

    def __init__(self, folder: Path, authority: trustme.CA) -> None:
        self.ca = folder / "ca.pem"
        self.ca_text = authority.cert_pem.bytes().decode()
        self.ca.write_text(self.ca_text)
        client = authority.issue_cert("client.example")
        self.chain = folder / "client.pem"
        self.chain.write_bytes(b"".join(blob.bytes() for blob in client.cert_chain_pems))
        self.key = folder / "client.key"
        self.key.write_bytes(client.private_key_pem.bytes())
        self.both = folder / "both.pem"
        self.both.write_bytes(client.private_key_and_cert_chain_pem.bytes())
        self.encrypted = folder / "encrypted.key"
        key = load_pem_private_key(client.private_key_pem.bytes(), None)
        self.encrypted.write_bytes(
            key.private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(SECRET.encode())
            )
        )


@pytest.fixture
def files(tmp_path: Path, certificate_authority: trustme.CA) -> Files:
    """Files for a client."""
    return Files(tmp_path, certificate_authority)


@pytest.fixture
def strict_tls(server_tls: ssl.SSLContext, certificate_authority: trustme.CA) -> ssl.SSLContext:
    """The context of a server that wants a certificate of its clients."""
    certificate_authority.configure_trust(server_tls)
    server_tls.verify_mode = ssl.CERT_REQUIRED
    return server_tls


async def opened(feed: NumberedFeed, tls: Any, url: str | None = None) -> None:
    """A message comes over a link that is opened so."""
    link = await dial(url or feed.url, tls=tls)
    await link.send("hello")
    assert await feed.links[-1].wait_message() == "hello"
    await link.close()


# ---------------------------------------------------------------- whom to trust, and by which name


@pytest.mark.parametrize("form", ["file", "path", "text"])
async def test_own_authorities(
    engine: str, form: str, files: Files, server_tls: ssl.SSLContext
) -> None:
    """In a file, by its path or name, or as text: nobody else is trusted then."""
    ca: Any = {"file": str(files.ca), "path": files.ca, "text": files.ca_text}[form]
    tls = TLS(ca=ca)
    async with NumberedFeed(tls=server_tls) as feed:
        await opened(feed, tls)
    assert tls.ready is not None
    assert len(tls.ready.get_ca_certs()) == 1


async def test_a_folder_of_authorities(
    tmp_path: Path, files: Files, server_tls: ssl.SSLContext
) -> None:
    """As ``openssl rehash`` makes it: each under the hash of its name."""
    folder = tmp_path / "hashed"
    folder.mkdir()
    process = await asyncio.create_subprocess_exec(
        "openssl", "x509", "-hash", "-noout", "-in", str(files.ca), stdout=asyncio.subprocess.PIPE
    )
    name, _ = await process.communicate()
    (folder / f"{name.decode().strip()}.0").write_text(files.ca_text)
    async with NumberedFeed(tls=server_tls) as feed:
        await opened(feed, TLS(ca=folder))


@pytest.mark.both_loops
async def test_the_name_that_is_asked_for_and_checked(
    engine: str, files: Files, certificate_authority: trustme.CA
) -> None:
    """Of a server whose certificate is for another name than the URL's; SNI says that name."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate_authority.issue_cert("elsewhere.example").configure_cert(context)
    context.sni_callback = lambda _sock, name, _context: names.append(name)
    async with NumberedFeed(tls=context) as feed:
        await opened(feed, TLS(ca=files.ca, server_name="elsewhere.example"))
        own = ssl.create_default_context(cafile=files.ca)
        await opened(feed, TLS(context=own, server_name="elsewhere.example"))
        with pytest.raises(TLSError) as caught:
            await dial(feed.url, tls=TLS(ca=files.ca))
        assert caught.value.problem == "wrong-name"
    assert names[:2] == ["elsewhere.example", "elsewhere.example"]


@pytest.mark.both_loops
async def test_protocols_are_offered(engine: str, files: Files, server_tls: ssl.SSLContext) -> None:
    """The server's choice among them is the connection's."""
    server_tls.set_alpn_protocols(["http/1.1"])
    async with NumberedFeed(tls=server_tls) as feed:
        for alpn, chosen in ((("h3", "http/1.1"), "http/1.1"), ((), None)):
            link = await dial(feed.url, tls=TLS(ca=files.ca, alpn=alpn))
            ssl_object = link._transport.get_extra_info("ssl_object")
            assert ssl_object.selected_alpn_protocol() == chosen
            await link.close()


# ---------------------------------------------------------------- who we are


@pytest.mark.parametrize("form", ["apart", "together", "encrypted"])
async def test_a_certificate_of_our_own(
    engine: str, form: str, files: Files, strict_tls: ssl.SSLContext
) -> None:
    """With its key in a file of its own, in the same, or encrypted."""
    forms: dict[str, dict[str, Any]] = {
        "apart": {"certificate": str(files.chain), "key": str(files.key)},
        "together": {"certificate": files.both},
        "encrypted": {"certificate": files.chain, "key": files.encrypted, "password": SECRET},
    }
    async with NumberedFeed(tls=strict_tls) as feed:
        await opened(feed, TLS(ca=files.ca, **forms[form]))


async def test_a_server_that_wants_one(files: Files, strict_tls: ssl.SSLContext) -> None:
    """Without, the link ends in the handshake, or with its first read (TLS 1.3)."""
    async with NumberedFeed(tls=strict_tls) as feed:
        with pytest.raises(ConnectError) as caught:
            await dial(feed.url, tls=TLS(ca=files.ca))
        assert caught.value.kind in {"tls", "reset", "eof"}


def test_an_encrypted_key_never_asks_at_the_terminal(files: Files) -> None:
    """Without its password, or with a wrong one, it is a mistake that is told."""
    with pytest.raises(ValueError, match="is encrypted"):
        TLS(certificate=files.chain, key=files.encrypted)
    with pytest.raises(ValueError, match="cannot be used"):
        TLS(certificate=files.chain, key=files.encrypted, password="wr0ng")


def test_the_password_is_never_shown(files: Files) -> None:
    """Neither by the group, nor by what goes wrong with it."""
    shown = repr(TLS(certificate=files.chain, key=files.encrypted, password=SECRET))
    with pytest.raises(ValueError) as caught:
        TLS(certificate=files.ca, key=files.encrypted, password=SECRET)
    assert SECRET not in shown + repr(caught.value) + repr(caught.value.__cause__)


# ---------------------------------------------------------------- keys for debugging


@pytest.mark.parametrize("by", ["option", "environment", "default"])
async def test_keys_are_logged(
    by: str,
    tmp_path: Path,
    files: Files,
    server_tls: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where it is asked for, by option or by the environment, also with the default context."""
    log = tmp_path / "keys.log"
    tls: TLS | None = None
    if by == "option":
        tls = TLS(ca=files.ca, keylog=log)
    else:
        monkeypatch.setenv("SSLKEYLOGFILE", str(log))
        if by == "environment":
            tls = TLS(ca=files.ca)
        else:
            monkeypatch.setattr(module, "_DEFAULT", [])
            monkeypatch.setenv("SSL_CERT_FILE", str(files.ca))
    async with NumberedFeed(tls=server_tls) as feed:
        await opened(feed, tls)
    assert "CLIENT_TRAFFIC_SECRET_0" in log.read_text()
    del tls
    gc.collect()


# ---------------------------------------------------------------- contexts


async def test_contexts_are_made_once(files: Files) -> None:
    """None and True are one and the same, made with the first link; others with their group."""
    default = await secured(None, ADDRESS)
    assert default.context is (await secured(True, ADDRESS)).context
    assert default.context.check_hostname
    assert default.context.verify_mode == ssl.CERT_REQUIRED
    assert default.server_name == "feed.example"
    assert default.context.cert_store_stats()["x509_ca"] > 0
    group = TLS(ca=files.ca)
    assert (await secured(group, ADDRESS)).context is group.ready
    own = ssl.create_default_context()
    assert (await secured(own, ADDRESS)).context is own


async def test_a_zone_is_no_part_of_the_name() -> None:
    """It means something on this machine only."""
    assert (await secured(None, parse_address("wss://[fe80::1%25lo]/"))).server_name == "fe80::1"


async def test_the_systems_store_is_read_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a thread, as it takes tens of milliseconds and more; once for all links."""
    threads: list[str] = []
    real = TLS.complete

    def complete(self: TLS) -> ssl.SSLContext:
        threads.append(threading.current_thread().name)
        return real(self)

    monkeypatch.setattr(TLS, "complete", complete)
    group = TLS()
    assert group.ready is None
    first = await secured(group, ADDRESS)
    assert (await secured(group, ADDRESS)).context is first.context is group.ready
    assert threads
    assert threading.current_thread().name not in threads
    assert len(threads) == 1


@pytest.mark.parametrize("wrong", [False, "yes"])
async def test_no_tls_is_no_context(wrong: Any) -> None:
    """``tls=False`` is not taken for "without checks", nor is nonsense."""
    with pytest.raises(ConnectError):
        await secured(wrong, ADDRESS)


async def test_a_file_for_keys_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is named, not a bug of ours; and nothing of it is kept."""
    monkeypatch.setattr(module, "_DEFAULT", [])
    monkeypatch.setenv("SSLKEYLOGFILE", "/nowhere/keys.log")
    with pytest.raises(ConnectError, match="SSLKEYLOGFILE: No such file") as caught:
        await secured(None, ADDRESS)
    assert (caught.value.blame, caught.value.retryable) == ("local", False)
    monkeypatch.delenv("SSLKEYLOGFILE")
    await secured(None, ADDRESS)


async def test_a_context_for_servers() -> None:
    """It is refused in clear words, and before a socket is connected for nothing."""
    with pytest.raises(ConnectError, match="tls is a context for servers"):
        await secured(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ADDRESS)
    with pytest.raises(ValueError, match="tls is a context for servers"):
        longwire.connect("wss://h/", tls=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    with pytest.raises(ValueError, match=r"Proxy\.tls is a context for servers"):
        longwire.Proxy("https://h", tls=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"server_name": ""}, ValueError, "server_name"),
        ({"server_name": "a\r\nb"}, ValueError, "server_name"),
        ({"server_name": "a\0b"}, ValueError, "server_name"),
        ({"server_name": b"a"}, TypeError, "server_name"),
        ({"server_name": ".example"}, ValueError, "server_name"),
        ({"alpn": "http/1.1"}, TypeError, "alpn"),
        ({"alpn": [b"h2"]}, TypeError, "alpn"),
        ({"alpn": ["a\nb"]}, ValueError, "alpn"),
        ({"alpn": [""]}, ValueError, "alpn"),
        ({"alpn": ["x" * 256]}, ValueError, "alpn"),
        ({"key": "k.pem"}, ValueError, "certificate"),
        ({"password": SECRET}, ValueError, "certificate"),
        ({"certificate": "/nowhere.pem"}, ValueError, "No such file"),
        ({"ca": "/nowhere.pem"}, ValueError, "No such file"),
        ({"ca": b"x"}, TypeError, "ca"),
        ({"ca": "-----BEGIN CERTIFICATE-----\nx"}, ValueError, "ca"),
        ({"keylog": "/nowhere/keys.log"}, ValueError, "keylog"),
        ({"context": True}, TypeError, "context"),
        ({"context": ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)}, ValueError, "for servers"),
        ({"context": ssl.create_default_context(), "ca": "x"}, ValueError, "context"),
        ({"context": ssl.create_default_context(), "alpn": ["x"]}, ValueError, "context"),
    ],
)
def test_what_cannot_be_meant(options: Any, error: type[Exception], words: str) -> None:
    """It is refused when the group is made, with the words that help, and without the secrets."""
    with pytest.raises(error, match=words) as caught:
        TLS(**options)
    assert SECRET not in str(caught.value)
