"""The flag is one that asks for a new connection."""

import time

import websocket

again = False


def on_error(ws, error):
    print("error", error)
    again = False  # a name of its own
    return again


class Feed:
    def __init__(self, url):
        self.url = url
        self.lost = 0

    def on_error(self, ws, error):
        self.lost += 1

    def run(self):
        while self.lost < 100:
            app = websocket.WebSocketApp(self.url, on_error=self.on_error)
            app.run_forever(ping_interval=20, ping_timeout=10)
            time.sleep(1)

    def run_plainly(self):
        while again or True:
            app = websocket.WebSocketApp(self.url, on_error=on_error)
            app.run_forever(ping_interval=20, ping_timeout=10)
            time.sleep(1)
