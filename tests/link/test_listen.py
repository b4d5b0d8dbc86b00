"""The server: over real sockets, with good clients and bad ones."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any

import pytest

from longwire.core.compression import Deflate
from longwire.errors import ConnectError, HandshakeRejected, LinkClosed
from longwire.link.dial import dial
from longwire.link.listen import serve
from longwire.link.options import LinkOptions
from longwire.link.routing import OpeningRequest, Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from longwire.link.base import Link
    from longwire.link.link import WireLink
    from longwire.link.server import Server

SOON = 0.2
PATIENCE = 10.0
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
SECRET = "s3cr3t"
HOST = "Host: h\r\n"
UPGRADE = (
    f"{HOST}Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n"
)


async def echo(link: Link) -> None:
    """Send everything back."""
    async for message in link:
        await link.send(message)


async def linger(link: Link) -> None:
    """Wait until the client goes."""
    await link.wait_closed()


def url(server: Server, path: str = "/", scheme: str = "ws") -> str:
    return f"{scheme}://127.0.0.1:{server.port}{path}"


async def ask(server: Server, request: str | bytes, *, end: bool = False) -> bytes:
    """Send bytes, read everything until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        writer.write(request if isinstance(request, bytes) else request.encode("latin-1"))
        if end:
            writer.write_eof()
        async with asyncio.timeout(PATIENCE):
            return await reader.read()
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def status(answer: bytes) -> int:
    """The status of an answer that is complete: it has its length and ends the connection."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert b"Connection: close" in lines
    assert f"Content-Length: {len(body)}".encode() in lines
    return int(lines[0].split()[1])


@contextlib.asynccontextmanager
async def rejected_with(expected: int) -> AsyncIterator[None]:
    with pytest.raises(HandshakeRejected) as caught:
        yield
    assert caught.value.status == expected


# ---------------------------------------------------------------- links


@pytest.mark.both_loops
@pytest.mark.parametrize("secure", [False, True])
async def test_serves_links(
    engine: str, secure: bool, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """Several clients, both ways, on each loop and engine, with TLS and without."""
    async with serve(echo, "127.0.0.1", 0, tls=server_tls if secure else None) as server:
        scheme = "wss" if secure else "ws"
        links = [await dial(url(server, scheme=scheme), tls=client_tls) for _ in range(5)]
        for number, link in enumerate(links):
            await link.send(f"hello {number}" * 50)
        for number, link in enumerate(links):
            assert await link.recv() == f"hello {number}" * 50
        assert len(server.links) == 5
        for link in links:
            await link.close()
            assert link.closure is not None
            assert link.closure.received_code == 1000


@pytest.mark.both_loops
@pytest.mark.parametrize("sign", ["%", "%25"])
async def test_a_zone(engine: str, sign: str, link_local: str) -> None:
    """An address with a zone is reached, written either way (RFC 6874); ``Host`` is without it."""
    seen: list[Any] = []

    async def handler(link: Link) -> None:
        seen.append(link.request)

    async with serve(handler, "::", 0) as server:
        port = server.port
        link = await dial(f"ws://[{link_local.replace('%', sign)}]:{port}/")
        await link.wait_closed()
        await link.wait_gone()
    (request,) = seen
    assert request.headers["host"] == f"[{link_local.partition('%')[0]}]:{port}"


async def test_the_handler_sees_the_request() -> None:
    """Path, headers, peer and subprotocol."""
    seen: list[Any] = []

    async def handler(link: Link) -> None:
        seen.append(link.request)

    async with serve(handler, "127.0.0.1", 0, subprotocols=["b"]) as server:
        link = await dial(url(server, "/a?b=c"), subprotocols=["a", "b"], headers={"X-One": "1"})
        closure = await link.wait_closed()
        assert (closure.received_code, link.request.subprotocol) == (1000, "b")
        await link.wait_gone()
    (request,) = seen
    assert request.path == "/a?b=c"
    assert request.headers["x-one"] == "1"
    assert request.peer.startswith("127.0.0.1:")
    assert request.subprotocol == "b"


FIREFOX = (
    "GET /feed?x=1 HTTP/1.1\r\n"
    "Host: localhost:8000\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
    "Accept: */*\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Origin: http://localhost:8000\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    f"Sec-WebSocket-Key: {KEY}\r\n"
    "Connection: keep-alive, Upgrade\r\n"
    "Sec-Fetch-Dest: empty\r\n"
    "Sec-Fetch-Mode: websocket\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Pragma: no-cache\r\n"
    "Cache-Control: no-cache\r\n"
    "Upgrade: websocket\r\n"
    "\r\n"
)


@pytest.mark.both_loops
async def test_serves_firefox(engine: str) -> None:
    """Its ``Connection`` has two tokens (trap 5); it offers compression without parameters."""
    async with serve(echo, "127.0.0.1", 0, origins=["http://localhost:8000"]) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(FIREFOX.encode() + b"\x81\x82\0\0\0\0hi")
        async with asyncio.timeout(PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 101 ")
            assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in head
            assert await reader.readexactly(4) == b"\x81\x02hi"
        writer.transport.abort()


async def test_frames_behind_the_request_are_not_lost() -> None:
    """A client that does not wait for its answer is heard all the same."""
    gate = asyncio.Event()

    async def slow_hook(request: OpeningRequest) -> None:
        await gate.wait()

    got: list[Any] = []

    async def handler(link: Link) -> None:
        got.extend([await link.recv(), await link.recv()])

    async with serve(handler, "127.0.0.1", 0, before_upgrade=slow_hook) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(f"GET / HTTP/1.1\r\n{UPGRADE}\r\n".encode() + b"\x81\x82\0\0\0\0hi")
        await writer.drain()
        writer.write(b"\x81\x83\0\0\0\0you")
        await writer.drain()
        gate.set()
        async with asyncio.timeout(PATIENCE):
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(4) == b"\x88\x02\x03\xe8"
        writer.close()
        await writer.wait_closed()
    assert got == ["hi", "you"]


async def test_a_flood_behind_the_request_is_held_up(until: Any) -> None:
    """What comes before the answer is bounded: reading pauses until the link is live."""
    gate = asyncio.Event()
    asked = asyncio.Event()

    async def slow_hook(request: OpeningRequest) -> None:
        asked.set()
        await gate.wait()

    count = 0

    async def handler(link: Link) -> None:
        nonlocal count
        async for message in link:
            count += len(message)

    frame = b"\x82\xfe\xff\xff\0\0\0\0" + b"x" * 65_535
    async with serve(handler, "127.0.0.1", 0, before_upgrade=slow_hook) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(f"GET / HTTP/1.1\r\n{UPGRADE}\r\n".encode() + frame * 200)
        await asked.wait()
        gate.set()
        writer.write(b"\x88\x80\0\0\0\0")
        async with asyncio.timeout(PATIENCE):
            await writer.drain()
        await until(lambda: count == 200 * 65_535)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


# ---------------------------------------------------------------- how handlers end


async def test_a_handler_that_raises(caplog: pytest.LogCaptureFixture) -> None:
    """The client gets 1011, the log gets the error, nobody else gets anything."""

    async def handler(link: Link) -> None:
        raise KeyError("what happened")

    async with serve(handler, "127.0.0.1", 0) as server:
        link = await dial(url(server, f"/path?token={SECRET}"))
        closure = await link.wait_closed()
        assert closure.received_code == 1011
        await link.wait_gone()
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("longwire.serve", "ERROR")
    assert record.exc_info is not None
    assert "/path" in record.getMessage()
    assert SECRET not in caplog.text


@pytest.mark.parametrize("how", ["close", "abort"])
async def test_a_handler_whose_link_ends(
    how: str, caplog: pytest.LogCaptureFixture, until: Any
) -> None:
    """A client that goes is everyday life: the handler's LinkClosed is no error."""

    async def handler(link: Link) -> None:
        while True:
            await link.recv()

    caplog.set_level(logging.INFO)
    async with serve(handler, "127.0.0.1", 0) as server:
        link = await dial(url(server))
        if how == "close":
            await link.close()
        else:
            link.abort()
            await link.wait_gone()
        await until(lambda: not server.links)
    assert not caplog.records


