"""A callback that returns."""

import threading
import time

import websocket


class Client:
    def __init__(self, url):
        self.ws = websocket.create_connection(url, timeout=None)
        threading.Thread(target=self.beat, daemon=True).start()

    def beat(self):
        while True:
            self.ws.send("ping")
            time.sleep(15)

    def on_text(self, text, handle):
        if text == "pong":  # LW134
            return
        handle(text)

    def run(self, handle):
        while True:
            self.on_text(self.ws.recv(), handle)
