"""``python -m benchmarks.idle_memory``: what a link keeps in memory while nothing comes.

One process opens so many links with plain sockets, from or to a process with the library that is
measured; what that has grown by is divided by their number. Measured when the links are new, and
when each has received one message of 100 KB. Written to results/memory.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.frames import MASK, header, masked
from benchmarks.machine import environment, today, versions
from benchmarks.opening import answer_opening, ask_for_opening

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

_OUT = Path(__file__).parent / "results" / "memory.md"
_WARM = 100
"""Links opened before the first look: code, caches and arenas of the first ones are no link's."""
_LARGE = b"x" * 100_000
_RARELY = 3600.0
"""Seconds between pings, which the plain sockets do not answer."""

# ---------------------------------------------------------------- who is measured: servers


@contextlib.asynccontextmanager
async def _longwire_server() -> AsyncIterator[int]:
    import longwire

    async def hear(link: longwire.Link) -> None:
        async for batch in link.batches():
            del batch

    options = longwire.LinkOptions(heartbeat=longwire.Heartbeat(every=_RARELY))
    async with longwire.serve(hear, "127.0.0.1", compression=None, options=options) as server:
        yield server.port


@contextlib.asynccontextmanager
async def _websockets_server() -> AsyncIterator[int]:
    from websockets.asyncio.server import ServerConnection, serve

    async def hear(websocket: ServerConnection) -> None:
        async for message in websocket:
            del message

    async with serve(hear, "127.0.0.1", 0, compression=None, ping_interval=_RARELY) as server:
        yield next(iter(server.sockets)).getsockname()[1]