async def test_a_handler_that_fails_over_another_link(caplog: pytest.LogCaptureFixture) -> None:
    """Somebody else's LinkClosed is an error like any other."""
    async with serve(echo, "127.0.0.1", 0) as behind:

        async def relay(link: Link) -> None:
            other = await dial(url(behind))
            await other.close()
            await other.send("too late")

        async with serve(relay, "127.0.0.1", 0) as server:
            link = await dial(url(server))
            assert (await link.wait_closed()).received_code == 1011
            await link.wait_gone()
    assert len(caplog.records) == 1


async def test_a_handler_that_closed_its_link_itself(caplog: pytest.LogCaptureFixture) -> None:
    """What it sends afterwards is refused, and that is no error of the server."""

    async def handler(link: Link) -> None:
        await link.close(4001, "enough")
        await link.send("too late")

    async with serve(handler, "127.0.0.1", 0) as server:
        link = await dial(url(server))
        closure = await link.wait_closed()
        assert (closure.received_code, closure.received_reason) == (4001, "enough")
        await link.wait_gone()
    assert not caplog.records


# ---------------------------------------------------------------- the end of the server


@pytest.mark.both_loops
async def test_links_get_1001(engine: str) -> None:
    """When the server ends its links are told so, and its handlers come to their end."""
    ended: list[str] = []

    async def handler(link: Link) -> None:
        async for _ in link:
            pass
        ended.append("quietly")

    async with serve(handler, "127.0.0.1", 0) as server:
        links = [await dial(url(server)) for _ in range(3)]
        port = server.port
    for link in links:
        assert (await link.wait_closed()).received_code == 1001
        await link.wait_gone()
    assert ended == ["quietly"] * 3
    assert not server.links
    with pytest.raises(ConnectError):
        await dial(f"ws://127.0.0.1:{port}/")


