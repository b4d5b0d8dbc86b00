"""A chat bot that asks an HTTP service for each message, by helpers of its class."""

import asyncio
import json
import logging

import requests
import websockets

log = logging.getLogger(__name__)


class Bot:
    def __init__(self, url, api):
        self.url = url
        self.api = api
        self.session = requests.Session()

    def lookup(self, text):
        answer = self.session.get(self.api, params={"q": text}, timeout=10)  # LW112
        return answer.json()["answer"]

    def answer(self, text):
        try:
            return self.lookup(text)
        except requests.RequestException:
            log.exception("no answer")
            return "?"

    async def run(self):
        async with websockets.connect(self.url) as ws:
            await self.report("up")
            async for message in ws:
                await ws.send(json.dumps({"text": self.answer(message)}))

    async def report(self, state):
        requests.post(f"{self.api}/state", json={"state": state})  # LW112


asyncio.run(Bot("wss://chat.example/ws", "https://api.example").run())
