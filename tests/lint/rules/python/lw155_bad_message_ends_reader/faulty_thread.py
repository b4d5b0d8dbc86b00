"""A reader in a thread: the parsing is one call away, and only the end is caught."""

import json
import threading

import websocket


class Reader(threading.Thread):
    pass


class Feed:
    def __init__(self, url):
        self.ws = websocket.create_connection(url, timeout=30)
        self.prices = {}

    def start(self):
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while True:
            try:
                self.apply(self.ws.recv())
            except websocket.WebSocketConnectionClosedException:
                break

    def apply(self, message):
        event = json.loads(message)  # LW155
        self.prices[event["symbol"]] = event["price"]