@contextlib.asynccontextmanager
async def _picows_server() -> AsyncIterator[int]:
    from picows import WSListener, ws_create_server

    server = await ws_create_server(lambda _request: WSListener(), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@contextlib.asynccontextmanager
async def _aiohttp_server() -> AsyncIterator[int]:
    from aiohttp import web

    async def hear(request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(compress=False)
        await websocket.prepare(request)
        async for message in websocket:
            del message
        return websocket

    application = web.Application()
    application.router.add_get("/", hear)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


# ---------------------------------------------------------------- who is measured: clients


Messages = AsyncIterator[object] | None
"""What a client receives, where it is iterated; the callbacks of picows are not."""


async def _longwire_inline(url: str) -> Messages:
    import longwire

    rarely = longwire.Heartbeat(every=_RARELY)
    client = longwire.connect(url, isolate=False, compression=None, heartbeat=rarely)
    await client.__aenter__()
    await client.wait_live()
    return aiter(client)


async def _longwire_isolated(url: str) -> Messages:
    import longwire

    client = longwire.connect(url, compression=None, heartbeat=longwire.Heartbeat(every=_RARELY))
    await client.__aenter__()
    await client.wait_live()
    return aiter(client)


async def _longwire_link(url: str) -> Messages:
    import longwire
    from longwire.link.dial import dial

    options = longwire.LinkOptions(heartbeat=longwire.Heartbeat(every=_RARELY))
    return aiter(await dial(url, options=options, compression=None))


async def _websockets(url: str) -> Messages:
    from websockets.asyncio.client import connect

    return aiter(await connect(url, compression=None, ping_interval=_RARELY))


_transports: list[object] = []


async def _picows(url: str) -> Messages:
    from picows import WSListener, ws_connect

    _transports.append(await ws_connect(WSListener, url))
    return None


async def _picows_websockets(url: str) -> Messages:
    from picows.websockets.asyncio.client import connect

    return aiter(await connect(url, compression=None, ping_interval=_RARELY))


SERVERS: dict[str, Any] = {
    "longwire": _longwire_server,
    "longwire, asyncio's transports": _longwire_server,
    "picows": _picows_server,
    "websockets": _websockets_server,
    "aiohttp": _aiohttp_server,
}
VARIABLES = {"longwire, asyncio's transports": {"LONGWIRE_TRANSPORT": "asyncio"}}
"""Environment variables to set for some; longwire else uses aiofastnet's where it is installed."""
CLIENTS: dict[str, Callable[[str], Awaitable[Messages]]] = {
    "longwire link": _longwire_link,
    "longwire inline": _longwire_inline,
    "longwire isolated": _longwire_isolated,
    "picows": _picows,
    "picows.websockets": _picows_websockets,
    "websockets": _websockets,
}


# ---------------------------------------------------------------- the measured process


def _resident() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def _orders() -> AsyncIterator[str]:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    async for line in reader:
        yield line.decode().strip()


async def _be_server(name: str) -> None:
    async with SERVERS[name]() as port:
        print(port, flush=True)
        async for _ in _orders():
            print(_resident(), flush=True)


async def _be_client(name: str) -> None:
    async def receive(messages: AsyncIterator[object]) -> None:
        async for message in messages:
            del message

    tasks: list[asyncio.Task[None]] = []
    async for order in _orders():
        if order == "look":
            print(_resident(), flush=True)
            continue
        count, url = order.split()
        for _ in range(int(count)):
            messages = await CLIENTS[name](url)
            if messages is not None:
                tasks.append(asyncio.create_task(receive(messages)))
        print("opened", flush=True)
    os._exit(0)  # closing thousands of links is not what is measured


# ---------------------------------------------------------------- the plain sockets


class Measured:
    """The process that is measured."""

    def __init__(self, role: str, name: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.idle_memory", "--be", role, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **VARIABLES.get(name, {})},
        )

    def tell(self, order: str) -> str:
        """Give an order, and read the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        return self.hear()

    def hear(self) -> str:
        """Read a line."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the measured process has ended")
        return line.strip()

    def end(self) -> None:
        """Let it end."""
        self._process.kill()
        self._process.communicate()


@contextlib.contextmanager
def _measured(role: str, name: str) -> Iterator[Measured]:
    process = Measured(role, name)
    try:
        yield process
    finally:
        process.end()


def of_server(name: str, links: int) -> tuple[float, float]:
    """Bytes for each new link, and for each that has received a large message."""
    with contextlib.ExitStack() as sockets, _measured("server", name) as process:
        port = int(process.hear())

        def come(count: int) -> list[socket.socket]:
            return [sockets.enter_context(_visit(port)) for _ in range(count)]

        warm = come(_WARM)
        frame = header("binary", len(_LARGE), MASK) + masked(_LARGE, MASK)
        _send(warm, frame)
        _wait_idle(process)
        before = int(process.tell("look"))
        opened = come(links)
        new = int(process.tell("look"))
        _send(opened, frame)
        _wait_idle(process)
        return (new - before) / links, (int(process.tell("look")) - before) / links


def of_client(name: str, links: int) -> tuple[float, float]:
    """The same of a client's."""
    opened: list[socket.socket] = []
    with (
        socket.create_server(("127.0.0.1", 0), backlog=128) as listener,
        contextlib.ExitStack() as sockets,
        _measured("client", name) as process,
    ):

        def welcome() -> None:
            for _ in range(_WARM + links):
                connection = sockets.enter_context(listener.accept()[0])
                answer_opening(connection)
                opened.append(connection)

        thread = threading.Thread(target=welcome)
        thread.start()
        url = f"ws://127.0.0.1:{listener.getsockname()[1]}/"
        process.tell(f"{_WARM} {url}")
        frame = header("binary", len(_LARGE)) + _LARGE
        _send(opened[:_WARM], frame)
        _wait_idle(process)
        before = int(process.tell("look"))
        process.tell(f"{links} {url}")
        thread.join()
        new = int(process.tell("look"))
        _send(opened[_WARM:], frame)
        _wait_idle(process)
        return (new - before) / links, (int(process.tell("look")) - before) / links


def _visit(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    ask_for_opening(connection, "/", {})
    return connection


def _send(connections: list[socket.socket], frame: bytes) -> None:
    for connection in connections:
        connection.sendall(frame)


def _wait_idle(process: Measured) -> None:
    """Until memory has not changed for several looks: what was sent has been read."""
    looks = [0, 1]
    while len(set(looks[-3:])) > 1:
        looks.append(int(process.tell("look")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--links", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--be", nargs=2, metavar=("ROLE", "NAME"), help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=_OUT)
    given = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    if given.be:
        role, name = given.be
        asyncio.run(_be_server(name) if role == "server" else _be_client(name))
        return
    rows = []
    for side, measure, names in (
        ("server", of_server, list(SERVERS)),
        ("client", of_client, list(CLIENTS)),
    ):
        for name in names:
            found = [measure(name, given.links) for _ in range(given.rounds)]
            new, after = (median(each) / 1024 for each in zip(*found, strict=True))
            rows.append(f"| {side} | {name} | {new:.1f} | {after:.1f} |")
            print(rows[-1], flush=True)
    given.out.write_text(_report(rows, given.links, given.rounds), "utf-8")


def _report(rows: list[str], links: int, rounds: int) -> str:
    place, told = environment(), versions()
    return (
        "# Memory of an idle link\n\n"
        f"{today()}: {links} links each, without compression, medians of {rounds} rounds; "
        f"{place['implementation']} {place['python']}, {place['system']} {place['machine']}. "
        "Resident memory of the process, in KiB for each link: when it is new, and when it has "
        f"received one message of {len(_LARGE) // 1000} KB. What the kernel keeps is not counted. "
        "`make bench-memory` makes this anew.\n\n"
        f"Versions: {', '.join(f'{name} {version}' for name, version in told.items())}.\n\n"
        "| side | library | new | after a large message |\n"
        "|:---|:---|---:|---:|\n" + "".join(f"{row}\n" for row in rows)
    )


if __name__ == "__main__":
    main()
