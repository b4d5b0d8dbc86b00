"""run_forever with a dispatcher returns at once; a send hardly waits."""

import asyncio

import rel
import websocket


class Feed:
    def __init__(self, url, handle):
        self.app = websocket.WebSocketApp(url, on_message=lambda app, message: handle(message))

    async def start(self):
        self.app.run_forever(dispatcher=rel, reconnect=5, ping_interval=20, ping_timeout=10)
        await asyncio.sleep(0.1)
        self.app.send("hello")

    async def stop(self):
        self.app.close()


def dispatch(feed: Feed):
    rel.signal(2, rel.abort)
    rel.dispatch()
    print(feed)
