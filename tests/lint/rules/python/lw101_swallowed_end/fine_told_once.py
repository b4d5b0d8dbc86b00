"""Starlette tells the end once; the next receive gets another error, and that leaves the loop."""

import json

from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect


class Calls:
    def __init__(self, websocket: WebSocket, queue):
        self.websocket = websocket
        self.queue = queue

    async def listen(self):
        while True:
            try:
                packet = json.loads(await self.websocket.receive_text())
                self.queue.put_nowait(packet)
            except WebSocketDisconnect as end:
                print("hung up", end.code)
            except Exception as error:
                print("over", error)
                self.queue.put_nowait(None)
                break


async def rooms(websocket: WebSocket):
    while True:
        async for text in websocket.iter_text():
            print(text)
        return
