"""The CancelledError of the heartbeat is caught far outside, by what ends the reconnecting."""

import asyncio

import websockets


class Bars:
    def __init__(self, url):
        self.url = url
        self.stopped = False
        self.ws = None

    async def heartbeat(self, ws):
        while not self.stopped:
            try:
                await asyncio.wait_for(await ws.ping(), timeout=15)
            except Exception:
                return
            await asyncio.sleep(15)

    async def run(self):
        while not self.stopped:
            try:
                ws = await websockets.connect(self.url, ping_interval=None)
                beats = asyncio.create_task(self.heartbeat(ws))
                try:
                    async for message in ws:
                        print(message)
                finally:
                    beats.cancel()
                    try:
                        await beats  # LW162
                    except Exception:
                        pass
                    self.ws = None
            except asyncio.CancelledError:
                return
            except Exception:
                await asyncio.sleep(2)