async def test_stubborn_handlers_are_cancelled(mute: Any) -> None:
    """A handler that takes no notice is cancelled after `close_timeout`, and awaited."""
    cleaned = asyncio.Event()

    async def handler(link: Link) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.set()

    async with serve(handler, "127.0.0.1", 0, close_timeout=SOON) as server:
        link = await dial(url(server))
    assert cleaned.is_set()
    await link.wait_closed()
    await link.wait_gone()


async def test_clients_that_never_close_do_not_hold_up_the_end() -> None:
    """A client that answers nothing is aborted when the time is up (trap 2)."""
    async with serve(linger, "127.0.0.1", 0, close_timeout=SOON) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(f"GET / HTTP/1.1\r\n{UPGRADE}\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
    async with asyncio.timeout(PATIENCE):
        with contextlib.suppress(ConnectionError):
            await reader.read()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def test_openings_end_with_the_server(caplog: pytest.LogCaptureFixture) -> None:
    """A half-open handshake does not outlive the server, nor does the hook at work for it."""
    asked = asyncio.Event()
    cancelled = asyncio.Event()

    async def hook(request: OpeningRequest) -> None:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with serve(linger, "127.0.0.1", 0, before_upgrade=hook) as server:
        silent = await asyncio.open_connection("127.0.0.1", server.port)
        asking = await asyncio.open_connection("127.0.0.1", server.port)
        asking[1].write(f"GET / HTTP/1.1\r\n{UPGRADE}\r\n".encode())
        await asked.wait()
    assert cancelled.is_set()
    for reader, writer in (silent, asking):
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    assert not caplog.records


async def test_accepted_in_the_turn_of_the_end(until: Any) -> None:
    """A connection whose task never ran is closed, too."""
    async with serve(linger, "127.0.0.1", 0) as server:
        connections = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(5)]
        await until(lambda: server._connections)
    for one in connections:
        one.settimeout(PATIENCE)
        with contextlib.suppress(ConnectionError):
            assert await asyncio.to_thread(one.recv, 1) == b""
        one.close()
    gc.collect()


async def test_a_handler_may_close_its_server(until: Any) -> None:
    """A message that says "stop" can be obeyed; others wait for the end as well."""

    async def handler(link: Link) -> None:
        await link.recv()
        await server.close()

    server = serve(handler, "127.0.0.1", 0)
    await server.start()
    link = await dial(url(server))
    await link.send("stop")
    async with asyncio.timeout(PATIENCE):
        await server.wait_closed()
        assert (await link.wait_closed()).received_code == 1001
        await link.wait_gone()
        await server.close()
    await until(lambda: not server._connections)


