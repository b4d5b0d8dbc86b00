"""Another run_forever: the event loop's; and a watchdog of its own."""

import asyncio
import threading
import time

import websocket


def run_loop(main):
    loop = asyncio.new_event_loop()
    loop.create_task(main())
    loop.run_forever()


class Watched:
    def __init__(self, url):
        self.last_message = time.monotonic()
        self.app = websocket.WebSocketApp(url, on_message=self.on_message)

    def on_message(self, app, message):
        self.last_message = time.monotonic()

    def watchdog(self):
        while True:
            time.sleep(5)
            if time.monotonic() - self.last_message > 30:
                self.app.close()

    def run(self):
        threading.Thread(target=self.watchdog, daemon=True).start()
        self.app.run_forever()
