"""A server's end, politely: draining, closing, and what they promise to handlers."""

from __future__ import annotations

import asyncio
import gc
import socket
from typing import TYPE_CHECKING, Any

import pytest

from longwire.errors import ConnectError
from longwire.link import server as module
from longwire.link.dial import dial
from longwire.link.listen import serve

if TYPE_CHECKING:
    from longwire.link.base import Link
    from longwire.link.server import Server

PATIENCE = 10.0
SOON = 0.2


def url(server: Server) -> str:
    return f"ws://127.0.0.1:{server.port}/"


async def echo(link: Link) -> None:
    """Send everything back."""
    async for message in link:
        await link.send(message)


def listens(server: Server) -> bool:
    return any(one.fileno() >= 0 for one in server.sockets)


@pytest.mark.both_loops
async def test_draining_lets_links_go_on(engine: str, until: Any) -> None:
    """New connections are refused; a link that is live works on until its client has had enough."""
    async with serve(echo, "127.0.0.1", 0) as server:
        link = await dial(url(server))
        port = server.port
        draining = asyncio.create_task(server.drain())
        await until(lambda: not listens(server))
        with pytest.raises(ConnectError):
            await dial(f"ws://127.0.0.1:{port}/")
        await link.send("still here")
        assert await link.recv() == "still here"
        assert not draining.done()
        await link.close(1000)
        assert link.closure is not None
        assert link.closure.received_code == 1000, "nobody told it to go"
        async with asyncio.timeout(PATIENCE):
            await draining
            await server.wait_closed()


@pytest.mark.both_loops
async def test_draining_has_a_deadline(engine: str) -> None:
    """Who is still there when the time is up gets 1001, and its handler comes to its end."""
    ended: list[str] = []

    async def handler(link: Link) -> None:
        async for _ in link:
            pass
        ended.append("quietly")

    async with serve(handler, "127.0.0.1", 0) as server:
        link = await dial(url(server))
        async with asyncio.timeout(PATIENCE):
            await server.drain(within=SOON)
        assert (await link.wait_closed()).received_code == 1001
        await link.wait_gone()
    assert ended == ["quietly"]


@pytest.mark.both_loops
async def test_draining_takes_who_waits_at_the_door(engine: str) -> None:
    """What the system has taken for us already is served, not reset."""
    async with serve(echo, "127.0.0.1", 0) as server:
        # Connected by the system while this loop does not run: nothing is accepted yet.
        crowd = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
        draining = asyncio.create_task(server.drain())
        loop = asyncio.get_running_loop()
        for one in crowd:
            one.setblocking(False)
            await loop.sock_sendall(one, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            for one in crowd:
                assert (await loop.sock_recv(one, 1000)).startswith(b"HTTP/1.1 426 ")
                one.close()
            await draining


@pytest.mark.blocking
async def test_draining_takes_no_more_than_the_queue_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A crowd that never ends does not keep the server from draining."""
    monkeypatch.setattr("longwire.link.acceptor.BACKLOG", 128)
    async with serve(echo, "127.0.0.1", 0) as server:
        accepted: list[socket.socket] = []
        address = server.sockets[0].getsockname()
        clients: list[socket.socket] = []

        def accept_and_bring_another(connection: socket.socket, _address: object) -> None:
            accepted.append(connection)
            clients.append(socket.create_connection(address))

        assert server._acceptor is not None
        monkeypatch.setattr(server._acceptor, "_on_connection", accept_and_bring_another)
        clients.append(socket.create_connection(address))
        async with asyncio.timeout(PATIENCE):
            await server.drain()
        assert len(accepted) == 128
        for one in accepted + clients:
            one.close()


async def test_a_cancelled_drain(until: Any) -> None:
    """It leaves links alone; the server is closed by whoever owns it."""
    async with serve(echo, "127.0.0.1", 0) as server:
        link = await dial(url(server))
        draining = asyncio.create_task(server.drain())
        await until(lambda: not listens(server))
        draining.cancel()
        await asyncio.wait([draining])
        await link.send("still here")
        assert await link.recv() == "still here"
    assert (await link.wait_closed()).received_code == 1001
    await link.wait_gone()


async def test_closing_while_draining(until: Any) -> None:
    """A second signal, as it were: the drain ends with the close."""
    async with serve(echo, "127.0.0.1", 0) as server:
        link = await dial(url(server))
        draining = asyncio.create_task(server.drain())
        await until(lambda: not listens(server))
        async with asyncio.timeout(PATIENCE):
            await server.close()
            await draining
    assert (await link.wait_closed()).received_code == 1001
    await link.wait_gone()


async def test_a_handler_may_drain_its_server() -> None:
    """It is not waited for by itself."""

    async def handler(link: Link) -> None:
        await link.recv()
        await server.drain()

    server = serve(handler, "127.0.0.1", 0)
    await server.start()
    link = await dial(url(server))
    await link.send("stop")
    async with asyncio.timeout(PATIENCE):
        await server.wait_closed()
        assert (await link.wait_closed()).received_code == 1001
    await link.wait_gone()


async def test_draining_a_server_that_never_started() -> None:
    """Nothing to wait for."""
    server = serve(echo)
    await server.drain()
    await server.wait_closed()


@pytest.mark.both_loops
async def test_closed_while_it_starts(engine: str, tmp_path: Any) -> None:
    """Nothing is left that listens, or a server that has ended would go on taking connections."""
    for server in (serve(echo, "localhost"), serve(echo, path=str(tmp_path / "s"))):
        starting = asyncio.create_task(server.start())
        await asyncio.sleep(0)
        again = asyncio.create_task(server.start())
        await asyncio.sleep(0)
        await server.close()
        for task in (starting, again):
            with pytest.raises(RuntimeError):
                await task
        with pytest.raises(RuntimeError):
            _ = server.sockets
    assert list(tmp_path.iterdir()) == []
    gc.collect()  # a socket that was left open would warn


async def test_a_deadline_that_makes_no_sense() -> None:
    """Found before anything is done."""
    async with serve(echo, "127.0.0.1", 0) as server:
        with pytest.raises(ValueError, match="within"):
            await server.drain(within=-1)
        link = await dial(url(server))
        await link.close()


async def test_many_links_are_told_in_portions(monkeypatch: pytest.MonkeyPatch, until: Any) -> None:
    """The end of many links does not keep the loop from everything else."""
    monkeypatch.setattr(module, "_CLOSED_PER_TURN", 3)
    told: list[int] = []
    turn = 0

    async def count_turns() -> None:
        nonlocal turn
        while True:
            await asyncio.sleep(0)
            turn += 1

    async with serve(echo, "127.0.0.1", 0) as server:
        links = [await dial(url(server)) for _ in range(10)]
        for served in server.links:
            real = served.begin_close

            def begin_close(code: int, reason: str, real: Any = real) -> None:
                if code == 1001:
                    told.append(turn)
                real(code, reason)

            monkeypatch.setattr(served, "begin_close", begin_close)
        counting = asyncio.create_task(count_turns())
        await until(lambda: turn)
        await server.close()
        counting.cancel()
        await asyncio.wait([counting])
    assert len(told) == 10
    assert max(map(told.count, told)) == 3
    for link in links:
        assert (await link.wait_closed()).received_code == 1001
        await link.wait_gone()
