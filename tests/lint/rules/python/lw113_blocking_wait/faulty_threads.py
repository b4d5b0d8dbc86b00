"""A coroutine waits for threads, and for what it has given to its own event loop."""

import asyncio
import threading

import aiohttp


class Recorder:
    def __init__(self, url):
        self.url = url
        self.loop = asyncio.get_event_loop()
        self.worker = threading.Thread(target=self.work)

    def work(self):
        print("works")

    async def flush(self, ws):
        await ws.send_str("flush")

    async def run(self):
        async with aiohttp.ClientSession() as session:
            ws = await session.ws_connect(self.url, heartbeat=30)
            async for message in ws:
                if message.data == "restart":
                    self.restart()
                elif message.data == "flush":
                    asyncio.run_coroutine_threadsafe(self.flush(ws), self.loop).result()  # LW113

    def restart(self):
        self.worker.join()  # LW113
        self.worker = threading.Thread(target=self.work)
        self.worker.start()
