"""A reader beside a writer, which is over without a word when the connection is lost."""

import asyncio
import json
import logging

import websockets

log = logging.getLogger(__name__)


class Transcriber:
    def __init__(self, url, audio, texts):
        self.url = url
        self.audio = audio
        self.texts = texts
        self.over = False

    async def run(self):
        async with websockets.connect(self.url) as ws:

            async def send(ws):
                while not self.over:
                    await ws.send(await asyncio.wait_for(self.audio.get(), 5))

            async def receive(ws):
                while not self.over:
                    try:
                        told = json.loads(await ws.recv())
                    except websockets.ConnectionClosedError as error:  # LW161
                        log.debug("closed: %s", error)
                        break
                    if told["final"]:
                        self.texts.put_nowait(told["text"])

            await asyncio.gather(send(ws), receive(ws))
