"""What a client waits for in front of its receive loop."""

import pytest

from longwire.lint.python.answers import is_first_answer
from longwire.lint.python.file import PythonFile

OPENING = "import asyncio, aiohttp, websocket, websockets\n"


@pytest.mark.parametrize(
    ("program", "first"),
    [
        (
            """
async def f(url):
    ws = await websockets.connect(url)
    await ws.recv()
    async for m in ws: ...
""",
            [True],
        ),
        (
            """
async def f(url):
    ws = await websockets.connect(url)
    async for m in ws: ...
    await ws.recv()
""",
            [False],
        ),
        (
            """
async def f(url):
    async for ws in websockets.connect(url):
        await ws.recv()
        while True:
            await ws.recv()
""",
            [True, False],
        ),
        (
            """
class A:
    async def open(self):
        self.ws = await websockets.connect(url)
        await self.ws.recv()
    async def run(self):
        async for m in self.ws: ...
""",
            [True],
        ),
        (
            """
class A:
    async def open(self):
        self.ws = await websockets.connect(url)
        await self.ws.recv()
    async def run(self):
        await asyncio.wait_for(self.open(), 5)
        async for m in self.ws: ...
""",
            [False],
        ),
        (
            """
class A:
    async def ask(self, question):
        async with websockets.connect(url) as ws:
            await ws.send(question)
            return await ws.recv()
    async def run(self):
        self.ws = await websockets.connect(url)
        async for m in self.ws: ...
    async def request(self, what):
        await self.ws.send(what)
        return await self.ws.recv()
""",
            [False, False],
        ),
        (
            """
def f(url):
    ws = websocket.create_connection(url)
    ws.recv()
    while True: ws.recv()
""",
            [False, False],
        ),
    ],
    ids=["before", "behind", "connect-loop", "methods", "limited-call", "requests", "blocking"],
)
def test_first_answers(program: str, first: list[bool]) -> None:
    """Those in front of the loop, where nothing limits them."""
    file = PythonFile(OPENING + program)
    assert [is_first_answer(call, file) for call in file.receives()] == first
