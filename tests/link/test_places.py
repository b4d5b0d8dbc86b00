"""Where a server listens: ports that are shared, Unix sockets, sockets handed in."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
import stat
import sys
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.client import connect, unix_connect

from longwire.errors import ConnectError
from longwire.link.dial import dial
from longwire.link.listen import serve
from longwire.link.places import GivenPlace, TCPPlace, UnixPlace, place_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator
    from pathlib import Path

    from longwire.link.base import Link

PATIENCE = 30.0
NOWHERE: dict[str, Any] = {"path": None, "mode": None, "sock": None, "reuse_port": False}


async def echo(link: Link) -> None:
    """Send everything back."""
    async for message in link:
        await link.send(message)


async def who(link: Link) -> None:
    """Say where the client comes from."""
    await link.send(link.request.peer)


# ---------------------------------------------------------------- Unix sockets


@pytest.mark.both_loops
@pytest.mark.parametrize("secure", [False, True])
async def test_a_unix_socket(
    engine: str,
    secure: bool,
    tmp_path: Path,
    server_tls: ssl.SSLContext,
    client_tls: ssl.SSLContext,
) -> None:
    """It serves as a port does, with TLS and without; peers are ``unix``; the file goes with it."""
    path = tmp_path / "socket"
    how: dict[str, Any] = {"uri": "ws://localhost/"}
    if secure:
        how = {"uri": "wss://localhost/", "ssl": client_tls}
    async with serve(who, path=path, tls=server_tls if secure else None) as server:
        async with unix_connect(str(path), **how) as link:
            assert await link.recv() == "unix"
        with pytest.raises(RuntimeError, match="no port"):
            _ = server.port
        assert [one.getsockname() for one in server.sockets] == [str(path)]
    assert not path.exists()


@pytest.mark.parametrize("mode", [0o600, 0o666, 0o000])
async def test_permissions(tmp_path: Path, mode: int) -> None:
    """Exactly those that are asked for, whatever the umask says."""
    path = tmp_path / "socket"
    async with serve(echo, path=path, mode=mode):
        assert stat.S_IMODE(path.stat().st_mode) == mode


async def test_permissions_from_the_first_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can come in between binding and chmod."""
    if sys.platform != "linux":
        pytest.skip("only Linux takes the mode of the socket itself")
    path = tmp_path / "socket"
    before: list[int] = []
    real = os.chmod

    def chmod(name: Any, mode: int) -> None:
        before.append(stat.S_IMODE(path.stat().st_mode))
        real(name, mode)

    monkeypatch.setattr(os, "chmod", chmod)
    async with serve(echo, path=path, mode=0o600):
        pass
    assert [mode & 0o077 for mode in before] == [0]


async def test_the_file_of_a_dead_server_is_replaced(tmp_path: Path) -> None:
    """A server that was killed does not keep its successor out."""
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    async with serve(echo, path=path):
        async with unix_connect(str(path), "ws://localhost/") as link:
            await link.send("hello")
            assert await link.recv() == "hello"
    assert not path.exists()


@pytest.mark.parametrize("crowded", [False, True])
async def test_a_server_that_lives_is_left_alone(tmp_path: Path, crowded: bool) -> None:
    """Its file is not taken away, not even while it has no place for one more in its queue."""
    path = tmp_path / "socket"
    with contextlib.ExitStack() as open_ones:
        living = open_ones.enter_context(socket.socket(socket.AF_UNIX))
        living.bind(str(path))
        living.listen(0)
        for _ in range(2 if crowded else 0):
            client = open_ones.enter_context(socket.socket(socket.AF_UNIX))
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.connect(str(path))
        with pytest.raises(ConnectError, match="EADDRINUSE") as caught:
            await serve(echo, path=path).start()
    assert caught.value.blame == "local"
    assert str(path) in str(caught.value)
    assert path.exists()


