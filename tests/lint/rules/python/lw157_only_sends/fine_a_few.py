"""A handler that sends what it has, and is done; and a client, which is no handler."""

import asyncio

import websockets
from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/snapshot")
async def snapshot(ws: WebSocket):
    await ws.accept()
    for number in range(10):
        await ws.send_json({"number": number})
    await ws.close()


async def report(url, inbox):
    async with websockets.connect(url) as ws:
        while True:
            await ws.send(await inbox.get())


async def main(url):
    await report(url, asyncio.Queue(maxsize=100))