async def test_a_cancelled_end_is_still_an_end() -> None:
    """Cancelling `close` skips the waiting, not the cleaning up."""

    async def handler(link: Link) -> None:
        await asyncio.Event().wait()

    server = serve(handler, "127.0.0.1", 0, close_timeout=600.0)
    await server.start()
    link = await dial(url(server))
    closing = asyncio.create_task(server.close())
    await link.wait_closed()
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert not server._connections
    await server.wait_closed()
    await link.wait_gone()


async def test_life_of_a_server() -> None:
    """It listens once; before that it has no port; it can be closed without having started."""
    server = serve(echo, "127.0.0.1", 0)
    with pytest.raises(RuntimeError):
        _ = server.port
    async with server:
        assert server.port > 0
        assert server.sockets[0].getsockname()[1] == server.port
        with pytest.raises(RuntimeError):
            await server.start()
    with pytest.raises(RuntimeError):
        await server.start()
    never = serve(echo)
    await never.close()
    await never.wait_closed()


async def test_a_port_that_is_taken() -> None:
    """The error is ours, and says what to do."""
    async with serve(echo, "127.0.0.1", 0) as server:
        with pytest.raises(ConnectError, match="EADDRINUSE") as caught:
            async with serve(echo, "127.0.0.1", server.port):
                pass
    assert (caught.value.kind, caught.value.blame) == ("local", "local")
    assert "port" in caught.value.hint


async def test_a_host_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is unknown is a fault of its own."""

    async def unknown(*_args: Any, **_options: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "x")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    with pytest.raises(ConnectError) as caught:
        await serve(echo, "no-such-name.invalid").start()
    assert caught.value.kind == "dns"


async def test_terms_of_compression_reach_the_links() -> None:
    """The server's window, its demands, and that it sends plain, are the server's to set."""
    terms = Deflate(server_max_window_bits=9, client_no_context_takeover=True, send=False)
    async with serve(echo, "127.0.0.1", 0, compression=terms) as server:
        link: WireLink = await dial(url(server), compression=Deflate(client_max_window_bits=10))
        await link.send("hello, hello, hello " * 100)
        assert await link.recv() == "hello, hello, hello " * 100
        await link.close()
        assert link.closure is not None
        assert link.closure.compressed
        assert link.closure.bytes_sent < 200
        assert link.closure.bytes_received > 2000


@pytest.mark.parametrize(
    "options",
    [
        {"handler": None},
        {"handler": 7},
        {"before_upgrade": 7},
        {"select_subprotocol": "chat"},
        {"max_request_bytes": 0},
        {"origins": "https://a.example"},
        {"subprotocols": "chat"},
        {"open_timeout": 0},
        {"close_timeout": -1},
        {"routes": {"a": echo}},
        {"options": {"close_timeout": 5}},
        {"compression": "zip"},
        {"compression": Deflate(server_max_window_bits=8)},
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any]) -> None:
    """Mistakes are found when the server is made, not when the first client comes."""
    with pytest.raises((TypeError, ValueError)):
        serve(**{"handler": echo, **options})


# ---------------------------------------------------------------- routes, origins, subprotocols


async def test_routes() -> None:
    """Paths find their handlers; the query does not matter; others get a 404."""

    async def greet(link: Link) -> None:
        await link.send("hello")

    for server in (
        serve({"/echo": echo, "/greet": greet}, "127.0.0.1", 0),
        serve(None, "127.0.0.1", 0, routes={"/echo": echo, "/greet": greet}),
    ):
        async with server:
            link = await dial(url(server, "/greet?a=b"))
            assert await link.recv() == "hello"
            await link.wait_closed()
            await link.wait_gone()
            async with rejected_with(404):
                await dial(url(server, "/other"))


async def test_routes_of_absolute_targets() -> None:
    """A whole URL on the request line finds the route of its path, and the Host is the URL's."""
    seen: list[Any] = []

    async def handler(link: Link) -> None:
        seen.append(link.request)

    async with serve({"/feed": handler}, "127.0.0.1", 0) as server:
        request = f"GET http://a.example/feed?x=1 HTTP/1.1\r\n{UPGRADE}\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request.encode())
        async with asyncio.timeout(PATIENCE):
            assert (await reader.readline()).startswith(b"HTTP/1.1 101 ")
            await reader.readuntil(b"\x88\x02\x03\xe8")
        writer.write(b"\x88\x80\0\0\0\0")
        writer.close()
        await writer.wait_closed()
        request = f"GET http://a.example/other HTTP/1.1\r\n{UPGRADE}\r\n"
        assert status(await ask(server, request)) == 404
    assert [(one.path, one.headers["host"]) for one in seen] == [("/feed?x=1", "a.example")]


