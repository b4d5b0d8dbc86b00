"""Both are there, however they are handed over."""

import functools
import threading

import websocket


class Feed:
    def __init__(self, url, **options):
        self.app = websocket.WebSocketApp(url)
        self.options = options

    def start(self):
        self.app.run_forever(ping_interval=30, ping_timeout=10)

    def start_by_place(self):
        self.app.run_forever(None, None, 30, 10)

    def start_thread(self):
        threading.Thread(
            target=self.app.run_forever, kwargs={"ping_interval": 20, "ping_timeout": 5}
        ).start()
        threading.Thread(target=self.app.run_forever, kwargs=self.options).start()

    def start_by_partial(self):
        run = functools.partial(self.app.run_forever, ping_interval=20, ping_timeout=5)
        threading.Thread(target=run).start()

    def start_with_options(self):
        self.app.run_forever(**self.options)
