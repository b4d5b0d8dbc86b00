"""The blocking client in a thread of its own, which hands its messages over."""

import asyncio
import threading

import websocket


class Feed:
    def __init__(self, url, loop, arrivals):
        self.url = url
        self.loop = loop
        self.arrivals = arrivals

    def run(self):
        ws = websocket.create_connection(self.url, timeout=30)
        while True:
            message = ws.recv()
            self.loop.call_soon_threadsafe(self.arrivals.put_nowait, message)

    def start(self):
        threading.Thread(target=self.run, daemon=True).start()


async def main(url):
    arrivals = asyncio.Queue()
    Feed(url, asyncio.get_running_loop(), arrivals).start()
    app = websocket.WebSocketApp(url, on_message=print)
    asyncio.get_running_loop().run_in_executor(None, app.run_forever)
    ws = await asyncio.to_thread(websocket.create_connection, url)
    while True:
        print(await arrivals.get(), await asyncio.to_thread(ws.recv))
