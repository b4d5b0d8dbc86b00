"""Ways to a server: Unix sockets and sockets that are given, and ways that exclude each other."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
import ssl
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.server import unix_serve

from longwire.errors import AddressError, ConnectError, ProxyError, SocketUsed
from longwire.link.dial import dial
from longwire.link.proxy import Proxy
from longwire.link.route import OneSocket, Route
from longwire.link.tcp import Tcp
from longwire.testing import NumberedFeed, openings
from tests.proxies import ProxyServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from websockets.asyncio.server import ServerConnection

NEVER = 600.0


async def failure(url: str, **options: Any) -> ConnectError:
    """What a dial fails with."""
    with pytest.raises(ConnectError) as caught:
        await dial(url, **options)
    return caught.value


def route(**options: Any) -> Route:
    """As `dial` makes it."""
    return Route.of(**{"proxy": True, "unix": None, "sock": None, "tcp": Tcp(), **options})


# ---------------------------------------------------------------- the environment


async def test_the_environment_is_asked_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """At each attempt, for the address of that attempt; None does not ask it."""
    async with ProxyServer() as server, NumberedFeed() as feed:
        monkeypatch.setenv("HTTP_PROXY", server.url())
        await (await dial(feed.url)).close()
        assert server.asked == [("127.0.0.1", feed.port)]
        await (await dial(feed.url, proxy=None)).close()
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        await (await dial(feed.url)).close()
        assert len(server.asked) == 1


async def test_one_of_the_environment_that_is_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said whose idea it was."""
    monkeypatch.setenv("HTTPS_PROXY", "http://bob:s3cr3t@127.0.0.1:1")
    error = await failure("wss://feed.example/")
    assert isinstance(error, ProxyError)
    assert error.from_environment
    assert "https_proxy in the environment" in error.hint
    assert "s3cr3t" not in str(error)


# ---------------------------------------------------------------- Unix sockets


async def echo(connection: ServerConnection) -> None:
    """Of the library that we take nothing of here."""
    request = connection.request
    assert request is not None
    await connection.send(f"{request.headers['Host']} {request.path}")
    async for message in connection:
        await connection.send(message)


@pytest.mark.both_loops
@pytest.mark.parametrize("secure", [False, True])
async def test_over_a_unix_socket(
    engine: str,
    tmp_path: Path,
    secure: bool,
    server_tls: ssl.SSLContext,
    client_tls: ssl.SSLContext,
) -> None:
    """The URL gives Host and path; TLS is spoken where it says so; no proxy has a say."""
    path = tmp_path / "feed.sock"
    async with unix_serve(echo, str(path), ssl=server_tls if secure else None):
        scheme = "wss" if secure else "ws"
        link = await dial(f"{scheme}://localhost/feed?a=b", unix=path, tls=client_tls)
        assert await link.recv() == "localhost /feed?a=b"
        assert link.request.peer == "unix"
        big = b"x" * 1_000_000
        await link.send(big)
        assert await link.recv() == big
        await link.close()
        assert link.closure is not None
        assert link.closure.normal


@pytest.mark.skipif(not os.path.exists("/proc/net/unix"), reason="no abstract names here")  # noqa: PTH110
async def test_abstract_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux's names that are no files begin with NUL."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    name = f"\0longwire-test-{os.getpid()}"
    async with unix_serve(echo, name):
        link = await dial("ws://localhost/", unix=name)
        assert await link.recv() == "localhost /"
        await link.close()


async def test_nobody_listens_on_a_unix_socket(tmp_path: Path) -> None:
    """The error says at which path; the server may be there next time."""
    path = tmp_path / "none.sock"
    error = await failure("ws://localhost/", unix=path)
    assert (error.kind, error.retryable) == ("refused", True)
    assert error.where == f"ws://localhost/ at {path}"


# ---------------------------------------------------------------- sockets that are given


def connected(port: int) -> socket.socket:
    """A socket, as a program may have one."""
    return socket.create_connection(("127.0.0.1", port))


@contextlib.asynccontextmanager
async def two_feeds() -> AsyncIterator[tuple[NumberedFeed, NumberedFeed]]:
    async with NumberedFeed() as first, NumberedFeed() as second:
        yield first, second


@pytest.mark.both_loops
@pytest.mark.parametrize("form", ["socket", "function", "coroutine"])
async def test_on_a_socket_that_is_given(engine: str, form: str) -> None:
    """A blocking one, too; it is closed with its link."""
    async with NumberedFeed() as feed:
        sock = connected(feed.port)

        async def later() -> socket.socket:
            await asyncio.sleep(0)
            return sock

        given: Any = {"socket": sock, "function": lambda: sock, "coroutine": later}[form]
        link = await dial("ws://elsewhere.example/x", sock=given)
        raw = await feed.link()
        assert raw.head is not None
        assert raw.head.headers["host"] == "elsewhere.example"
        raw.send("hello")
        assert await link.recv() == "hello"
        await link.close()
        await raw.wait_ended()
    gc.collect()


async def test_a_socket_that_was_not_even_tried() -> None:
    """It is closed, too: whoever gives it away does not look after it any more."""
    ours, theirs = socket.socketpair()
    with theirs:
        await failure("ws://h/", sock=ours, headers=lambda: 1 / 0)
        assert ours.fileno() == -1
    ours, theirs = socket.socketpair()
    with theirs:
        kept = OneSocket(ours)
        await failure("ws://h/", sock=kept, headers=lambda: 1 / 0)
        assert ours.fileno() >= 0, "it is for the next dial"
        kept.close()
        kept.close()
        assert ours.fileno() == -1


