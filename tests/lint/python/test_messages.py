"""What is done for each message."""

from __future__ import annotations

import ast
import textwrap

from longwire.lint.python.file import PythonFile


def between(source: str) -> dict[str, str | None]:
    """For each call, the function that receives the messages for each of which it is made."""
    file = PythonFile(textwrap.dedent(source))
    return {
        ast.unparse(one.node.func): file.messages.between(one) for one in file.module.calls.values()
    }


def test_calls_in_receive_loops_and_what_they_call() -> None:
    """By however many functions; what is before the loop is done once."""
    found = between(
        """
        import websockets
        def store(x): deeper(x)
        def deeper(x): write(x)
        def once(): open_file()
        async def run(url):
            once()
            async with websockets.connect(url) as ws:
                greet(await ws.recv())
                async for message in ws:
                    store(message)
        """
    )
    assert found["store"] == found["deeper"] == found["write"] == "run"
    assert found["open_file"] is None
    assert found["greet"] is None


def test_a_while_loop_that_receives() -> None:
    """And a loop inside it, which does not."""
    found = between(
        """
        import websockets
        async def run(ws: websockets.WebSocketClientProtocol):
            while True:
                message = await ws.recv()
                for word in message.split():
                    show(word)
            end()
        """
    )
    assert found["show"] == "run"
    assert found["end"] is None


def test_callbacks_on_the_event_loop() -> None:
    """Of tornado; those of websocket-client have a thread of their own."""
    found = between(
        """
        import tornado.websocket, websocket
        class Handler(tornado.websocket.WebSocketHandler):
            def on_message(self, message):
                self.store(message)
            def store(self, message):
                write(message)
        class Client:
            def on_message(self, app, message):
                show(message)
        """
    )
    assert found["write"] == "on_message"
    assert found["show"] is None


def test_functions_that_call_each_other() -> None:
    """Are looked at once."""
    found = between(
        """
        import websockets
        def ping(x): pong(x)
        def pong(x): ping(x)
        async def run(ws: websockets.WebSocketClientProtocol):
            async for message in ws:
                ping(message)
        """
    )
    assert found["pong"] == "run"
