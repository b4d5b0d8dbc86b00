"""Readers that end with a global flag, and tasks that are waited for as a list."""

import asyncio

import websockets

running = True


async def read(ws):
    global running
    try:
        while running:
            print(await ws.recv())
    except websockets.ConnectionClosed:
        print("closed")
        running = False


async def read_quietly(ws):
    try:
        while True:
            print(await ws.recv())
    except websockets.ConnectionClosed:
        print("closed")


async def write(ws):
    while running:
        await ws.send(await asyncio.to_thread(input))


async def by_flag(url):
    async with websockets.connect(url) as ws:
        task = asyncio.create_task(read(ws))
        await write(ws)
        task.cancel()


async def by_list(url):
    async with websockets.connect(url) as ws:
        reader = asyncio.create_task(read_quietly(ws))
        writer = asyncio.create_task(write(ws))
        _, pending = await asyncio.wait([reader, writer], return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
