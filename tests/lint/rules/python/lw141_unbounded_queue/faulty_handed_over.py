"""The queue is made in one function, and handed over to the reader and to the writer."""

import asyncio

import aiohttp


async def reader(session, url, inbox):
    async with session.ws_connect(url, heartbeat=20) as ws:
        async for message in ws:
            if message.type == aiohttp.WSMsgType.TEXT:
                await inbox.put(message.json())


async def worker(session, inbox, target):
    while True:
        order = await inbox.get()
        async with session.post(target, json=order) as response:
            response.raise_for_status()


async def main(url, target):
    inbox = asyncio.Queue(maxsize=0)  # LW141
    async with aiohttp.ClientSession() as session:
        await asyncio.gather(reader(session, url, inbox), worker(session, inbox, target))