async def test_a_handler_for_all_other_paths() -> None:
    """Routes and a handler together: the handler takes the rest."""

    async def greet(link: Link) -> None:
        await link.send("hello")

    async with serve(greet, "127.0.0.1", 0, routes={"/echo": echo}) as server:
        link = await dial(url(server, "/anything"))
        assert await link.recv() == "hello"
        await link.wait_closed()
        await link.wait_gone()


async def test_origins() -> None:
    """Only listed origins pass, and programs without one only if None is listed."""
    async with serve(echo, "127.0.0.1", 0, origins=["https://a.example"]) as server:
        link = await dial(url(server), origin="https://a.example")
        await link.close()
        for origin in ("https://evil.example", None):
            async with rejected_with(403):
                await dial(url(server), origin=origin)


async def test_no_common_subprotocol() -> None:
    """Then the link has none, and the client may decide what to make of it."""
    async with serve(echo, "127.0.0.1", 0, subprotocols=["x"]) as server:
        link = await dial(url(server), subprotocols=["a"])
        assert link.request.subprotocol is None
        await link.close()


async def test_choosing_a_subprotocol() -> None:
    """A function may choose; what it gets wrong is the server's fault, and logged."""
    async with serve(
        echo, "127.0.0.1", 0, select_subprotocol=lambda offered: max(offered, default=None)
    ) as server:
        link = await dial(url(server), subprotocols=["a", "c", "b"])
        assert link.request.subprotocol == "c"
        await link.close()


