"""Functions that are given the same connection."""

import asyncio

import websockets


async def read_orders(ws, book):
    async for message in ws:
        book.add(message)


async def read_trades(socket, tape):
    while True:
        tape.append(await socket.recv())


async def main(url, book, tape):
    async with websockets.connect(url) as ws:
        await asyncio.gather(read_orders(ws, book), read_trades(ws, tape))  # LW139


async def grouped(url, book, tape):
    async with websockets.connect(url) as link, asyncio.TaskGroup() as group:
        group.create_task(read_orders(link, book))
        group.create_task(read_trades(link, tape))  # LW139
