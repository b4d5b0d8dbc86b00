"""Who ends first ends the other."""

import asyncio

import websockets
from websockets.asyncio.client import ClientConnection


async def read(link: ClientConnection):
    async for message in link:
        print(message)


async def write(link: ClientConnection, requests: asyncio.Queue):
    while True:
        await link.send(await requests.get())


async def first_completed(link: ClientConnection, requests):
    tasks = [asyncio.create_task(read(link)), asyncio.create_task(write(link, requests))]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()


async def gathered(link: ClientConnection, requests):
    writer = asyncio.create_task(write(link, requests))
    try:
        await asyncio.gather(read(link), writer)
    finally:
        writer.cancel()


async def grouped(url, requests):
    async with websockets.connect(url) as link, asyncio.TaskGroup() as both:
        both.create_task(read(link))
        both.create_task(write(link, requests))
