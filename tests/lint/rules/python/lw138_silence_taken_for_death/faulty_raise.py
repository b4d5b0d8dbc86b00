"""Raises an error of its own."""

import asyncio

import websockets


class Stalled(Exception):
    pass


async def follow(ws: websockets.ClientConnection, handle):
    while True:
        try:
            async with asyncio.timeout(5):
                message = await ws.recv()
        except TimeoutError as error:  # LW138
            raise Stalled("no message for 5 s") from error
        handle(message)
