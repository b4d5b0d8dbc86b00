"""What expressions mean: connections by however many corners, receives, blocking calls."""

from __future__ import annotations

import ast
import textwrap

import pytest

from longwire.lint.python.collect import collect
from longwire.lint.python.meanings import Meanings
from longwire.lint.python.roles import Role


def meanings(source: str) -> Meanings:
    return Meanings(collect(ast.parse(textwrap.dedent(source))))


def kinds_of_receivers(source: str) -> list[str | None]:
    """The kinds of the connections that calls of recv, receive and the like are made on."""
    known = meanings(source)
    return [
        known.connection(call)
        for call in known.module.calls.values()
        if isinstance(call.node.func, ast.Attribute)
        and call.node.func.attr in ("recv", "receive", "receive_text", "read_message")
    ]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (
            """
            import websockets
            async def run(url):
                link = await websockets.connect(url)
                await link.recv()
            """,
            "websockets",
        ),
        (
            """
            from websockets.asyncio.client import connect as dial
            async def run(url):
                async with dial(url) as link:
                    await link.recv()
            """,
            "websockets",
        ),
        (
            """
            import asyncio, websockets.client as w
            class Feed:
                async def open(self):
                    self.link = await asyncio.wait_for(w.connect(self.url), 10)
                async def read(self):
                    return await self.link.recv()
            """,
            "websockets",
        ),
        (
            """
            import websockets
            async def reader(link):
                await link.recv()
            async def main(url):
                async with websockets.connect(url) as made:
                    await reader(made)
            """,
            "websockets",
        ),
        (
            """
            import asyncio, websockets
            class Server:
                async def handle(self, peer):
                    await peer.recv()
                async def main(self):
                    async with websockets.serve(self.handle, "", 80):
                        await asyncio.Future()
            """,
            "websockets",
        ),
        (
            """
            import websockets
            async def reader(url):
                async for link in websockets.connect(url):
                    await link.recv()
            """,
            "websockets",
        ),
        (
            """
            import aiohttp
            class Feed:
                def __init__(self, session: aiohttp.ClientSession | None = None):
                    self._session = session or aiohttp.ClientSession()
                    self._sock: "aiohttp.ClientWebSocketResponse | None" = None
                async def read(self):
                    self._sock = await self._session.ws_connect("ws://a")
                    await self._sock.receive()
            """,
            "aiohttp",
        ),
        (
            """
            from aiohttp import web
            async def handler(request):
                peer = web.WebSocketResponse()
                await peer.prepare(request)
                await peer.receive()
            """,
            "aiohttp",
        ),
        (
            """
            from fastapi import FastAPI, WebSocket
            @FastAPI().websocket("/")
            async def endpoint(peer: WebSocket):
                await peer.receive_text()
            """,
            "starlette",
        ),
        (
            """
            from websocket import create_connection
            def run(url):
                conn = create_connection(url)
                conn.recv()
            """,
            "websocket-client",
        ),
        (
            """
            from tornado.websocket import websocket_connect
            async def run(url):
                conn = await websocket_connect(url)
                await conn.read_message()
            """,
            "tornado.client",
        ),
        (
            """
            import threading, websocket
            def reader(conn):
                conn.recv()
            def main(url):
                conn = websocket.WebSocket()
                threading.Thread(target=reader, args=(conn,)).start()
            """,
            "websocket-client",
        ),
        (
            """
            import websockets
            async def opened(url) -> websockets.ClientConnection:
                return await somewhere(url)
            async def run(url):
                link = await opened(url)
                await link.recv()
            """,
            "websockets",
        ),
        (
            """
            import websockets
            async def opened(url):
                return await websockets.connect(url)
            async def run(url):
                await (await opened(url)).recv()
            """,
            "websockets",
        ),
        (
            """
            from starlette.websockets import WebSocket
            class Room:
                def __init__(self):
                    self.members: dict[str, WebSocket] = {}
                async def ask(self):
                    for name, member in self.members.items():
                        await member.receive_text()
            """,
            "starlette",
        ),
        (
            """
            import websockets
            peers = set()
            async def handle(peer: websockets.ServerConnection):
                peers.add(peer)
            async def ask():
                for one in list(peers):
                    await one.recv()
            """,
            "websockets",
        ),
        (
            """
            import websockets
            class Base:
                async def open(self, url):
                    self.link = await websockets.connect(url)
            class Feed(Base):
                async def read(self):
                    await self.link.recv()
            """,
            "websockets",
        ),
        (
            """
            import websockets
            class Feed:
                async def open(self, url):
                    self.link = await websockets.connect(url)
            async def main(url):
                feed = Feed()
                await feed.open(url)
                await feed.link.recv()
            """,
            "websockets",
        ),
        (
            """
            from .net import opened
            async def run(url):
                ws = await opened(url)
                await ws.recv()
            """,
            "websocket?",
        ),
        (
            """
            async def run(queue, channel):
                await queue.receive()
            """,
            None,
        ),
        (
            """
            from websockets import connect
            async def run(connect, url):
                link = await connect(url)
                await link.recv()
            """,
            None,
        ),
    ],
)
def test_which_connection_is_received_from(source: str, kind: str | None) -> None:
    """Through names, attributes, parameters, collections, annotations, returns."""
    assert kinds_of_receivers(source) == [kind]


