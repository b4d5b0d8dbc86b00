"""The handler is deep inside, and returns from the function."""

import asyncio

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK


async def reader(url, queue):
    while True:
        try:
            async with connect(url) as connection:
                try:
                    while True:
                        await queue.put(await connection.recv())
                except ConnectionClosedOK:  # LW102
                    return
        except ConnectionClosed:
            await asyncio.sleep(1)