async def test_another_file_is_left_alone(tmp_path: Path) -> None:
    """What is no socket is nobody's leftover."""
    path = tmp_path / "file"
    path.write_text("precious")
    with pytest.raises(ConnectError, match="ENOTSOCK") as caught:
        await serve(echo, path=path).start()
    assert "another path" in caught.value.hint
    assert path.read_text() == "precious"


async def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    """The error is ours, and says what to do."""
    with pytest.raises(ConnectError, match="ENOENT") as caught:
        await serve(echo, path=tmp_path / "missing" / "socket").start()
    assert caught.value.hint == "make the directory first"


async def test_a_path_that_is_too_long(tmp_path: Path) -> None:
    """Python's own error about it is mapped, too."""
    with pytest.raises(ConnectError, match=r"cannot listen .*path too long"):
        await serve(echo, path=tmp_path / ("x" * 200)).start()


async def test_a_file_that_is_not_ours_any_more(tmp_path: Path) -> None:
    """A successor may have its socket at the same path already: it stays."""
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as successor:
        async with serve(echo, path=path):
            path.unlink()
            successor.bind(str(path))
        assert path.exists()


async def test_an_abstract_socket() -> None:
    """A name without a file."""
    if sys.platform != "linux":
        pytest.skip("only Linux has abstract sockets")
    name = f"\0longwire-{os.getpid()}"
    async with serve(echo, path=name):
        async with unix_connect(name, "ws://localhost/") as link:
            await link.send("hello")
            assert await link.recv() == "hello"


async def test_a_start_that_is_cancelled(tmp_path: Path) -> None:
    """Neither a socket nor its file is left."""
    path = tmp_path / "socket"
    starting = asyncio.create_task(serve(echo, path=path).start())
    await asyncio.sleep(0)
    starting.cancel()
    await asyncio.wait([starting])
    assert starting.cancelled()
    assert not path.exists()
    gc.collect()


# ---------------------------------------------------------------- ports


PROGRAM = """
import asyncio, os, sys
import longwire

async def who(link):
    await link.send(str(os.getpid()))

async def main():
    async with longwire.serve(who, "127.0.0.1", int(sys.argv[1]), reuse_port=True) as server:
        print(server.port, flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await server.drain(within=20.0)

asyncio.run(main())
"""


@contextlib.asynccontextmanager
async def server_process(port: int) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """A server in a process of its own, and the port it listens on."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        str(port),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process, int(await process.stdout.readline())
        process.stdin.write(b"end\n")
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def served_by(port: int) -> str:
    """Who answers a new connection; by a peer's client that comes from a new port each time."""
    async with connect(f"ws://127.0.0.1:{port}/", proxy=None) as link:
        return str(await link.recv())


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_two_processes_on_one_port() -> None:
    """Both are given connections; when one drains and ends, the other has all that follow."""
    if sys.platform != "linux":
        pytest.skip("only Linux deals connections out")
    async with asyncio.timeout(100.0), server_process(0) as (first, port):
        async with server_process(port) as (second, same_port):
            assert same_port == port
            pids = {str(first.pid), str(second.pid)}
            seen: set[str] = set()
            while seen != pids:
                seen.add(await served_by(port))
        assert {await served_by(port) for _ in range(20)} == {str(first.pid)}


async def test_a_port_that_is_not_shared() -> None:
    """Both must want it."""
    async with serve(echo, "127.0.0.1", 0) as server:
        with pytest.raises(ConnectError, match="EADDRINUSE"):
            await serve(echo, "127.0.0.1", server.port, reuse_port=True).start()


