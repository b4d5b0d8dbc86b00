"""Clients over proxies, Unix sockets and given sockets: across reconnects, isolated and inline."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.server import unix_serve

import longwire
from longwire.testing import NumberedFeed
from tests.proxies import ProxyServer

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from tests.proxies import Kind

QUICK = longwire.Retry(first=0.01, cap=0.02)
SECRET = "s3cr3t"


async def connected(port: int) -> socket.socket:
    """A socket that is connected to a port of this machine."""
    loop = asyncio.get_running_loop()
    sock = socket.socket()
    sock.setblocking(False)
    await loop.sock_connect(sock, ("127.0.0.1", port))
    return sock


async def cut_once(feed: NumberedFeed, client: longwire.Client) -> None:
    """Messages before a cut, and after it."""
    await client.wait_live()
    await feed.link()
    feed.emit(1)
    assert await client.recv() == "0 of the feed"
    feed.links[-1].reset()
    again = await feed.link(2)
    await client.send("hello")
    assert await again.wait_message() == "hello"


@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_a_proxy_is_used_for_each_link(isolate: bool, within: Any, kind: Kind) -> None:
    """The same way for the second link as for the first."""
    async with ProxyServer(kind) as server, NumberedFeed() as feed, within():
        options: dict[str, Any] = {"isolate": isolate, "retry": QUICK}
        async with longwire.connect(feed.url, proxy=server.url(), **options) as client:
            await cut_once(feed, client)
        assert server.asked == [("127.0.0.1", feed.port)] * 2


async def test_the_environments_proxy(
    isolate: bool, within: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is used by default, and asked for anew at each attempt."""
    async with ProxyServer() as server, NumberedFeed() as feed, within():
        monkeypatch.setenv("http_proxy", server.url())
        async with longwire.connect(feed.url, isolate=isolate, retry=QUICK) as client:
            await client.wait_live()
            assert len(server.asked) == 1


@pytest.mark.blocking  # aiofastnet takes a certificate apart by way of a file
async def test_tls_and_who_we_are_are_kept(
    isolate: bool,
    within: Any,
    tmp_path: Path,
    certificate_authority: Any,
    server_tls: ssl.SSLContext,
) -> None:
    """Options of TLS and of the request hold for each link."""
    ca = tmp_path / "ca.pem"
    certificate_authority.cert_pem.write_to_path(ca)
    tls = longwire.TLS(ca=certificate_authority.cert_pem.bytes().decode())
    options: dict[str, Any] = {"user_agent": None, "tcp": longwire.Tcp(delay=None), "retry": QUICK}
    async with NumberedFeed(tls=server_tls) as feed, within():
        async with longwire.connect(feed.url, tls=tls, isolate=isolate, **options) as client:
            await cut_once(feed, client)
        heads = [raw.head for raw in feed.links]
        assert all(head is not None and "user-agent" not in head.headers for head in heads)


async def test_over_a_unix_socket(isolate: bool, within: Any, tmp_path: Path) -> None:
    """A server that goes and comes again at the same path is found again."""
    path = tmp_path / "s"

    async def speak(connection: Any) -> None:
        await connection.send("hello")
        await connection.wait_closed()

    async with within():
        client = longwire.connect("ws://localhost/", unix=path, isolate=isolate, retry=QUICK)
        async with client:
            for _ in range(2):
                async with unix_serve(speak, str(path)):
                    assert await client.recv() == "hello"
                path.unlink(missing_ok=True)
        assert {one.evidence.failure for one in client.interruptions} <= {"refused", None}


# ---------------------------------------------------------------- sockets


async def test_a_function_is_asked_for_each_link(isolate: bool, within: Any) -> None:
    """On the user's loop; so reconnecting works."""
    loops: list[Any] = []
    async with NumberedFeed() as feed, within():

        async def sock() -> socket.socket:
            loops.append(asyncio.get_running_loop())
            return await connected(feed.port)

        async with longwire.connect("ws://h/", sock=sock, isolate=isolate, retry=QUICK) as client:
            await cut_once(feed, client)
    assert loops == [asyncio.get_running_loop()] * 2


