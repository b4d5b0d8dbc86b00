"""Limits that are given as numbers, and by name."""

import aiohttp
import websockets

LARGEST = 32 * 2**20


async def snapshots(url, handle):
    async with websockets.connect(url, max_size=LARGEST) as ws:
        async for message in ws:
            handle(message)


async def books(url, handle):
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, heartbeat=20, max_msg_size=8 * 2**20) as ws,
    ):
        async for message in ws:
            handle(message.data)
