"""What is caught is the end of another task, which was cancelled here."""

import asyncio
import contextlib

import websockets


async def reconnect(url, beat):
    while True:
        async with websockets.connect(url) as ws:
            task = asyncio.create_task(beat(ws))
            async for message in ws:
                print(message)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await asyncio.sleep(1)


async def stop(tasks):
    while tasks:
        task = tasks.pop()
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass


async def for_each(tasks):
    for task in tasks:
        try:
            await asyncio.wait_for(task, 1)
        except (asyncio.CancelledError, asyncio.TimeoutError):
            continue