async def test_one_socket_makes_one_link(isolate: bool, within: Any) -> None:
    """When that has ended, the client has come to its end, and says why and what to do."""
    async with NumberedFeed() as feed, within():
        sock = await connected(feed.port)
        async with longwire.connect("ws://h/", sock=sock, isolate=isolate, retry=QUICK) as client:
            await client.wait_live()
            feed.links[-1].reset()
            with pytest.raises(longwire.GaveUp) as caught:
                await client.recv()
            assert isinstance(caught.value.__cause__, longwire.SocketUsed)
            assert "sock=" in f"{caught.value} {caught.value.__cause__}"
        assert sock.fileno() == -1


async def test_one_socket_that_no_link_was_made_on(isolate: bool, within: Any) -> None:
    """It is closed with the client, whatever kept it from being used."""

    def headers() -> Any:
        raise TypeError("a mistake")

    ours, theirs = socket.socketpair()
    with theirs:
        client = longwire.connect("ws://h/", sock=ours, isolate=isolate, headers=headers)
        async with within(), client:
            with pytest.raises(longwire.ConnectError):
                await client.recv()
        assert ours.fileno() == -1


async def test_one_socket_has_no_canary() -> None:
    """Silence is judged by a second link, for which there is no socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with pytest.raises(ValueError, match=r"Heartbeat\.silence"):
            longwire.connect("ws://h/", sock=ours, heartbeat=longwire.Heartbeat(silence=5))
        longwire.connect("ws://h/", sock=lambda: ours, heartbeat=longwire.Heartbeat(silence=5))


async def test_a_socket_that_comes_too_late_is_closed(within: Any) -> None:
    """The client was closed while the user's function was at it, on its other loop."""
    asked = asyncio.Event()
    given: list[socket.socket] = []

    async def sock() -> socket.socket:
        ours, theirs = socket.socketpair()
        theirs.close()
        given.append(ours)
        asked.set()
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            # It will not be stopped now.
            return ours
        raise AssertionError

    async with within():
        async with longwire.connect("ws://h/", sock=sock, retry=QUICK):
            await asked.wait()
    assert given[0].fileno() == -1


# ---------------------------------------------------------------- what is told


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
async def test_a_proxy_in_the_way_is_named(
    isolate: bool, within: Any, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cause with evidence where there is one; never with the proxy's password."""
    monkeypatch.setenv("http_proxy", f"{scheme}://bob:{SECRET}@127.0.0.1:1")
    retry = longwire.Retry(first=0.01, attempts=2)
    async with within():
        client = longwire.connect("ws://feed.example/", isolate=isolate, retry=retry)
        async with client:
            with pytest.raises(longwire.GaveUp):
                await client.recv()
    interruption = client.interruptions[-1]
    assert interruption.cause.id == "proxy-env-surprise"
    assert interruption.evidence.proxy_problem == "unreachable"
    assert f"{scheme}://127.0.0.1:1" in interruption.evidence.error
    assert SECRET not in f"{interruption} {interruption.reasons} {interruption.evidence}"


async def test_wrong_credentials_end_a_client_that_was_never_live(
    isolate: bool, within: Any
) -> None:
    """A typing error in the proxy's URL is seen at once."""
    async with ProxyServer(userinfo=("bob", SECRET)) as server, within():
        url = server.url(userinfo="eve:wr0ng@")
        async with longwire.connect("ws://h/", proxy=url, isolate=isolate) as client:
            with pytest.raises(longwire.ProxyError) as caught:
                await client.recv()
        assert caught.value.problem == "credentials"
        assert "wr0ng" not in f"{caught.value} {client.alerts} {client.interruptions}"


@pytest.mark.blocking  # it is what a program without a loop does
async def test_without_an_event_loop(within: Any) -> None:
    """A blocking client takes the same options; the function runs on the thread of functions."""
    threads: list[str] = []

    def receive(port: int) -> Any:
        async def sock() -> socket.socket:
            threads.append(threading.current_thread().name)
            return await connected(port)

        with longwire.sync.connect("ws://h/", sock=sock, retry=QUICK) as client:
            return client.recv(timeout=10)

    async with NumberedFeed() as feed, within():
        receiving = asyncio.create_task(asyncio.to_thread(receive, feed.port))
        await feed.link()
        feed.emit(1)
        assert await receiving == "0 of the feed"
    assert threads == ["longwire-functions"]
