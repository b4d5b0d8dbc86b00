"""Tasks that do one piece of work, whose failure nobody hears of."""

import asyncio
import json

import httpx
import websockets
from fastapi import FastAPI, WebSocket

app = FastAPI()


async def store(message):
    async with httpx.AsyncClient() as client:
        answer = await client.post("https://store.example/messages", json=message)
        answer.raise_for_status()


@app.websocket("/ws")
async def chat(ws: WebSocket):
    await ws.accept()
    async for text in ws.iter_text():
        asyncio.create_task(store(json.loads(text)))  # LW121


class Bot:
    def __init__(self, url):
        self.url = url

    async def greet(self, name):
        async with websockets.connect(self.url) as ws:
            await ws.send(json.dumps({"hello": name}))

    async def joined(self, name):
        asyncio.ensure_future(self.greet(name))  # LW121
