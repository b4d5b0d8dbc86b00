"""What functions are called with."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING

import pytest

from longwire.lint.python.collect import collect
from longwire.lint.python.handed import Handed
from longwire.lint.python.meanings import Meanings

if TYPE_CHECKING:
    from longwire.lint.python.records import Module


def found(module: Module) -> Handed:
    handed = Handed()
    handed.find(Meanings(module))
    return handed


@pytest.mark.parametrize(
    "call",
    [
        "reader(queue, 1)",
        "reader(link=queue)",
        "asyncio.create_task(reader(queue, limit=1))",
        "loop.run_in_executor(None, reader, queue)",
        "threading.Thread(target=reader, args=(queue, 1))",
        "nursery.start_soon(reader, queue)",
    ],
)
def test_who_calls_gives(call: str) -> None:
    """By place or name; directly, or through what calls it later."""
    module = collect(ast.parse(f"def reader(link, limit=None): ...\ndef main(queue):\n  {call}"))
    reader, main = module.functions[1:]
    ((value, caller),) = found(module).values(reader, "link")
    assert ast.unparse(value) == "queue"
    assert caller is main


def test_libraries_give_connections_to_handlers() -> None:
    """By place, by name, to a method, through partial."""
    module = collect(
        ast.parse(
            textwrap.dedent(
                """
                import functools, websockets, websocket
                class Server:
                    async def handle(self, peer): ...
                    def run(self):
                        websockets.serve(self.handle, "", 80)
                def on_message(app, text): ...
                def on_close(app, extra): ...
                websocket.WebSocketApp(
                    "ws://a", on_message=on_message, on_close=functools.partial(on_close, 1)
                )
                """
            )
        )
    )
    given = found(module).first
    assert {one.name: kind for one, kind in given.items()} == {
        "handle": "websockets",
        "on_message": "websocket-client.app",
        "on_close": "websocket-client.app",
    }
