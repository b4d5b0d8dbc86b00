"""Commands through proxies, over Unix sockets and with certificates, up to the server."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.server import serve, unix_serve

from longwire.cli import main
from longwire.testing import NumberedFeed
from tests.proxies import ProxyServer

if TYPE_CHECKING:
    from pathlib import Path

    import trustme


async def run(*words: str) -> int:
    """The command line, on a thread beside the server's loop."""
    return await asyncio.to_thread(main, words)


async def echo(connection: Any) -> None:
    """Says what it hears, and how it was called."""
    async for message in connection:
        await connection.send(f"{connection.request.headers['User-Agent']}: {message}")


async def test_through_a_proxy(capsys: pytest.CaptureFixture[str]) -> None:
    """Both commands; a proxy that refuses is told, without its password."""
    async with (
        ProxyServer("socks5", userinfo=("bob", "s3cret")) as proxy,
        serve(echo, "127.0.0.1", 0) as server,
    ):
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/"
        way = ["--proxy", proxy.url("socks5h", "bob:s3cret@")]
        assert await run("send", url, "hello", "--expect", "1", *way) == 0
        assert await run("listen", url, "--subscribe", "hello", "--count", "1", *way) == 0
        assert len(proxy.asked) == 2
        assert await run("send", url, "hello", "--proxy", proxy.url("socks5h", "eve:x@")) == 3
    error = capsys.readouterr().err
    assert "the proxy socks5h://localhost:" in error
    assert "s3cret" not in error


async def test_the_environments_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is taken unless it is ruled out."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with NumberedFeed() as feed:
        assert await run("send", feed.url, "hello") == 3
        assert await run("send", feed.url, "hello", "--proxy", "none") == 0


async def test_over_a_unix_socket(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a name of our own choice."""
    path = str(tmp_path / "s")
    async with unix_serve(echo, path):
        words = ["ws://localhost/", "hello", "--unix", path, "--expect", "1"]
        assert await run("send", *words, "--user-agent", "me") == 0
    assert capsys.readouterr().out == "me: hello\n"


@pytest.mark.blocking  # printing is what a command does
async def test_a_recording_goes_the_same_ways(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a proxy, over a Unix socket; and what is not in the way is told without secrets."""
    numbers = iter(range(9))

    async def record(*words: str) -> int:
        path = str(tmp_path / str(next(numbers)))
        return await run("record", words[0], path, "--subscribe", "x", "--count", "1", *words[1:])

    async with (
        ProxyServer("http", userinfo=("bob", "s3cret")) as proxy,
        serve(echo, "127.0.0.1", 0) as server,
        unix_serve(echo, str(tmp_path / "s")),
    ):
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/"
        assert await record(url, "--proxy", proxy.url("http", "bob:s3cret@")) == 0
        assert len(proxy.asked) == 1
        assert await record("ws://localhost/", "--unix", str(tmp_path / "s")) == 0
        # No further attempt can change a refused password, and none is made.
        assert await record(url, "--proxy", proxy.url("http", "eve:x3cret@")) == 3
        monkeypatch.setenv("http_proxy", proxy.url("https", "bob:s3cret@"))
        assert await record(url) == 3
        assert await record(url, "--proxy", "none") == 0
    error = capsys.readouterr().err
    assert "through no proxy that speaks TLS itself" in error
    assert "s3cret" not in error
    assert "x3cret" not in error


@pytest.mark.blocking  # the files of TLS are read before anything else is done
async def test_with_a_certificate(
    tmp_path: Path, certificate_authority: trustme.CA, server_tls: ssl.SSLContext
) -> None:
    """To a server that wants one, and that has another name than its address."""
    ca, client = tmp_path / "ca.pem", tmp_path / "client.pem"
    certificate_authority.cert_pem.write_to_path(ca)
    certificate_authority.issue_cert("me.example").private_key_and_cert_chain_pem.write_to_path(
        client
    )
    certificate_authority.configure_trust(server_tls)
    server_tls.verify_mode = ssl.CERT_REQUIRED
    async with NumberedFeed(tls=server_tls) as feed:
        words = ["send", feed.url, "hello", "--ca", str(ca), "--server-name", "localhost"]
        assert await run(*words, "--cert", str(client)) == 0
        assert await feed.links[0].wait_message() == "hello"
        assert await run(*words[:-1], "elsewhere.example", "--cert", str(client)) == 3
