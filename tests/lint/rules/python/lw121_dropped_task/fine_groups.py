"""Groups look after their tasks."""

import asyncio

import anyio
from websockets.asyncio.client import connect


async def read(ws):
    async for message in ws:
        print(message)


async def write(ws, queue):
    while True:
        await ws.send(await queue.get())


async def main(url, queue):
    async with connect(url) as ws, asyncio.TaskGroup() as tg:
        tg.create_task(read(ws))
        tg.create_task(write(ws, queue))


async def main_of_anyio(url, queue):
    async with connect(url) as ws, anyio.create_task_group() as group:
        group.start_soon(read, ws)
        group.start_soon(write, ws, queue)


async def main_of_names(url, queue):
    async with connect(url) as ws:
        reader, writer = asyncio.create_task(read(ws)), asyncio.create_task(write(ws, queue))
        done, pending = await asyncio.wait({reader, writer}, return_when="FIRST_COMPLETED")
        for task in pending:
            task.cancel()
        for task in done:
            task.result()
