"""A blocking client that logs in once."""

import json
import time

import websocket


class Ticker:
    def __init__(self, url, token):
        self.url = url
        self.ws = websocket.create_connection(url, timeout=30)
        self.ws.send(json.dumps({"action": "auth", "token": token}))

    def reconnect(self):
        time.sleep(2)
        self.ws = websocket.create_connection(self.url, timeout=30)

    def run(self, handle):
        while True:
            try:
                handle(self.ws.recv())
            except (OSError, websocket.WebSocketException):
                self.reconnect()  # LW107
