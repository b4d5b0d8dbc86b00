"""Accepting: many at once, none at all, and machines that have run out of something."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from typing import Any

import pytest

from longwire.link import acceptor as module
from longwire.link.acceptor import Acceptor
from longwire.testing import Changes


class Guests:
    """Who was accepted."""

    def __init__(self) -> None:
        self.changes = Changes()
        self.peers: list[str] = []

    def take(self, sock: socket.socket, address: Any) -> None:
        sock.close()
        self.peers.append(f"{address[0]}:{address[1]}")
        self.changes.notify()

    async def number(self, count: int) -> None:
        await self.changes.until(lambda: len(self.peers) >= count, what=f"{count} connections")


def listening() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0), backlog=200)
    listener.setblocking(False)
    return listener


@pytest.fixture(params=["watching", "asking"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The two ways to accept: loops that watch sockets, and those (of Windows) that do not."""
    name: str = request.param
    if name == "asking":

        def watch(self: Acceptor, listener: socket.socket) -> None:
            raise NotImplementedError

        monkeypatch.setattr(Acceptor, "_watch", watch)
    return name


@pytest.fixture
def guests() -> Guests:
    """An empty guest book."""
    return Guests()


@pytest.mark.both_loops
async def test_accepts_a_crowd(way: str, guests: Guests) -> None:
    """More connections than are accepted in one turn; each is told with its other end."""
    loop = asyncio.get_running_loop()
    listener = listening()
    acceptor = Acceptor([listener], guests.take, loop=loop)
    acceptor.start()
    clients = [socket.create_connection(listener.getsockname()) for _ in range(100)]
    await guests.number(100)
    names = {f"127.0.0.1:{client.getsockname()[1]}" for client in clients}
    assert set(guests.peers) == names
    for client in clients:
        client.close()
    await acceptor.stop()
    assert listener.fileno() == -1


@pytest.mark.both_loops
async def test_stopping(way: str, guests: Guests) -> None:
    """After the stop connections are refused; stopping again does nothing."""
    loop = asyncio.get_running_loop()
    listener = listening()
    address = listener.getsockname()
    acceptor = Acceptor([listener], guests.take, loop=loop)
    acceptor.start()
    await asyncio.sleep(0)
    await acceptor.stop()
    with socket.socket() as client:
        client.setblocking(False)
        with pytest.raises(ConnectionRefusedError):
            await loop.sock_connect(client, address)
    await acceptor.stop()


class Listener:
    """A listening socket whose accept fails as it is told, before it works again."""

    def __init__(self, real: socket.socket, *errors: OSError) -> None:
        self.real = real
        self.errors = list(errors)

    def accept(self) -> Any:
        if self.errors:
            raise self.errors.pop(0)
        return self.real.accept()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@pytest.mark.both_loops
async def test_out_of_descriptors(
    guests: Guests, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Accepting pauses, says so, and goes on: it neither spins nor stops for ever."""
    monkeypatch.setattr(module, "_PAUSE", 0.05)
    caplog.set_level(logging.WARNING)
    listener: Any = Listener(listening(), OSError(errno.EMFILE, "too many open files"))
    acceptor = Acceptor([listener], guests.take, loop=asyncio.get_running_loop())
    acceptor.start()
    with socket.create_connection(listener.getsockname()):
        await guests.number(1)
    await acceptor.stop()
    assert [record.getMessage() for record in caplog.records] == [
        "cannot accept connections for 0.05 s: the machine reports EMFILE"
    ]


async def test_stopping_during_the_pause(
    guests: Guests, monkeypatch: pytest.MonkeyPatch, until: Any
) -> None:
    """The pause's timer goes with the acceptor (the guard of all tests looks for it)."""
    monkeypatch.setattr(module, "_PAUSE", 600.0)
    listener: Any = Listener(listening(), OSError(errno.ENFILE, "x"))
    acceptor = Acceptor([listener], guests.take, loop=asyncio.get_running_loop())
    acceptor.start()
    with socket.create_connection(listener.getsockname()):
        await until(lambda: not listener.errors)
    await acceptor.stop()
    assert not guests.peers


async def test_a_connection_that_is_gone_already(guests: Guests) -> None:
    """One that was aborted before it was accepted does not keep out the next."""
    errors = (OSError(errno.ECONNABORTED, "x"), OSError(errno.EPROTO, "x"))
    listener: Any = Listener(listening(), *errors)
    acceptor = Acceptor([listener], guests.take, loop=asyncio.get_running_loop())
    acceptor.start()
    with socket.create_connection(listener.getsockname()):
        await guests.number(1)
    await acceptor.stop()


async def test_asking_survives_errors_too(guests: Guests, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way of Windows pauses and goes on like the other."""
    monkeypatch.setattr(module, "_PAUSE", 0.01)
    loop = asyncio.get_running_loop()
    real = loop.sock_accept
    errors = [OSError(errno.EMFILE, "x"), OSError(errno.ECONNABORTED, "x")]

    async def accept(sock: socket.socket) -> Any:
        if errors:
            raise errors.pop()
        return await real(sock)

    def watch(self: Acceptor, listener: socket.socket) -> None:
        raise NotImplementedError

    monkeypatch.setattr(loop, "sock_accept", accept)
    monkeypatch.setattr(Acceptor, "_watch", watch)
    listener = listening()
    acceptor = Acceptor([listener], guests.take, loop=loop)
    acceptor.start()
    with socket.create_connection(listener.getsockname()):
        await guests.number(1)
    await acceptor.stop()


async def test_a_cancelled_stop_still_closes(way: str, guests: Guests) -> None:
    """Whoever is cancelled while stopping leaves no socket that listens."""
    acceptor = Acceptor([listening()], guests.take, loop=asyncio.get_running_loop())
    acceptor.start()
    await asyncio.sleep(0)
    stopping = asyncio.create_task(acceptor.stop())
    await asyncio.sleep(0)
    stopping.cancel()
    await asyncio.wait([stopping])
    assert [listener.fileno() for listener in acceptor.sockets] == [-1]
