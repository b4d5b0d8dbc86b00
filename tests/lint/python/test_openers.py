"""Who has opened a connection."""

from __future__ import annotations

import ast
import textwrap

from longwire.lint.python.file import PythonFile
from longwire.lint.python.openers import is_client, is_open, kept_connections


def known(source: str) -> PythonFile:
    return PythonFile(textwrap.dedent(source))


def test_a_client_has_opened_its_connections_itself() -> None:
    """A handler that a server calls has not, nor has a module that only serves."""
    file = known(
        """
        import websockets

        async def handler(ws): ...
        async def client():
            async with websockets.connect("wss://a") as ws: ...
        async def main():
            await websockets.serve(handler, "", 1)
        """
    )
    named = {one.name: one for one in file.module.functions}
    assert is_client(file, named["client"], "websockets")
    assert is_client(file, named["client"], None)
    assert not is_client(file, named["handler"], "websockets")
    assert not is_client(file, named["client"], "starlette")
    assert not is_client(file, named["client"], "aiohttp")


def test_a_module_that_does_not_connect_is_no_client() -> None:
    """Somebody else gives it its connections."""
    file = known("import websockets\nasync def read(ws: websockets.ServerConnection): ...")
    assert not is_client(file, file.module.functions[1], "websockets")


def test_what_is_opened_before() -> None:
    """In the same function, in front of a call."""
    file = known(
        """
        import websockets

        async def client(url):
            early()
            ws = await websockets.connect(url)
            late()
        """
    )
    asked = {
        one.node.func.id: is_open(one, file)
        for one in file.module.calls.values()
        if isinstance(one.node.func, ast.Name)
    }
    assert asked == {"early": False, "late": True}


def test_connections_that_outlive_a_coroutine() -> None:
    """Of its object or its module, in it or in what it calls; not its own, nor what it is given."""
    file = known(
        """
        import websockets

        CLIENTS: set[websockets.ServerConnection] = set()
        class Feed:
            def __init__(self, ws: websockets.ClientConnection):
                self.ws = ws
            async def tell(self):
                await self.ws.send("x")
            async def ask(self):
                await self.tell()
        async def tell_all():
            for client in CLIENTS: await client.send("x")
        async def tell_these(clients: set[websockets.ServerConnection]):
            for client in clients: await client.send("x")
        async def own(url):
            ws = await websockets.connect(url)
            await ws.send("x")
        """
    )
    found = {one.name: list(kept_connections(one, file, 1)) for one in file.module.functions[2:]}
    assert found == {
        "tell": ["self.ws.send"],
        "ask": ["self.ws.send"],
        "tell_all": ["client.send"],
        "tell_these": [],
        "own": [],
    }
