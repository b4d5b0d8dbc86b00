"""Slow calls where no event loop runs: before it, and in the threads of other libraries."""

import asyncio
import sqlite3
import subprocess

import websocket
import websockets


class Store:
    def __init__(self, path):
        self.db = sqlite3.connect(path)
        self.db.execute("create table if not exists ticks (text)")

    def on_message(self, app, message):
        self.db.execute("insert into ticks values (?)", (message,))
        self.db.commit()


async def listen(url):
    async with websockets.connect(url) as ws:
        async for message in ws:
            print(message)


def main():
    url = input("url: ")
    subprocess.run(["ping", "-c", "1", url], check=False)
    store = Store("ticks.db")
    websocket.WebSocketApp(url, on_message=store.on_message).run_forever(
        ping_interval=20, ping_timeout=10
    )
    asyncio.run(listen(url))


main()
