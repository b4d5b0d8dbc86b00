"""A feed of prices that paces itself by time.sleep."""

import asyncio
import json
import time

import websockets


class PriceFeed:
    def __init__(self, url: str) -> None:
        self.url = url
        self.prices = {}

    def throttle(self) -> None:
        if len(self.prices) > 100:
            time.sleep(0.2)  # LW111

    async def run(self) -> None:
        async with websockets.connect(self.url) as ws:
            await ws.send(json.dumps({"op": "subscribe", "channel": "prices"}))
            async for message in ws:
                tick = json.loads(message)
                self.prices[tick["symbol"]] = tick["price"]
                self.throttle()


async def main() -> None:
    feed = PriceFeed("wss://prices.example/ws")
    while True:
        try:
            await feed.run()
        except websockets.ConnectionClosed:
            time.sleep(5)  # LW111


asyncio.run(main())
