"""The pause has a condition; a job of a queue comes first."""

import asyncio
import time

import aiohttp
import websocket
import websockets


async def until_stopped(url, stop: asyncio.Event, handle):
    delay = 1
    while not stop.is_set():
        try:
            async with aiohttp.ClientSession() as http, http.ws_connect(url, heartbeat=20) as ws:
                async for message in ws:
                    handle(message.data)
        except Exception as error:
            print(error)
        if not stop.is_set():
            await asyncio.sleep(delay)


class Feed:
    def __init__(self, url, attempts):
        self.url = url
        self.attempts = attempts

    def run(self, handle):
        failed = 0
        while failed < self.attempts:
            try:
                ws = websocket.create_connection(self.url, timeout=10)
                while True:
                    handle(ws.recv())
            except Exception:
                failed += 1
                if failed < self.attempts:
                    time.sleep(2**failed)


class Speaker:
    def work(self, texts, loop):
        while True:
            try:
                text = texts.get(timeout=1)
                future = asyncio.run_coroutine_threadsafe(self.say(text), loop)
                future.result(timeout=10)
            except Exception as error:
                print(error)
                continue

    async def say(self, text):
        async with websockets.connect("wss://voice.example") as ws:
            await ws.send(text)
            print(await ws.recv())
