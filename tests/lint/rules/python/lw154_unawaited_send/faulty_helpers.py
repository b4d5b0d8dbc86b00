"""Coroutine functions of the module itself are called like plain ones."""

import json

from websockets.asyncio.client import ClientConnection, connect


async def subscribe(link: ClientConnection, channel: str) -> None:
    await link.send(json.dumps({"op": "subscribe", "channel": channel}))


async def read(link: ClientConnection) -> None:
    async for message in link:
        print(message)


async def main(url: str) -> None:
    async with connect(url) as link:
        subscribe(link, "prices")  # LW154
        if url.endswith("orders"):
            subscribe(link, "orders")  # LW154
        await read(link)
        read(link)  # LW154


def on_timer(link: ClientConnection) -> None:
    link.send("tick")  # LW154
