"""Loops that wait for a condition by asking it again and again."""

import asyncio
import threading
import time

import websocket
import websockets


class Client:
    def __init__(self, url):
        self.url = url
        self.ready = False
        self.outgoing = []
        self.connected = threading.Event()

    async def write(self, ws: websockets.WebSocketClientProtocol):
        while not self.ready:  # LW116
            pass
        while True:  # LW116
            if self.outgoing:
                await ws.send(self.outgoing.pop(0))

    async def keep_alive(self):
        while True:  # LW116
            await asyncio.sleep(0)

    def start(self):
        app = websocket.WebSocketApp(self.url, on_open=lambda app: self.connected.set())
        threading.Thread(target=app.run_forever, daemon=True).start()
        until = time.monotonic() + 10
        while not self.connected.is_set() and time.monotonic() < until:  # LW116
            continue


if __name__ == "__main__":
    Client("wss://a.example").start()
    while True:  # LW116
        pass
