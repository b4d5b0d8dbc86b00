"""A server whose helper sleeps, two calls away from the coroutine."""

import time as clock

from fastapi import FastAPI, WebSocket

app = FastAPI()


def backoff(attempt: int) -> None:
    clock.sleep(2**attempt)  # LW111


def load(symbol: str) -> dict:
    for attempt in range(3):
        try:
            return read_file(symbol)
        except OSError:
            backoff(attempt)
    return {}


def read_file(symbol: str) -> dict:
    raise OSError(symbol)


@app.websocket("/quotes")
async def quotes(websocket: WebSocket) -> None:
    await websocket.accept()
    while True:
        symbol = await websocket.receive_text()
        await websocket.send_json(load(symbol))