@pytest.mark.parametrize("choice", ["not offered", KeyError(SECRET)])
async def test_choosing_wrongly(choice: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The client gets a 500, the log says why."""

    def select(offered: Any) -> str:
        if isinstance(choice, Exception):
            raise choice
        return str(choice)

    async with serve(echo, "127.0.0.1", 0, select_subprotocol=select) as server, rejected_with(500):
        await dial(url(server), subprotocols=["a"])
    assert len(caplog.records) == 1


# ---------------------------------------------------------------- the hook


async def health(request: OpeningRequest) -> Response | None:
    """Answers health checks, and lets only friends in."""
    if request.path == "/health":
        return Response(200, body="fine\n")
    if request.headers.get("authorization") != "Bearer friend":
        return Response(401, {"WWW-Authenticate": "Bearer"}, "who are you?\n")
    return None


async def test_the_hook_decides() -> None:
    """Authentication before the upgrade."""
    async with serve(echo, "127.0.0.1", 0, before_upgrade=health) as server:
        link = await dial(url(server), headers={"Authorization": "Bearer friend"})
        await link.close()
        with pytest.raises(HandshakeRejected) as caught:
            await dial(url(server))
        assert (caught.value.status, caught.value.body) == (401, b"who are you?\n")
        assert caught.value.headers["www-authenticate"] == "Bearer"


@pytest.mark.both_loops
@pytest.mark.parametrize(
    "request_line", ["GET /health HTTP/1.1", "GET /health HTTP/1.0", "HEAD /health HTTP/1.1"]
)
@pytest.mark.parametrize("end", [False, True])
async def test_health_checks(engine: str, request_line: str, end: bool) -> None:
    """Load balancers ask in plain HTTP, also 1.0, also with a half-closed connection."""
    async with serve(echo, "127.0.0.1", 0, before_upgrade=health) as server:
        answer = await ask(server, f"{request_line}\r\nHost: h\r\n\r\n", end=end)
    if request_line.startswith("HEAD"):
        assert answer.endswith(b"\r\n\r\n")
        assert b"Content-Length: 5" in answer
    else:
        assert status(answer) == 200
        assert answer.endswith(b"fine\n")


async def test_health_over_tls(
    engine: str, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """A plain answer arrives whole over TLS, too."""
    async with serve(echo, "127.0.0.1", 0, before_upgrade=health, tls=server_tls) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=client_tls)
        writer.write(b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            assert status(await reader.read()) == 200
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


async def test_a_hook_that_raises(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody gets in by breaking the hook; the query stays out of the log."""

    async def hook(request: OpeningRequest) -> None:
        raise KeyError

    async with serve(echo, "127.0.0.1", 0, before_upgrade=hook) as server, rejected_with(500):
        await dial(url(server, f"/?token={SECRET}"))
    assert len(caplog.records) == 1
    assert SECRET not in caplog.records[0].getMessage()


@pytest.mark.both_loops
@pytest.mark.parametrize("returned", [True, False, 200, "welcome", {"status": 200}])
async def test_a_hook_that_returns_no_response(
    engine: str, returned: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever it was to mean, nobody gets in by it; the log says whose mistake it is."""

    async def hook(request: OpeningRequest) -> Any:
        return returned

    async with serve(echo, "127.0.0.1", 0, before_upgrade=hook) as server:
        async with rejected_with(500):
            await dial(url(server, f"/path?token={SECRET}"))
        assert status(await ask(server, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")) == 500
    assert len(caplog.records) == 2
    for record in caplog.records:
        assert (record.name, record.levelname) == ("longwire.serve", "ERROR")
        assert "before_upgrade" in record.getMessage()
        assert type(returned).__name__ in record.getMessage()
    assert "/path" in caplog.text
    assert SECRET not in caplog.text


async def cancelled_elsewhere() -> None:
    """Wait for a task that is cancelled, but not by whoever waits for it."""
    task = asyncio.create_task(asyncio.Event().wait())
    await asyncio.sleep(0)
    task.cancel()
    await task


async def test_a_hook_that_waits_for_a_cancelled_task(caplog: pytest.LogCaptureFixture) -> None:
    """A cancellation that is not the opening's own is a failure of the hook like any other."""

    async def hook(request: OpeningRequest) -> None:
        await cancelled_elsewhere()

    async with serve(echo, "127.0.0.1", 0, before_upgrade=hook) as server, rejected_with(500):
        await dial(url(server))
    assert [record.getMessage() for record in caplog.records] == ["before_upgrade raised for /"]


async def test_a_handler_that_waits_for_a_cancelled_task(caplog: pytest.LogCaptureFixture) -> None:
    """A cancellation that is not the link's own is a failure of the handler like any other."""

    async def handler(link: Link) -> None:
        await cancelled_elsewhere()

    async with serve(handler, "127.0.0.1", 0) as server:
        link = await dial(url(server))
        assert (await link.wait_closed()).received_code == 1011
        await link.wait_gone()
    assert [record.getMessage() for record in caplog.records] == ["the handler for / raised"]


async def test_a_client_that_leaves_ends_its_hook() -> None:
    """Work for somebody who is gone is cancelled."""
    asked = asyncio.Event()
    cancelled = asyncio.Event()

    async def hook(request: OpeningRequest) -> None:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with serve(echo, "127.0.0.1", 0, before_upgrade=hook, open_timeout=600.0) as server:
        task = asyncio.create_task(dial(url(server)))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(PATIENCE):
            await cancelled.wait()


async def test_a_hook_without_end() -> None:
    """The deadline covers the hook."""

    async def hook(request: OpeningRequest) -> None:
        await asyncio.Event().wait()

    async with (
        serve(echo, "127.0.0.1", 0, before_upgrade=hook, open_timeout=SOON) as server,
        rejected_with(503),
    ):
        await dial(url(server))


# ---------------------------------------------------------------- bad clients


@pytest.mark.both_loops
@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", 426),
        ("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", 405),
        (f"POST / HTTP/1.1\r\n{UPGRADE}\r\n", 405),
        (f"GET / HTTP/1.1\r\n{UPGRADE.replace('13', '8')}\r\n", 426),
        (f"GET / HTTP/1.1\r\n{UPGRADE.replace(KEY, 'short')}\r\n", 400),
        (f"GET / HTTP/1.0\r\n{UPGRADE}\r\n", 505),
        (f"GET / HTTP/1.1\r\n{UPGRADE[len(HOST) :]}\r\n", 400),
        (f"GET / HTTP/1.1\r\n{UPGRADE}Host: other\r\n\r\n", 400),
        (f"GET * HTTP/1.1\r\n{UPGRADE}\r\n", 400),
        ("GET / HTTP/1.1\r\n" + "a: b\r\n" * 10_000, 431),
        (f"GET /{'a' * 10_000} HTTP/1.1\r\n\r\n", 414),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ],
)
async def test_bad_requests(engine: str, request_: str | bytes, expected: int) -> None:
    """Each is answered, whole, with length and the end of the connection."""
    async with serve(echo, "127.0.0.1", 0) as server:
        answer = await ask(server, request_)
    if expected == 405 and str(request_).startswith("HEAD"):
        assert b" 405 " in answer
        return
    assert status(answer) == expected
    if expected == 426:
        assert b"Sec-WebSocket-Version: 13" in answer
    if expected == 405:
        assert b"Allow: GET, HEAD" in answer


