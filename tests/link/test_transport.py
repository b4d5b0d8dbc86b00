"""Transports: which engine, the change of protocols on each of them, and listening."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import socket
from typing import TYPE_CHECKING, Any, cast

import pytest

from longwire.errors import ConnectError
from longwire.link import transport as module
from longwire.link.address import parse_address
from longwire.link.dial import dial
from longwire.link.listen import serve
from longwire.link.transport import (
    accept_transport,
    kernel_view,
    left_behind,
    listening_sockets,
    map_error,
    open_transport,
    peer_of,
    shown_peer,
)

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from longwire.link.base import Link

HEAD = b"head\r\n\r\n"
PATIENCE = 10.0


class Second(asyncio.BufferedProtocol):
    """What takes over: the kind of protocol that a link is."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.eof = False
        self.lost: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        self._buffer = bytearray(1000)

    def get_buffer(self, sizehint: int) -> memoryview:
        return memoryview(self._buffer)

    def buffer_updated(self, nbytes: int) -> None:
        self.received += self._buffer[:nbytes]

    def eof_received(self) -> bool:
        self.eof = True
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(exc)


class First(asyncio.Protocol):
    """Reads a head, then hands over inside `data_received`."""

    def __init__(self) -> None:
        self.second = Second()
        self.made: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.made.set_result(None)

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._buffer += data
        _, end, early = bytes(self._buffer).partition(HEAD)
        if end:
            self.second.received += early
            self._transport.set_protocol(self.second)


async def exchange(first: First, writer: asyncio.StreamWriter) -> None:
    """Drip the head, flood behind it, close; everything must be with the second protocol."""
    for position in range(len(HEAD)):
        writer.write(HEAD[position : position + 1])
        await writer.drain()
    writer.write(b"x" * 500_000)
    await writer.drain()
    writer.close()
    async with asyncio.timeout(PATIENCE):
        assert await first.second.lost is None
    assert first.second.received == b"x" * 500_000
    assert first.second.eof


