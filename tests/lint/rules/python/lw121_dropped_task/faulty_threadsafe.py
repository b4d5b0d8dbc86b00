"""Tasks that are started from a thread, and by the class itself."""

import asyncio
import threading

import aiohttp


class Stream:
    def __init__(self, url):
        self.url = url
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def start(self):
        self.loop.call_soon_threadsafe(asyncio.create_task, self.listen())  # LW121

    async def listen(self):
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(self.url, heartbeat=20) as ws:
                asyncio.Task(self.greet(ws))  # LW121
                async for message in ws:
                    print(message.data)

    async def greet(self, ws):
        for word in ("hello", "world"):
            await ws.send_str(word)
