"""Somebody is told: by a flag, an event, a queue, a callback, a close, an error."""

import asyncio
import threading

import websocket
import websockets


class Chat:
    def __init__(self, on_end):
        self.on_end = on_end
        self.connected = False
        self.ended = asyncio.Event()
        self.queue = asyncio.Queue()

    async def by_flag(self, ws: websockets.ClientConnection):
        while True:
            try:
                print(await ws.recv())
            except websockets.ConnectionClosed:
                self.connected = False
                break

    async def by_event(self, ws: websockets.ClientConnection):
        try:
            async for message in ws:
                print(message)
        except websockets.ConnectionClosed:
            print("closed")
        finally:
            self.ended.set()

    async def by_queue(self, ws: websockets.ClientConnection):
        try:
            async for message in ws:
                await self.queue.put(message)
        except websockets.ConnectionClosed:
            print("closed")
        await self.queue.put(None)

    async def by_error(self, ws: websockets.ClientConnection):
        try:
            async for message in ws:
                print(message)
        except websockets.ConnectionClosed:
            print("closed")
            raise

    def by_callback(self, ws: websocket.WebSocket):
        while True:
            try:
                print(ws.recv())
            except OSError as error:
                self.on_end(error)
                return

    async def run(self, ws):
        self.tasks = [
            asyncio.create_task(self.by_flag(ws)),
            asyncio.create_task(self.by_event(ws)),
            asyncio.create_task(self.by_queue(ws)),
            asyncio.create_task(self.by_error(ws)),
        ]
        threading.Thread(target=self.by_callback, args=(ws,)).start()
