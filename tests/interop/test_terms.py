"""Our terms of compression against peers that we did not write, in both roles.

Every combination of what `longwire.Deflate` can ask for, with peers that compress and ask for
nothing themselves. Messages come back as they were sent, and what was agreed on is kept by both.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from longwire.core.compression import Deflate
from longwire.link.dial import dial
from longwire.link.listen import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from contextlib import AbstractAsyncContextManager

    from longwire.link.base import Link

HERE = Path(__file__).parent
NODE_WS = "ws@8"
DEADLINE = 100

pytestmark = pytest.mark.timeout(200)


def all_terms() -> Iterator[Deflate]:
    """With and without each of the four parameters, sending compressed and plain."""
    for server, client, server_bits, client_bits, send in itertools.product(
        (False, True), (False, True), (None, 9, 15), (None, 9, 15), (True, False)
    ):
        yield Deflate(
            server_no_context_takeover=server,
            client_no_context_takeover=client,
            server_max_window_bits=server_bits,
            client_max_window_bits=client_bits,
            send=send,
            min_bytes=0,
        )


def messages() -> list[str | bytes]:
    """What compresses well and not at all, is smaller and larger than a window, and comes again."""
    noise = random.Random(7692).randbytes(3_000)
    words = '{"price": 1.5, "größe": 7} ' * 40
    return [words, words, "", noise[:300], noise, noise + noise, words * 40, words]


async def exchange(link: Link, terms: Deflate, *, compressed: bool = True) -> None:
    """Send everything, get everything back, and look at what went over the wire."""
    sent = 0
    for message in messages():
        await link.send(message)
        assert await link.recv() == message, terms
        sent += len(message.encode() if isinstance(message, str) else message)
    await link.close()
    closure = await link.wait_closed()
    assert closure.compressed is compressed, terms
    assert (closure.bytes_sent < sent / 2) is (compressed and terms.send), terms
    assert (closure.bytes_received < sent / 2) is compressed, terms


# ---------------------------------------------------------------- servers that we did not write


@contextlib.asynccontextmanager
async def websockets_server(node: Node) -> AsyncIterator[int]:
    from websockets.asyncio.server import serve as serve_websockets

    async def attend(link: Any) -> None:
        async for message in link:
            await link.send(message)

    async with serve_websockets(attend, "127.0.0.1", 0) as server:
        yield next(iter(server.sockets)).getsockname()[1]


@contextlib.asynccontextmanager
async def aiohttp_server(node: Node) -> AsyncIterator[int]:
    web = pytest.importorskip("aiohttp.web", reason="aiohttp is not installed")

    async def attend(request: Any) -> Any:
        link = web.WebSocketResponse()
        await link.prepare(request)
        await echo_aiohttp(link)
        return link

    app = web.Application()
    app.router.add_get("/", attend)
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def echo_aiohttp(link: Any) -> None:
    from aiohttp import WSMsgType

    async for message in link:
        if message.type is WSMsgType.BINARY:
            await link.send_bytes(message.data)
        else:
            await link.send_str(message.data)


@contextlib.asynccontextmanager
async def node_server(node: Node) -> AsyncIterator[int]:
    yield (await asyncio.to_thread(node)).port


SERVERS: dict[str, Callable[[Node], AbstractAsyncContextManager[int]]] = {
    "websockets": websockets_server,
    "aiohttp": aiohttp_server,
    "node-ws": node_server,
}


@pytest.mark.parametrize("name", SERVERS)
async def test_servers_take_our_terms(name: str, node: Node) -> None:
    """Whatever we ask for as a client is agreed on and kept."""
    async with asyncio.timeout(DEADLINE), SERVERS[name](node) as port:
        for terms in all_terms():
            await exchange(await dial(f"ws://127.0.0.1:{port}/", compression=terms), terms)


async def test_a_server_that_cannot_obey_declines(node: Node) -> None:
    """`websockets` has no window of 8 bits: the link is made, and nothing is compressed."""
    terms = Deflate(server_max_window_bits=8)
    async with asyncio.timeout(DEADLINE), websockets_server(node) as port:
        link = await dial(f"ws://127.0.0.1:{port}/", compression=terms)
        await exchange(link, terms, compressed=False)


# ---------------------------------------------------------------- clients that we did not write


async def websockets_client(url: str, node: Node) -> None:
    from websockets.asyncio.client import connect

    async with connect(url, proxy=None) as link:
        async for message in link:
            await link.send(message)


async def aiohttp_client(url: str, node: Node) -> None:
    aiohttp = pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    async with aiohttp.ClientSession() as session, session.ws_connect(url, compress=15) as link:
        await echo_aiohttp(link)


async def node_client(url: str, node: Node) -> None:
    (await asyncio.to_thread(node)).connect(url)


CLIENTS: dict[str, Callable[[str, Node], Awaitable[None]]] = {
    "websockets": websockets_client,
    "aiohttp": aiohttp_client,
    "node-ws": node_client,
}


@pytest.mark.parametrize("name", CLIENTS)
async def test_clients_take_our_terms(name: str, node: Node) -> None:
    """Whatever we ask for as a server is agreed on and kept."""
    async with asyncio.timeout(DEADLINE):
        for terms in all_terms():
            done = asyncio.get_running_loop().create_future()
            async with (
                serve(exchanging(terms, done), "127.0.0.1", 0, compression=terms) as server,
                asyncio.TaskGroup() as tasks,
            ):
                tasks.create_task(CLIENTS[name](f"ws://127.0.0.1:{server.port}/", node))  # type: ignore[arg-type]
                await done


def exchanging(terms: Deflate, done: asyncio.Future[None]) -> Callable[[Link], Awaitable[None]]:
    """A handler that does the exchange with whoever comes, and tells how it went."""

    async def attend(link: Link) -> None:
        try:
            await exchange(link, terms)
        except BaseException as error:
            done.set_exception(error)
            raise
        done.set_result(None)

    return attend


# ---------------------------------------------------------------- Node.js


class NodeEchoes:
    """A running `deflate.mjs`."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen(
            ["node", str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def connect(self, url: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{url}\n")
        self._process.stdin.flush()

    def end(self) -> None:
        self._process.communicate()


Node = Callable[[], NodeEchoes]
"""Starts it, at the first call."""


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    running: list[NodeEchoes] = []

    def started() -> NodeEchoes:
        if not running:
            running.append(NodeEchoes(program_beside_ws()))
        return running[0]

    yield started
    for one in running:
        one.end()


def program_beside_ws() -> Path:
    """`deflate.mjs`, where Node.js finds `ws`; that is installed once, and kept between runs."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        no_node("Node.js with npm is not on this machine")
    kept = Path(tempfile.gettempdir()) / "longwire-interop-node"
    if not (kept / "node_modules" / "ws").is_dir():
        aside = Path(tempfile.mkdtemp(prefix="longwire-interop-"))
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", NODE_WS]
        done = subprocess.run(install, cwd=aside, capture_output=True, timeout=60, check=False)
        if done.returncode:
            no_node(f"npm could not install {NODE_WS}: {done.stderr.decode(errors='replace')}")
        with contextlib.suppress(OSError):
            # Another test was faster, if it is there now.
            aside.rename(kept)
        shutil.rmtree(aside, ignore_errors=True)
    program = kept / f"deflate-{os.getpid()}.mjs"
    shutil.copy(HERE / "deflate.mjs", program)
    return program


def no_node(reason: str) -> NoReturn:
    """Skip, unless Node.js is known to be there."""
    if os.environ.get("LONGWIRE_EXPECT_NODE"):
        pytest.fail(reason)
    pytest.skip(reason)