def test_a_value_that_is_made_of_itself_has_no_kind() -> None:
    """However long the circle is."""
    assert kinds_of_receivers(
        """
        async def run(a):
            b = a
            a = b
            c = [c for c in c]
            await a.recv()
        """
    ) == [None]


def test_what_a_function_does_is_what_it_calls() -> None:
    """Through several functions; those that call each other, too."""
    known = meanings(
        """
        import asyncio, time, websockets
        class Feed:
            async def run(self):
                while True:
                    await self.once()
            async def once(self):
                async with websockets.connect("ws://a") as link:
                    async for message in link:
                        self.handle(message)
            def handle(self, message):
                time.sleep(1)
                self.run()
        async def idle():
            await asyncio.sleep(1)
        """
    )
    does = {one.name: known.does(one) for one in known.module.functions}
    assert does["run"] == Role.CONNECT | Role.RECEIVE | Role.BLOCK | Role.PAUSE
    assert does["idle"] == Role.PAUSE


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("self.method", "method"),
        ("functools.partial(function, 1)", "function"),
        ("lambda ws: function(ws)", "function"),
        ("feed.method", "method"),
        ("unknown", None),
        ("feed.unknown", None),
    ],
)
def test_which_function_an_expression_stands_for(expression: str, name: str | None) -> None:
    """Callbacks are written in many ways."""
    known = meanings(
        f"""
        import functools
        def function(ws): ...
        class Feed:
            def method(self):
                feed = Feed()
                call({expression})
        """
    )
    (call,) = (one for one in known.module.calls.values() if ast.unparse(one.node.func) == "call")
    found = known.function(call.node.args[0], call.function)
    assert (None if found is None else found.name) == name


def test_loops_over_connections() -> None:
    """Over the connection itself, or over one of its iterators."""
    known = meanings(
        """
        import longwire, websockets
        from fastapi import WebSocket
        async def run(ws: WebSocket, link: websockets.ClientConnection, client: longwire.Client):
            async for a in link: ...
            async for b in ws.iter_text(): ...
            async for c in client.batches(): ...
            async for d in other(): ...
            for e in range(3): ...
        """
    )
    loops = known.module.functions[1].loops
    assert [known.received_over(one) for one in loops] == [
        "websockets", "starlette", "longwire", None, None,
    ]  # fmt: skip


def test_a_sleep_of_nothing_only_yields() -> None:
    """The others have their turn; it is no pause."""
    known = meanings(
        """
        import asyncio
        async def run(time):
            await asyncio.sleep(0)
            await asyncio.sleep(time)
            await asyncio.sleep(1)
        """
    )
    roles = [known.known(one).role for one in known.module.calls.values()]
    assert roles == [Role.YIELD, Role.PAUSE, Role.PAUSE]


def test_a_part_of_a_kit_is_of_the_same_kind() -> None:
    """Only of a kit whose every call is a request."""
    known = meanings(
        """
        import openai
        client = openai.OpenAI()
        def ask():
            client.chat.completions.create(model="x")
        """
    )
    last = list(known.module.calls.values())[-1]
    assert known.known(last).role is Role.BLOCK


def test_the_ways_in_which_a_value_is_bound() -> None:
    """Of a name, and of an attribute; nothing for what is no such thing."""
    known = meanings(
        """
        class Client:
            def __init__(self):
                self.task = None
                self.task = start()
            def stop(self, other):
                task = self.task
                use(task, self.task, other.task, self.nothing)
        """
    )
    stop = next(one for one in known.module.functions if one.name == "stop")
    arguments = stop.calls[0].node.args
    assert [len(known.bindings(one, stop)) for one in arguments] == [1, 2, 0, 0]