@pytest.mark.both_loops
@pytest.mark.parametrize("secure", [False, True])
async def test_protocols_change_on_the_clients_side(
    engine: str, secure: bool, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """From one kind of protocol to the other in the middle of a read, on every engine."""
    loop = asyncio.get_running_loop()
    accepted: asyncio.Future[asyncio.StreamWriter] = loop.create_future()
    server = await asyncio.start_server(
        lambda _, writer: accepted.set_result(writer),
        "127.0.0.1",
        0,
        ssl=server_tls if secure else None,
    )
    scheme = "wss" if secure else "ws"
    address = parse_address(f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    steps: list[str] = []
    transport, first = await open_transport(
        address, First, tls=client_tls, loop=loop, on_progress=steps.append
    )
    assert len(steps) == (2 if secure else 1)
    sock = transport.get_extra_info("socket")
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    await exchange(first, await accepted)
    server.close()
    await server.wait_closed()
    assert kernel_view(transport) is None


@pytest.mark.both_loops
@pytest.mark.parametrize("secure", [False, True])
async def test_protocols_change_on_the_servers_side(
    engine: str, secure: bool, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """The same for an accepted socket."""
    loop = asyncio.get_running_loop()
    (listener,) = await listening_sockets("127.0.0.1", 0, loop=loop)
    with listener:
        opening = asyncio.create_task(
            asyncio.open_connection(
                "127.0.0.1", listener.getsockname()[1], ssl=client_tls if secure else None
            )
        )
        sock, _ = await loop.sock_accept(listener)
    first = First()
    transport = await accept_transport(
        sock, lambda: first, tls=server_tls if secure else None, loop=loop
    )
    assert first.made.done()
    got = transport.get_extra_info("socket")
    assert got.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    _, writer = await opening
    assert peer_of(transport) == shown_peer(writer.get_extra_info("sockname"))
    await exchange(first, writer)


@pytest.mark.both_loops
@pytest.mark.parametrize("secure", [False, True])
async def test_accepting_cancelled_in_any_turn(
    engine: str, secure: bool, server_tls: ssl.SSLContext
) -> None:
    """A cancelled accept closes the socket, however far it is."""
    loop = asyncio.get_running_loop()
    (listener,) = await listening_sockets("127.0.0.1", 0, loop=loop)
    with listener:
        for turns in range(10):
            with socket.socket() as client:
                client.setblocking(False)
                await loop.sock_connect(client, listener.getsockname())
                sock, _ = await loop.sock_accept(listener)
                task = asyncio.create_task(
                    accept_transport(sock, Second, tls=server_tls if secure else None, loop=loop)
                )
                for _ in range(turns + 1):
                    await asyncio.sleep(0)
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    (await task).abort()
                with contextlib.suppress(ConnectionError):
                    async with asyncio.timeout(PATIENCE):
                        assert await loop.sock_recv(client, 1) == b""
    gc.collect()


@pytest.mark.parametrize("variable", ["", "asyncio", "aiofastnet"])
async def test_engines_by_name(monkeypatch: pytest.MonkeyPatch, mute: Any, variable: str) -> None:
    """aiofastnet where it is installed, asyncio where it is not or is asked for."""
    installed = module._aiofastnet_installed()
    if variable == "aiofastnet" and not installed:
        pytest.skip("aiofastnet is not installed")
    monkeypatch.setenv("LONGWIRE_TRANSPORT", variable)
    loop = asyncio.get_running_loop()
    address = parse_address(f"ws://127.0.0.1:{mute.port}/")
    transport, _ = await open_transport(address, asyncio.Protocol, tls=None, loop=loop)
    fast = type(transport).__module__.startswith("aiofastnet")
    assert fast == (installed and variable != "asyncio")
    transport.abort()
    await mute.all_gone()


@pytest.mark.both_loops
async def test_who_leaves_a_handshake_is_not_logged(
    engine: str, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext, caplog: Any, until: Any
) -> None:
    """A port scanner cannot fill the log of a server, nor a server that of its clients."""
    async with serve(_leave, "localhost", tls=server_tls) as server:
        for _ in range(3):
            _, writer = await asyncio.open_connection("localhost", server.port)
            writer.close()
            await writer.wait_closed()
        await until(lambda: not server._connections)

    async def hang_up(reader: Any, writer: Any) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as deaf:
        port = deaf.sockets[0].getsockname()[1]
        with pytest.raises(ConnectError):
            await dial(f"wss://127.0.0.1:{port}/", tls=client_tls)
    await asyncio.sleep(0)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    logging.getLogger("asyncio").error("%s", "an error of somebody", exc_info=ValueError("told"))
    assert caplog.records[-1].getMessage() == "an error of somebody"


async def _leave(link: Link) -> None:
    """A handler with nothing to do."""


async def test_engines_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown engine, or one that is not installed, is an error and not a guess."""
    loop = asyncio.get_running_loop()
    monkeypatch.setenv("LONGWIRE_TRANSPORT", "carrier-pigeon\x1b")
    with pytest.raises(ConnectError, match="carrier-pigeon") as caught:
        await listening_sockets("127.0.0.1", 0, loop=loop)
    assert "\x1b" not in str(caught.value)
    monkeypatch.setattr(module, "_aiofastnet_installed", lambda: False)
    monkeypatch.setenv("LONGWIRE_TRANSPORT", "aiofastnet")
    with pytest.raises(ConnectError, match="not installed"):
        await listening_sockets("127.0.0.1", 0, loop=loop)
    first, second = socket.socketpair()
    with second, pytest.raises(ConnectError):
        await accept_transport(first, asyncio.Protocol, tls=None, loop=loop)
    assert first.fileno() == -1
    monkeypatch.setenv("LONGWIRE_TRANSPORT", "")
    assert module._aiofastnet(loop) is None


@pytest.mark.both_loops
@pytest.mark.parametrize("host", ["localhost", None, ""])
async def test_listening_on_several_addresses(host: str | None) -> None:
    """All addresses of a host, with one port; each takes connections."""
    loop = asyncio.get_running_loop()
    sockets = await listening_sockets(host, 0, loop=loop)
    try:
        assert len({sock.getsockname()[1] for sock in sockets}) == 1
        for sock in sockets:
            family = socket.AF_INET6 if sock.family == socket.AF_INET6 else socket.AF_INET
            with socket.socket(family) as client:
                client.setblocking(False)
                target = "::1" if family == socket.AF_INET6 else "127.0.0.1"
                await loop.sock_connect(client, (target, sock.getsockname()[1]))
    finally:
        for sock in sockets:
            sock.close()


async def test_a_taken_port() -> None:
    """The error of the system is raised, and nothing stays open."""
    loop = asyncio.get_running_loop()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError) as caught:
            await listening_sockets("127.0.0.1", taken.getsockname()[1], loop=loop)
    assert caught.value.errno == errno.EADDRINUSE
    gc.collect()


async def test_a_port_that_is_free_on_one_address_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """With port 0 another port is tried, when the first one is taken on the second address."""
    real = module._bind
    failures = [OSError(errno.EADDRINUSE, "taken")]

    def bind(family: int, address: tuple[Any, ...], *, reuse_port: bool) -> socket.socket:
        if address[1] and failures:
            raise failures.pop()
        return real(family, address, reuse_port=reuse_port)

    async def getaddrinfo(*_args: Any, **_options: Any) -> list[Any]:
        return [(socket.AF_INET, 0, 0, "", (one, 0)) for one in ("127.0.0.1", "127.0.0.2")]

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(module, "_bind", bind)
    monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
    sockets = await listening_sockets("two.example", 0, loop=loop)
    assert len(sockets) == 2
    for sock in sockets:
        sock.close()
    gc.collect()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (("127.0.0.1", 80), "127.0.0.1:80"),
        (("::1", 80, 0, 0), "[::1]:80"),
        ("/run/socket", "unix"),
        ("", "unix"),
        (b"\0name", "unix"),
        (None, ""),
        ((), ""),
    ],
)
def test_peers(address: object, shown: str) -> None:
    """The other end is shown as host and port, or not at all."""
    assert shown_peer(address) == shown


def test_the_seam_is_here() -> None:
    """`map_error` and `kernel_view` can be had where the transports are."""
    assert map_error(TimeoutError(), phase="opening", where="").retryable


@pytest.mark.parametrize(
    ("variable", "installed", "fast"),
    [("", True, False), ("", False, True), ("asyncio", True, True), ("aiofastnet", True, False)],
)
def test_the_loop_of_the_io_thread(
    monkeypatch: pytest.MonkeyPatch, variable: str, installed: bool, fast: bool
) -> None:
    """asyncio's loop where aiofastnet can make it fast; uvloop's where not."""
    uvloop = pytest.importorskip("uvloop", reason="uvloop is not installed")
    monkeypatch.setenv("LONGWIRE_TRANSPORT", variable)
    monkeypatch.setattr(module, "_aiofastnet_installed", lambda: installed)
    loop = module.new_io_loop()
    loop.close()
    assert isinstance(loop, uvloop.Loop) == fast


@pytest.mark.both_loops
async def test_what_is_left_behind_is_bounded(engine: str) -> None:
    """A peer that goes on sending ends, too: at most as much is read as the kernel can hold."""
    loop = asyncio.get_running_loop()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        address = parse_address(f"ws://127.0.0.1:{listener.getsockname()[1]}/")
        transport, _ = await open_transport(address, First, tls=None, loop=loop)
        peer, _ = listener.accept()
    transport.pause_reading()
    with contextlib.closing(peer):
        peer.setblocking(False)
        limit = transport.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        read = 0
        peer.send(bytes(50_000))
        for data in left_behind(transport):
            read += len(data)
            peer.send(bytes(50_000))
        assert limit <= read < limit + 2**17
    transport.abort()
    assert read > 50_000


@pytest.mark.both_loops
@pytest.mark.parametrize("what", ["client logs keys", "server logs keys", "server looks at SNI"])
async def test_contexts_that_call_back(
    engine: str,
    what: str,
    tmp_path: Path,
    server_tls: ssl.SSLContext,
    client_tls: ssl.SSLContext,
) -> None:
    """OpenSSL's calls into Python find what they need, on each engine: else the process crashes."""
    log = tmp_path / "keys.log"
    names: list[str | None] = []
    if what == "server looks at SNI":
        server_tls.sni_callback = lambda _, name, __: names.append(name)
    else:
        (client_tls if what == "client logs keys" else server_tls).keylog_filename = str(log)

    async def handler(link: Link) -> None:
        await link.send("hello")
        await link.close()

    async with serve(handler, "127.0.0.1", 0, tls=server_tls) as server:
        link = await dial(f"wss://localhost:{server.port}/", tls=client_tls)
        assert await link.recv() == "hello"
        await link.close()
    assert names or log.read_text()
