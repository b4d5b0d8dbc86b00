"""`longwire listen` and `longwire send` against servers that we did not write.

Each server numbers its messages and closes every link with 1012 after five, so that the client has
something to survive. What a machine lacks is skipped, with the reason.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HERE = Path(__file__).parent
NODE_WS = "ws@8"
MESSAGES = 17


@contextlib.asynccontextmanager
async def websockets_server() -> AsyncIterator[int]:
    """The feed on `websockets`."""
    from websockets.asyncio.server import serve

    numbers = iter(range(10_000))

    async def handler(link: Any) -> None:
        for _ in range(5):
            await link.send(f"{next(numbers)} {'x' * 200}")
        await link.close(1012, "restart")

    async def echo(link: Any) -> None:
        async for message in link:
            await link.send(message)

    async def route(link: Any) -> None:
        await (echo if link.request.path == "/echo" else handler)(link)

    async with serve(route, "127.0.0.1", 0) as server:
        yield next(iter(server.sockets)).getsockname()[1]


@contextlib.asynccontextmanager
async def aiohttp_server() -> AsyncIterator[int]:
    """The feed on aiohttp."""
    web = pytest.importorskip("aiohttp.web", reason="aiohttp is not installed")
    numbers = iter(range(10_000))

    async def handler(request: Any) -> Any:
        link = web.WebSocketResponse()
        await link.prepare(request)
        if request.path == "/echo":
            async for message in link:
                await link.send_str(message.data)
            return link
        for _ in range(5):
            await link.send_str(f"{next(numbers)} {'x' * 200}")
        await link.close(code=1012, message=b"restart")
        return link

    app = web.Application()
    app.router.add_get("/", handler)
    app.router.add_get("/echo", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def node_with_ws() -> Path:
    """A folder in which Node finds `ws`; installed once, kept between runs."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node.js with npm is not on this machine")
    folder = Path(tempfile.gettempdir()) / "longwire-interop-node"
    if not (folder / "node_modules" / "ws").is_dir():
        folder.mkdir(exist_ok=True)
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", NODE_WS]
        done = subprocess.run(install, cwd=folder, capture_output=True, timeout=60, check=False)
        if done.returncode:
            pytest.skip(f"npm could not install {NODE_WS}")
    shutil.copy(HERE / "numbered.mjs", folder / "numbered.mjs")
    return folder


@contextlib.asynccontextmanager
async def node_server() -> AsyncIterator[int]:
    """The feed on Node's `ws`."""
    folder = await asyncio.to_thread(node_with_ws)
    process = await asyncio.create_subprocess_exec(
        "node",
        "numbered.mjs",
        cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


SERVERS = {"websockets": websockets_server, "aiohttp": aiohttp_server, "node-ws": node_server}


async def run(*arguments: str) -> tuple[int, str, str]:
    """Run the command line as a user does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "longwire",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


@pytest.mark.timeout(90)
@pytest.mark.parametrize("name", SERVERS)
async def test_listen_survives_restarts(name: str) -> None:
    """Over several links: every number once, in order; each interruption is a deploy-restart."""
    async with SERVERS[name]() as port, asyncio.timeout(60):
        code, out, err = await run(
            "listen", f"ws://127.0.0.1:{port}/", "--json", "--count", str(MESSAGES)
        )
    assert code == 0, err
    events = [json.loads(line) for line in out.splitlines()]
    messages = [event for event in events if event["event"] == "message"]
    numbers = [int(message["text"].split()[0]) for message in messages]
    assert numbers == list(range(MESSAGES))
    recovered = [event for event in events if event["event"] == "recovered"]
    assert len(recovered) >= 3
    assert "deploy-restart" in json.dumps(recovered[0])


@pytest.mark.timeout(90)
@pytest.mark.parametrize("name", ["websockets", "aiohttp"])
async def test_send_gets_its_answer(name: str) -> None:
    """What was sent comes back from an echo, and the link is closed in good order."""
    async with SERVERS[name]() as port, asyncio.timeout(60):
        code, out, err = await run(
            "send", f"ws://127.0.0.1:{port}/echo", "hello, wörld", "--expect", "1"
        )
    assert (code, out.strip()) == (0, "hello, wörld"), err
