"""A thread that fills a queue of asyncio, and callbacks of websocket-client that do."""

import asyncio
import threading

import websocket
import websockets


class Ticker(threading.Thread):
    def __init__(self, ticks: asyncio.Queue):
        super().__init__(daemon=True)
        self.ticks: asyncio.Queue = ticks

    def run(self):
        while True:
            self.ticks.put_nowait("tick")  # LW156
            threading.Event().wait(1)


class Bridge:
    def __init__(self, url):
        self.url = url
        self.arrivals: asyncio.Queue[str] = asyncio.Queue()
        self.closed = asyncio.Event()

    def start(self):
        app = websocket.WebSocketApp(
            self.url, on_message=self.on_message, on_close=self.on_close
        )
        threading.Thread(target=app.run_forever, daemon=True).start()
        threading.Thread(target=self.poll).start()

    def on_message(self, app, message):
        self.arrivals.put_nowait(message)  # LW156

    def on_close(self, app, code, reason):
        self.closed.set()  # LW156

    def poll(self):
        for line in open("/dev/ttyS0"):
            self.add(line)

    def add(self, line):
        self.arrivals.put_nowait(line)  # LW156

    async def run(self, target):
        async with websockets.connect(target) as ws:
            while not self.closed.is_set():
                await ws.send(await self.arrivals.get())
