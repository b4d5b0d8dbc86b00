"""Requests that are handed over to threads, as they are, by partial, by lambda, by a helper."""

import asyncio
import functools

import requests
from fastapi import FastAPI, WebSocket
from fastapi.concurrency import run_in_threadpool

app = FastAPI()
session = requests.Session()


def lookup(text):
    return session.get("https://api.example", params={"q": text}, timeout=5).json()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    loop = asyncio.get_running_loop()
    while True:
        text = await websocket.receive_text()
        await websocket.send_json(await asyncio.to_thread(lookup, text))
        await websocket.send_json(await run_in_threadpool(lookup, text))
        await loop.run_in_executor(None, lambda: requests.post("https://hook.example", data=text))
        post = functools.partial(requests.post, "https://hook.example", json={"text": text})
        await loop.run_in_executor(None, post)


@app.get("/health")
def health():
    # A plain endpoint runs in a thread of its own.
    return requests.get("https://api.example/health", timeout=2).json()