def test_a_system_that_cannot_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said when the server is made."""
    monkeypatch.delattr(socket, "SO_REUSEPORT")
    with pytest.raises(ValueError, match="reuse_port"):
        serve(echo, reuse_port=True)


# ---------------------------------------------------------------- sockets handed in


@pytest.mark.both_loops
@pytest.mark.parametrize("listens", [False, True])
async def test_a_socket_that_is_handed_in(engine: str, listens: bool) -> None:
    """Bound by somebody else, listening already or not; closed at the end."""
    given = socket.socket()
    given.bind(("127.0.0.1", 0))
    if listens:
        given.listen()
    async with serve(echo, sock=given) as server:
        assert server.port == given.getsockname()[1]
        link = await dial(f"ws://127.0.0.1:{server.port}/")
        await link.send("hello")
        assert await link.recv() == "hello"
        await link.close()
    assert given.fileno() == -1


async def test_several_sockets(tmp_path: Path) -> None:
    """Of both kinds; the file of one that was handed in is not ours to remove."""
    path = tmp_path / "socket"
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(str(path))
    tcp = socket.create_server(("127.0.0.1", 0))
    async with serve(who, sock=[tcp, unix]) as server:
        async with unix_connect(str(path), "ws://localhost/") as link:
            assert await link.recv() == "unix"
        async with connect(f"ws://127.0.0.1:{server.port}/", proxy=None) as link:
            assert str(await link.recv()).startswith("127.0.0.1:")
    assert path.exists()


def test_sockets_that_cannot_be_listened_on() -> None:
    """Found when the server is made."""
    with socket.socket() as unbound, pytest.raises(ValueError, match="not bound"):
        GivenPlace([unbound])
    with pytest.raises(ValueError, match="closed"):
        GivenPlace([unbound])
    with socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        with pytest.raises(TypeError, match="stream"):
            GivenPlace([datagrams])
    with pytest.raises(TypeError, match="listening socket"):
        GivenPlace([])


async def test_a_socket_that_is_connected() -> None:
    """It cannot listen, and the error is ours."""
    one, other = socket.socketpair(socket.AF_INET) if os.name == "nt" else pair()
    with contextlib.closing(other), contextlib.closing(one):
        with pytest.raises(ConnectError, match="cannot listen"):
            await serve(echo, sock=one).start()


def pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        one = socket.create_connection(listener.getsockname())
        other, _ = listener.accept()
    return one, other


# ---------------------------------------------------------------- one place


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"host": "127.0.0.1", "path": "/run/x"}, TypeError),
        ({"port": 80, "path": "/run/x"}, TypeError),
        ({"path": "/run/x", "reuse_port": True}, TypeError),
        ({"mode": 0o600}, TypeError),
        ({"host": 5}, TypeError),
        ({"port": "80"}, TypeError),
        ({"port": True}, TypeError),
        ({"port": 65_536}, ValueError),
        ({"port": -1}, ValueError),
        ({"path": ""}, TypeError),
        ({"path": b"/run/x"}, TypeError),
        ({"path": "/run/x", "mode": 0o1000}, ValueError),
        ({"path": "\0name", "mode": 0o600}, ValueError),
        ({"sock": "/run/x"}, TypeError),
        ({"sock": 3}, TypeError),
    ],
)
def test_places_that_make_no_sense(arguments: dict[str, Any], error: type[Exception]) -> None:
    """Several at once, options of another, values out of range: found when the server is made."""
    with pytest.raises(error):
        serve(echo, **arguments)


def test_a_socket_and_another_place() -> None:
    """One of them would be silently left out."""
    others: list[dict[str, Any]] = [{"path": "/run/x"}, {"port": 80}, {"reuse_port": True}]
    with socket.create_server(("127.0.0.1", 0)) as given:
        for other in others:
            with pytest.raises(TypeError, match="one place"):
                serve(echo, sock=given, **other)


def test_places_are_named() -> None:
    """For errors: what a person would look for, and nothing that a terminal obeys."""
    assert str(place_of(None, 80, **NOWHERE)) == "*:80"
    assert str(TCPPlace("::1", 80, reuse_port=False)) == "[::1]:80"
    assert str(UnixPlace("/run/\x1bx", None)) == "unix:'/run/\\x1bx'"


def test_a_system_without_unix_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said when the server is made."""
    monkeypatch.delattr(socket, "AF_UNIX")
    with pytest.raises(ValueError, match="no Unix sockets"):
        serve(echo, path="/run/x")
