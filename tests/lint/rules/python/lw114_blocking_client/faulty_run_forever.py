"""run_forever in a coroutine, beside another task that never has its turn."""

import asyncio
import logging

from websocket import WebSocketApp

log = logging.getLogger(__name__)


def on_message(app, message):
    log.info("%s", message)


async def report():
    while True:
        await asyncio.sleep(10)
        log.info("alive")


async def feed(url):
    app = WebSocketApp(url, on_message=on_message)
    while True:
        app.run_forever(ping_interval=20, ping_timeout=10)  # LW114
        await asyncio.sleep(5)


async def main():
    await asyncio.gather(feed("wss://a.example/ws"), report())


asyncio.run(main())
