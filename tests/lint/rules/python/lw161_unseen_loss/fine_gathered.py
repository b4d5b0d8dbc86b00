"""Readers beside writers that warn, that let the error go, and that are a server's."""

import asyncio
import logging

import websockets

log = logging.getLogger(__name__)


async def receive_and_warn(ws, handle):
    while True:
        try:
            handle(await ws.recv())
        except websockets.ConnectionClosed as error:
            log.warning("closed: %s", error)
            break


async def receive_or_fail(ws, handle):
    async for message in ws:
        handle(message)
    raise ConnectionError("the feed has ended")


async def send(ws, queue):
    while True:
        await ws.send(await queue.get())


async def run(url, queue, handle):
    async with websockets.connect(url) as ws:
        await asyncio.gather(send(ws, queue), receive_and_warn(ws, handle))


async def run_strictly(url, queue, handle):
    async with websockets.connect(url) as ws:
        await asyncio.gather(send(ws, queue), receive_or_fail(ws, handle))
