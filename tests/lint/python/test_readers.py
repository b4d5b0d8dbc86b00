"""Receive loops, and which errors end them."""

from __future__ import annotations

import textwrap

from longwire.lint.python.file import PythonFile
from longwire.lint.python.readers import escapes, is_caught, readings, reads
from longwire.lint.python.roles import Role


def known(source: str) -> PythonFile:
    return PythonFile(textwrap.dedent(source))


LOOPS = """
    import json
    import websockets

    async def direct():
        async with websockets.connect("wss://a") as ws:
            async for message in ws:
                json.loads(message)

    async def by_hand():
        ws = await websockets.connect("wss://a")
        while True:
            apply(await ws.recv())

    def apply(message):
        json.loads(message)

    def apart():
        json.loads("")
    """


def test_the_loop_that_comes_by_a_place() -> None:
    """Its own, or that of a caller; with the kind of the connection and the way to it."""
    file = known(LOOPS)
    direct, called, apart = (call.place for call in file.calls(Role.PARSE))
    (reading,) = readings(file, direct)
    assert (reading.loop.node.lineno, reading.kind, reading.way) == (7, "websockets", (direct,))
    (reading,) = readings(file, called)
    assert (reading.loop.node.lineno, len(reading.way)) == (12, 2)
    assert not list(readings(file, apart))
    assert not list(readings(file, called, deep=0))


def test_a_callback_reads_too() -> None:
    """A library calls it with each message, or a method that its class hands down."""
    file = known(
        """
        import json, websocket
        from tornado.websocket import WebSocketHandler

        def on_message(ws, message):
            apply(message)
        def apply(message):
            json.loads(message)
        def on_open(ws):
            json.loads("")
        app = websocket.WebSocketApp("wss://a", on_message=on_message, on_open=on_open)

        class Handler(WebSocketHandler):
            def on_message(self, message):
                json.loads(message)
        """
    )
    found = [reads(file, call.place) for call in file.calls(Role.PARSE)]
    assert found == [True, False, True]


def test_an_error_leaves_a_loop_that_does_not_catch_it() -> None:
    """Whatever is between: a handler in the function that is called, or inside the loop."""
    file = known(LOOPS)
    found = [
        len(list(escapes(file, call.place, {"ValueError"}))) for call in file.calls(Role.PARSE)
    ]
    assert found == [1, 1, 0]


def test_a_handler_that_goes_on_keeps_the_error_inside() -> None:
    """One that leaves the loop does not, nor does one around it."""
    file = known(
        """
        import json, websockets

        async def read(ws: websockets.ClientConnection):
            while True:
                message = await ws.recv()
                try:
                    json.loads(message)
                except ValueError:
                    continue
                try:
                    json.loads(message)
                except ValueError:
                    break

        async def around(ws: websockets.ClientConnection):
            try:
                async for message in ws:
                    json.loads(message)
            except Exception:
                pass
        """
    )
    kept, left, around = (
        list(escapes(file, one.place, {"ValueError"})) for one in file.calls(Role.PARSE)
    )
    assert not kept
    assert left[0].by is not None
    assert left[0].outside is None
    assert around[0].by is None
    assert around[0].outside is not None


def test_an_error_that_is_caught_inside_a_loop() -> None:
    """By its name or by a broad handler."""
    file = known(
        """
        import json
        while True:
            try:
                json.loads("")
            except ValueError:
                pass
        """
    )
    call = next(file.calls(Role.PARSE))
    assert call.loop is not None
    assert is_caught(file, call.place, {"ValueError"}, call.loop)
    assert not is_caught(file, call.place, {"KeyError"}, call.loop)
