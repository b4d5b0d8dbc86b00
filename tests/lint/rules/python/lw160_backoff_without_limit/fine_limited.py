"""Delays that grow up to a limit, written in several ways."""

import asyncio
import random

import websockets


async def session(url, handle):
    async with websockets.connect(url) as ws:
        async for message in ws:
            handle(message)


async def smaller_of_two(url, handle):
    delay = 1.0
    while True:
        try:
            await session(url, handle)
            delay = 1.0
        except OSError:
            await asyncio.sleep(random.uniform(0, delay))
            delay = min(2 * delay, 60.0)


async def compared(url, handle):
    delay = 1
    while True:
        try:
            await session(url, handle)
        except OSError:
            await asyncio.sleep(delay)
            delay *= 2
            if delay > 60:
                delay = 60


async def right_there(url, handle):
    tries = 0
    while True:
        try:
            await session(url, handle)
        except OSError:
            tries += 1
            await asyncio.sleep(min(2**tries, 60))
