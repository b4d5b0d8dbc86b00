"""Switched off, in a class and in a helper."""

import json

import websockets
from websockets.sync.client import connect as connect_sync


class Feed:
    async def run(self, url):
        async with websockets.connect(
            url,
            ping_interval=None,  # LW131
            max_size=2**24,
        ) as ws:
            await ws.send(json.dumps({"op": "subscribe", "args": ["trades"]}))
            async for message in ws:
                self.on_message(json.loads(message))

    def on_message(self, message):
        print(message)


def tail(url):
    with connect_sync(url, ping_interval=0) as ws:  # LW131
        for message in ws:
            print(message)
