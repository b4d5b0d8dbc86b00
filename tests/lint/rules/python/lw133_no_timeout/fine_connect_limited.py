"""The limit is given where it connects; and another class of the same name opens nothing."""

import json

import websocket
from websocket import WebSocketTimeoutException


class Studio:
    def __init__(self, host, port, limit):
        self.ws = websocket.WebSocket()
        self.ws.connect(f"ws://{host}:{port}", timeout=limit)
        self.hello = json.loads(self.ws.recv())

    def events(self):
        while True:
            try:
                print(self.ws.recv())
            except WebSocketTimeoutException:
                self.ws.ping()
