"""Regular messages, and a helper that knows what to send."""

import asyncio

import psutil
from starlette.websockets import WebSocket

from application.server import router


def load():
    return {"cpu": psutil.cpu_percent(), "memory": psutil.virtual_memory().percent}


@router.websocket("/load")
async def load_of_the_machine(websocket: WebSocket):
    await websocket.accept()
    while True:
        await websocket.send_json(load())  # LW157
        await asyncio.sleep(1)
