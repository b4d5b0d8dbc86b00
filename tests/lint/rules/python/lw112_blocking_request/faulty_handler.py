"""A tornado handler, whose plain methods run on the event loop, and an aiohttp client with httpx."""

import json

import httpx
import tornado.web
import tornado.websocket
from aiohttp import ClientSession, WSMsgType


class Relay(tornado.websocket.WebSocketHandler):
    clients: set["Relay"] = set()

    def open(self):
        self.clients.add(self)

    def on_message(self, message):
        answer = httpx.post("https://api.example/relay", content=message)  # LW112
        self.write_message(answer.text)

    def on_close(self):
        self.clients.discard(self)


class Feed:
    def __init__(self, url):
        self.url = url
        self.http = httpx.Client(timeout=5)

    async def run(self):
        async with ClientSession() as session, session.ws_connect(self.url, heartbeat=20) as ws:
            async for message in ws:
                if message.type == WSMsgType.TEXT:
                    tick = json.loads(message.data)
                    self.http.put("https://store.example/ticks", json=tick)  # LW112


app = tornado.web.Application([("/relay", Relay)])