@pytest.mark.both_loops
async def test_a_flood_of_final_deflate_blocks(engine: str) -> None:
    """400,000 empty streams in one message: its link ends with 1007, and the server goes on."""
    extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    flood = b"\x03\x00" * 400_000
    async with serve(echo, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(f"GET / HTTP/1.1\r\n{UPGRADE}{extension}\r\n".encode())
        async with asyncio.timeout(PATIENCE):
            assert b"permessage-deflate" in await reader.readuntil(b"\r\n\r\n")
            writer.write(b"\xc2\xff" + len(flood).to_bytes(8, "big") + bytes(4) + flood)
            assert (await reader.readexactly(4))[2:] == (1007).to_bytes(2, "big")
        writer.transport.abort()
        other = await dial(url(server))
        await other.close()


async def test_an_answer_survives_a_body_that_nobody_reads() -> None:
    """A client that pushes a large body still gets its answer: closing at once would reset it."""
    async with serve(echo, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(
            b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000
        )
        async with asyncio.timeout(PATIENCE):
            assert status(await reader.read()) == 405
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: h\r\n"])
async def test_slow_requests(begun: bytes) -> None:
    """A request that does not come in time is answered with 408."""
    async with serve(echo, "127.0.0.1", 0, open_timeout=SOON) as server:
        assert status(await ask(server, begun)) == 408


@pytest.mark.blocking
@pytest.mark.both_loops
async def test_our_own_lateness_is_not_held_against_clients(engine: str, until: Any) -> None:
    """The request lay in the socket when the blocked loop came to judge: it is answered."""
    async with serve(echo, "127.0.0.1", 0, open_timeout=SOON) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            await until(lambda: server._connections)
            for _ in range(20):  # until its time has begun to run
                await asyncio.sleep(0)
            client.sendall(f"GET / HTTP/1.1\r\n{UPGRADE}\r\n".encode())
            time.sleep(SOON + 1.0)  # noqa: ASYNC251 - blocking the loop is the fault under test
            client.setblocking(False)
            async with asyncio.timeout(PATIENCE):
                answer = await asyncio.get_running_loop().sock_recv(client, 65_536)
            assert answer.startswith(b"HTTP/1.1 101 ")


async def test_slow_tls(server_tls: ssl.SSLContext) -> None:
    """A TLS handshake that does not begin is cut off."""
    async with serve(echo, "127.0.0.1", 0, open_timeout=SOON, tls=server_tls) as server:
        with contextlib.suppress(ConnectionError):
            assert await ask(server, b"") == b""


async def test_no_tls_where_it_is_wanted(server_tls: ssl.SSLContext) -> None:
    """A plain request to a TLS server ends, without noise in the log."""
    async with serve(echo, "127.0.0.1", 0, tls=server_tls) as server:
        with pytest.raises(ConnectError) as caught:
            await dial(url(server))
        assert caught.value.kind in {"eof", "reset", "handshake"}


@pytest.mark.both_loops
@pytest.mark.parametrize("begun", ["", "GET / HTTP/1.1\r\n"])
async def test_clients_that_leave(engine: str, begun: str, until: Any) -> None:
    """A client that goes before its request is complete leaves nothing behind."""
    async with serve(echo, "127.0.0.1", 0, open_timeout=600.0) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(begun.encode())
        await until(lambda: server._connections)
        writer.close()
        await writer.wait_closed()
        await until(lambda: not server._connections)


@pytest.mark.both_loops
async def test_a_request_that_drips(engine: str) -> None:
    """A byte now and then buys no time: the answer comes at the deadline, whatever still drips."""
    async with serve(echo, "127.0.0.1", 0, open_timeout=SOON) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)

        async def drip() -> None:
            while not reader.at_eof():
                writer.write(b"a")
                await asyncio.sleep(0.01)

        writer.write(b"GET / HTTP/1.1\r\nX: ")
        dripping = asyncio.create_task(drip())
        async with asyncio.timeout(PATIENCE):
            assert status(await reader.read()) == 408
        dripping.cancel()
        await asyncio.wait([dripping])
        writer.transport.abort()


@pytest.mark.both_loops
async def test_a_client_that_dribbles_its_tls_handshake(
    engine: str, server_tls: ssl.SSLContext, until: Any
) -> None:
    """The deadline covers TLS, and a hello that comes byte by byte does not extend it."""
    async with serve(echo, "127.0.0.1", 0, open_timeout=SOON, tls=server_tls) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)

        async def drip() -> None:
            for byte in b"\x16\x03\x01\x3f\xff\x01\x00\x3f\xfb\x03\x03" + bytes(16_000):
                writer.write(bytes([byte]))
                await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionError):
                await reader.read()
        dripping.cancel()
        await asyncio.wait([dripping])
        writer.transport.abort()
        await until(lambda: not server._connections)


