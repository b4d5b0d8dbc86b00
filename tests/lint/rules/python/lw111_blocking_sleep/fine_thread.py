"""The sleep is in a thread, where it belongs."""

import asyncio
import threading
import time

import websocket


def poll(stop: threading.Event) -> None:
    while not stop.is_set():
        time.sleep(1)


def settle() -> None:
    time.sleep(0.5)


class Feed:
    def __init__(self, url):
        self.app = websocket.WebSocketApp(url, on_message=self.on_message)

    def on_message(self, app, message):
        print(message)

    def run(self):
        while True:
            self.app.run_forever(ping_interval=20, ping_timeout=10)
            time.sleep(5)


async def main(stop):
    threading.Thread(target=poll, args=(stop,)).start()
    await asyncio.to_thread(settle)
    await asyncio.get_running_loop().run_in_executor(None, Feed("wss://a.example/").run)