async def test_a_pair_of_sockets(client_tls: ssl.SSLContext) -> None:
    """Whatever kind of stream it is."""
    ours, theirs = socket.socketpair()
    with theirs:
        dialling = asyncio.create_task(dial("ws://h/", sock=ours))
        theirs.setblocking(False)
        request = await asyncio.get_running_loop().sock_recv(theirs, 65_536)
        assert request.startswith(b"GET / HTTP/1.1\r\nHost: h\r\n")
    with pytest.raises(ConnectError):
        await dialling


@pytest.mark.blocking  # as a user's function may
async def test_a_redirect_needs_another_socket() -> None:
    """A function is asked for it; one socket is not enough."""
    async with two_feeds() as (first, second):
        first.opening = openings.redirect("/again")
        error = await failure("ws://h/", sock=connected(first.port))
        assert isinstance(error, SocketUsed)
        assert (error.retryable, error.kind) == (False, "local")
        assert "sock=" in error.hint
        ports = iter([first.port, second.port])
        link = await dial("ws://h/", sock=lambda: connected(next(ports)))
        await link.close()


def secured_socket() -> ssl.SSLSocket:
    """As a program has it that connects by itself. The other end is closed."""
    ours, theirs = socket.socketpair()
    theirs.close()
    context = ssl.create_default_context()
    return context.wrap_socket(ours, server_hostname="h", do_handshake_on_connect=False)


@pytest.mark.parametrize(
    ("make", "words", "retryable"),
    [
        (lambda: "socket", "no socket, but str", False),
        (lambda: None, "no socket, but NoneType", False),
        (lambda: socket.socket(type=socket.SOCK_DGRAM), "no stream", False),
        (socket.socket, "not connected", True),
        (secured_socket, "speaks TLS", False),
    ],
)
async def test_what_is_no_connected_socket(make: Any, words: str, retryable: bool) -> None:
    """It is told in clear words, and closed."""
    error = await failure("ws://h/", sock=make)
    assert (error.kind, error.blame, error.retryable) == ("local", "local", retryable)
    assert words in error.what
    gc.collect()


async def test_a_function_that_gives_a_closed_socket() -> None:
    """It may do better next time only if it is corrected."""
    sock = socket.socket()
    sock.close()
    assert "closed" in (await failure("ws://h/", sock=lambda: sock)).what
    with pytest.raises(ValueError, match="closed"):
        OneSocket(sock)


async def test_a_function_that_raises() -> None:
    """Its text may hold a secret and is not told; an error of ours passes as it is."""

    def raising(error: Exception) -> Any:
        raise error

    error = await failure("ws://h/", sock=lambda: raising(OSError("s3cr3t")))
    assert error.what == "the sock function raised OSError"
    assert error.retryable
    mine = ConnectError("mine", kind="local", retryable=False)
    assert await failure("ws://h/", sock=lambda: raising(mine)) is mine


async def test_a_function_that_takes_too_long() -> None:
    """The one deadline holds for it, too, and says what it was waiting for."""

    async def never() -> Any:
        await asyncio.get_running_loop().create_future()

    error = await failure("ws://h/", sock=never, open_timeout=0.1)
    assert error.kind == "timeout"
    assert "the sock function" in error.what


# ---------------------------------------------------------------- what cannot be meant


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"proxy": "http://p", "unix": "/s"}, "proxy= and unix="),
        ({"proxy": "http://p", "sock": lambda: None}, "proxy= and sock="),
        ({"unix": "/s", "sock": lambda: None}, "unix= and sock="),
        ({"unix": "/s", "tcp": Tcp(nodelay=False)}, "tcp="),
        ({"sock": lambda: None, "tcp": Tcp(delay=None)}, "tcp="),
        ({"unix": ""}, "unix"),
        ({"unix": "/a\0b"}, "NUL"),
        ({"unix": "\0"}, "NUL"),
        ({"unix": "/" + "x" * 200}, "107 bytes"),
    ],
)
def test_ways_that_cannot_be_meant(options: dict[str, Any], words: str) -> None:
    """They are refused before anything is tried, and named."""
    with pytest.raises(ValueError, match=words):
        route(**options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"proxy": False}, "proxy"),
        ({"proxy": 3128}, "proxy"),
        ({"unix": b"/s"}, "unix"),
        ({"sock": 3}, "sock"),
        ({"tcp": None}, "tcp"),
    ],
)
def test_ways_of_the_wrong_type(options: dict[str, Any], words: str) -> None:
    """The same, by their names."""
    with pytest.raises(TypeError, match=words):
        route(**options)


def test_a_socket_that_speaks_tls() -> None:
    """It cannot carry a link, and is still whose it was."""
    with secured_socket() as sock:
        with pytest.raises(TypeError, match="speaks TLS"):
            route(sock=sock)
        assert sock.fileno() >= 0


def test_ways_that_are_meant() -> None:
    """Options that go together, and what becomes of them."""
    assert route(proxy=None).proxy is None
    assert route(proxy="http://p", tcp=Tcp(delay=None)).proxy == Proxy("http://p")
    assert route(unix="/s", proxy=None).unix == "/s"
    with pytest.raises(AddressError):
        route(proxy="nonsense://p")
