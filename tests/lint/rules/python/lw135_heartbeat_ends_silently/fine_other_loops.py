"""Loops that are no heartbeats: a writer, a reader that answers, one that is awaited."""

import asyncio

import websockets


async def writer(ws: websockets.ClientConnection, queue: asyncio.Queue):
    try:
        for text in range(10):
            await ws.send(str(text))
    except Exception:
        return


async def answers(ws: websockets.ClientConnection):
    while True:
        try:
            await ws.send((await ws.recv()).upper())
        except Exception:
            break
        await asyncio.sleep(0.1)


async def awaited(ws: websockets.ClientConnection):
    while True:
        try:
            await ws.send("tick")
            await asyncio.sleep(1)
        except Exception:
            break


async def main(ws, queue):
    tasks = [asyncio.create_task(writer(ws, queue)), asyncio.create_task(answers(ws))]
    await awaited(ws)
    await asyncio.wait(tasks)
