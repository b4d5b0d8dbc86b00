"""The first connect is safe; the one in the handler is not."""

import time

import websocket


class Ticker:
    def __init__(self, url):
        self.url = url

    def run(self):
        ws = websocket.create_connection(self.url, timeout=30)
        while True:
            try:
                self.on_message(ws.recv())
            except (OSError, websocket.WebSocketException):
                time.sleep(2)
                ws = websocket.create_connection(self.url, timeout=30)  # LW108

    def on_message(self, message):
        print(message)
