"""Values that are only called ws, and functions that make tasks of themselves."""

import asyncio
import functools

import websocket
import websockets


def as_task(function):
    @functools.wraps(function)
    def start(*args):
        return asyncio.get_running_loop().create_task(function(*args))

    return start


class Board:
    def __init__(self, ws):
        self.ws = ws

    def show(self, text):
        self.ws.send(text)

    @as_task
    async def later(self, url):
        async with websockets.connect(url) as link:
            await link.send("later")

    async def run(self, url):
        self.later(url)
        self.show("running")
        self.ws.send("maybe a plain one")


def run(url):
    ws = websocket.create_connection(url)
    ws.send("hello")
    Board(ws).show("world")
