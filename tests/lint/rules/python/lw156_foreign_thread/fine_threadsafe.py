"""The ways that are safe."""

import asyncio
import threading

import websocket
import websockets


class Bridge:
    def __init__(self, url, loop):
        self.url = url
        self.loop = loop
        self.arrivals: asyncio.Queue[str] = asyncio.Queue()
        self.closed = asyncio.Event()
        self.ws: websockets.WebSocketClientProtocol | None = None

    def start(self):
        app = websocket.WebSocketApp(
            self.url, on_message=self.on_message, on_close=self.on_close
        )
        pings = {"ping_interval": 20, "ping_timeout": 10}
        threading.Thread(target=app.run_forever, kwargs=pings, daemon=True).start()

    def on_message(self, app, message):
        self.loop.call_soon_threadsafe(self.arrivals.put_nowait, message)
        self.loop.call_soon_threadsafe(lambda: self.arrivals.put_nowait(message))

    def on_close(self, app, code, reason):
        self.loop.call_soon_threadsafe(self.closed.set)
        asyncio.run_coroutine_threadsafe(self.ws.close(), self.loop).result(5)

    async def run(self, target):
        self.ws = await websockets.connect(target)
        while True:
            await self.ws.send(await self.arrivals.get())
            self.arrivals.put_nowait("again")
