"""`longwire listen` and `longwire send` against servers that we did not write.

Each server numbers its messages over all links, five on each. What a machine lacks is skipped, with
the reason; where ``LONGWIRE_EXPECT_TOOLS`` names it, its absence is a failure.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import sys
from typing import TYPE_CHECKING, Any, Protocol, Self

import pytest

from tests.interop.needs import need
from tests.interop.toolchains import node

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import TracebackType

LIFE = 5
"""Messages on each link."""
FILLING = "x" * 200
DEADLINE = 60

pytestmark = pytest.mark.timeout(700)  # a first build of the Node feed is part of it


class Server(Protocol):
    """A feed that can be restarted: ``async with Server() as server:``."""

    port: int

    async def restart(self) -> None:
        """End every link with 1001, close the port, and listen there again."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Ours:
    """What servers in this process share: begin and end, and a port that is kept."""

    def __init__(self) -> None:
        self.port = 0
        self.numbers = iter(range(10_000))

    async def start(self) -> None:
        raise NotImplementedError

    async def stop(self) -> None:
        raise NotImplementedError

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()


class WebsocketsServer(Ours):
    """The feed on `websockets`."""

    async def start(self) -> None:
        from websockets.asyncio.server import serve

        self._server = await serve(self._attend, "127.0.0.1", self.port)
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _attend(self, link: Any) -> None:
        if link.request.path == "/echo":
            async for message in link:
                await link.send(message)
            return
        for _ in range(LIFE):
            await link.send(f"{next(self.numbers)} {FILLING}")
        if link.request.path == "/":
            await link.close(1012, "restart")
        await link.wait_closed()


class AiohttpServer(Ours):
    """The feed on aiohttp."""

    async def start(self) -> None:
        web = pytest.importorskip("aiohttp.web", reason="aiohttp is not installed")
        self._links: set[Any] = set()
        app = web.Application()
        for path in ("/", "/steady", "/echo"):
            app.router.add_get(path, self._attend)
        app.on_shutdown.append(self._say_goodbye)
        self._runner = web.AppRunner(app, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _say_goodbye(self, _: object) -> None:
        for link in list(self._links):
            await link.close(code=1001, message=b"going away")

    async def _attend(self, request: Any) -> Any:
        from aiohttp import WSMsgType, web

        link = web.WebSocketResponse()
        await link.prepare(request)
        self._links.add(link)
        try:
            if request.path != "/echo":
                for _ in range(LIFE):
                    await link.send_str(f"{next(self.numbers)} {FILLING}")
            if request.path == "/":
                await link.close(code=1012, message=b"restart")
            async for message in link:
                if message.type is WSMsgType.BINARY:
                    await link.send_bytes(message.data)
                else:
                    await link.send_str(message.data)
        finally:
            self._links.discard(link)
        return link


class NodeServer:
    """The feed on Node's `ws`, in a process of its own."""

    port = 0

    async def restart(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(b"restart\n")
        assert await self._listening() == self.port

    async def _listening(self) -> int:
        assert self._process.stdout is not None
        return int(await self._process.stdout.readline())

    async def __aenter__(self) -> Self:
        command = await asyncio.to_thread(need, functools.partial(node, "numbered.mjs"))
        self._process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self.port = await self._listening()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()


SERVERS: dict[str, type[Server]] = {
    "websockets": WebsocketsServer,
    "aiohttp": AiohttpServer,
    "node-ws": NodeServer,
}


@contextlib.asynccontextmanager
async def longwire(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the command line as a user does; it must be over when the block is left."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "longwire",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def run(*arguments: str) -> tuple[int, str, str]:
    """Run it to its end."""
    async with longwire(*arguments) as process:
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()


def numbers_in(events: list[dict[str, Any]]) -> list[int]:
    """The numbers of the messages among them, in order."""
    return [int(each["text"].split()[0]) for each in events if each["event"] == "message"]


@pytest.mark.parametrize("name", SERVERS)
async def test_listen_survives_closes(name: str) -> None:
    """The server ends each link after five: every number once, in order; each end is named."""
    count = 17
    async with asyncio.timeout(DEADLINE), SERVERS[name]() as server:
        code, out, err = await run(
            "listen", f"ws://127.0.0.1:{server.port}/", "--json", "--count", str(count)
        )
    assert code == 0, err
    events = [json.loads(line) for line in out.splitlines()]
    assert numbers_in(events) == list(range(count))
    kinds = [each["event"] for each in events if each["event"] != "message"]
    assert kinds == [*["interrupted", "recovered"] * 3, "end"]
    assert {each["cause"] for each in events if each["event"] == "recovered"} == {"deploy-restart"}


@pytest.mark.parametrize("name", SERVERS)
async def test_listen_survives_restarts(name: str) -> None:
    """The server itself goes away and comes back, twice: exact counts, and nothing twice."""
    async with asyncio.timeout(DEADLINE), SERVERS[name]() as server:
        url = f"ws://127.0.0.1:{server.port}/steady"
        async with longwire("listen", url, "--json", "--count", str(3 * LIFE)) as process:
            assert process.stdout is not None
            events: list[dict[str, Any]] = []
            async for line in process.stdout:
                events.append(json.loads(line))
                if events[-1]["event"] == "message" and len(numbers_in(events)) in {LIFE, 2 * LIFE}:
                    await server.restart()
            assert await process.wait() == 0
    assert numbers_in(events) == list(range(3 * LIFE))
    kinds = [each["event"] for each in events]
    once = ["message"] * LIFE
    assert kinds == [*[*once, "interrupted", "recovered"] * 2, *once, "end"]
    for each in events:
        if each["event"] in {"interrupted", "recovered"}:
            assert (each["cause"], each["blame"]) == ("deploy-restart", "peer")
    end = events[-1]
    assert (end["received_total"], end["links_total"]) == (3 * LIFE, 3)
    assert (end["interruptions_total"], end["causes"]) == (2, ["deploy-restart"])


@pytest.mark.parametrize("name", SERVERS)
async def test_send_gets_its_answers(name: str) -> None:
    """What was sent comes back from an echo, and the link is closed in good order."""
    async with asyncio.timeout(DEADLINE), SERVERS[name]() as server:
        url = f"ws://127.0.0.1:{server.port}/echo"
        code, out, err = await run("send", url, "hello, wörld", "x" * 100_000, "--expect", "2")
        assert (code, out.splitlines()) == (0, ["hello, wörld", "x" * 100_000]), err
        code, out, err = await run("send", url, "hellö", "--binary", "--expect", "1", "--json")
    assert code == 0, err
    answer, end = (json.loads(line) for line in out.splitlines())
    assert answer == {"event": "message", "data_base64": "aGVsbMO2"}
    assert (end["sent_total"], end["answers_total"], end["close_code"]) == (1, 1, 1000)