async def test_a_client_whose_headers_are_too_large() -> None:
    """It gets its answer, though it has sent more than was read."""
    async with serve(echo, "127.0.0.1", 0) as server:
        for size in (9_000, 20_000, 2_000_000):
            async with rejected_with(431):
                await dial(url(server), headers={"X-Large": "a" * size})
        async with rejected_with(431):
            await dial(url(server), headers=[("X-Many", "a")] * 200)


# ---------------------------------------------------------------- too many


async def test_too_many_connections(caplog: pytest.LogCaptureFixture, until: Any) -> None:
    """One more than allowed gets a 503, openings count, and a place that is free is given again."""
    async with serve(linger, "127.0.0.1", 0, max_connections=2) as server:
        link = await dial(url(server))
        _, opening = await asyncio.open_connection("127.0.0.1", server.port)
        await until(lambda: len(server._connections) == 2)
        for _ in range(3):
            async with rejected_with(503):
                await dial(url(server))
        opening.close()
        await opening.wait_closed()
        await until(lambda: len(server._connections) == 1)
        another = await dial(url(server))
        await another.close()
        await link.close()
    assert len(caplog.records) == 1
    assert "2 connections" in caplog.records[0].getMessage()


async def test_a_crowd_of_half_open_handshakes(monkeypatch: pytest.MonkeyPatch, until: Any) -> None:
    """However many come, only so many are kept: the rest is told, or closed without a word."""
    monkeypatch.setattr("longwire.link.admission.TURNED_AWAY", 3)
    async with serve(linger, "127.0.0.1", 0, max_connections=5) as server:
        crowd = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
        most = 0
        for one in crowd:
            one.setblocking(False)

        def watched() -> bool:
            nonlocal most
            most = max(most, len(server._connections))
            return sum(map(_is_closed, crowd)) >= 90

        await until(watched)
        assert most <= 5 + 3
        for one in crowd:
            one.close()


def _is_closed(sock: socket.socket) -> bool:
    try:
        return sock.recv(65_536, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


# ---------------------------------------------------------------- options of links


async def test_options_reach_the_links() -> None:
    """Bounds of the links, and whether they compress, are the server's to set."""
    options = LinkOptions(max_message_bytes=100)

    async with serve(echo, "127.0.0.1", 0, options=options, compression=None) as server:
        link = await dial(url(server))
        await link.send("x" * 101)
        with pytest.raises(LinkClosed):
            await link.recv()
        assert link.closure is not None
        assert link.closure.received_code == 1009
        assert not link.closure.compressed
        await link.wait_gone()


async def test_compression_both_ways() -> None:
    """What is negotiated works on both sides."""
    async with serve(echo, "127.0.0.1", 0) as server:
        link: WireLink = await dial(url(server))
        for _ in range(3):
            await link.send("hello, hello, hello " * 100)
            assert await link.recv() == "hello, hello, hello " * 100
        await link.close()
        assert link.closure is not None
        assert link.closure.compressed
        assert link.closure.bytes_received < 2000
