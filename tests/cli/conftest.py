"""Servers for the command line: ours and one that others wrote, each on a thread of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, Self

import pytest
from websockets.asyncio.server import serve as websockets_serve
from websockets.exceptions import ConnectionClosed

import longwire

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from types import TracebackType

    Handler = Callable[[Any], Awaitable[None]]

PATIENCE = 10.0


class ServerThread:
    """A server on its own thread and loop: ``with ServerThread("ours", handler) as server:``.

    Args:
        kind: ``"ours"`` or ``"websockets"``.
        handler: Gets each connection. Both kinds have ``recv``, ``send``, ``close`` and iteration.
        options: For the kind's own ``serve``.
    """

    def __init__(self, kind: str, handler: Handler, **options: Any) -> None:
        self._kind = kind
        self._handler = handler
        self._options = options
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="server", daemon=True)
        self._stop = asyncio.Event()
        self._ready: asyncio.Future[int] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        started = threading.Event()
        self._running = asyncio.run_coroutine_threadsafe(self._serve(started), self._loop)
        assert started.wait(PATIENCE)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._running.result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    async def _serve(self, started: threading.Event) -> None:
        scheme = "ws" if self._options.get("tls", self._options.get("ssl")) is None else "wss"
        if self._kind == "ours":
            async with longwire.serve(self._handler, "127.0.0.1", **self._options) as server:
                await self._wait(f"{scheme}://127.0.0.1:{server.port}/", started)
        else:
            async with websockets_serve(self._quietly, "127.0.0.1", 0, **self._options) as other:
                port = next(iter(other.sockets)).getsockname()[1]
                await self._wait(f"{scheme}://127.0.0.1:{port}/", started)

    async def _wait(self, url: str, started: threading.Event) -> None:
        self.url = url
        started.set()
        await self._stop.wait()

    async def _quietly(self, connection: Any) -> None:
        try:
            await self._handler(connection)
        except ConnectionClosed:
            # The client has left; ours takes no notice of that by itself.
            return


@pytest.fixture(params=["ours", "websockets"])
def kind(request: pytest.FixtureRequest) -> str:
    """Every command meets our own server, and one that others wrote."""
    return str(request.param)


@pytest.fixture
def serving(kind: str) -> Iterator[Callable[[Handler], ServerThread]]:
    """Starts a server of either kind with a handler; ended with the test."""
    running: list[ServerThread] = []

    def start(handler: Handler, **options: Any) -> ServerThread:
        server = ServerThread(kind, handler, **options).__enter__()
        running.append(server)
        return server

    yield start
    for server in running:
        server.__exit__(None, None, None)


@pytest.fixture
def process() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts ``longwire`` in a process of its own; killed with the test, if it still runs."""
    running: list[subprocess.Popen[str]] = []

    def start(*words: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "longwire", *map(str, words)]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return running[-1]

    yield start
    for one in running:
        one.kill()
        one.communicate()


@pytest.fixture
def unused_url() -> str:
    """Where nothing listens: a port that was free a moment ago."""
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return f"ws://127.0.0.1:{sock.getsockname()[1]}/"
