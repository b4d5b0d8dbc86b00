"""The same in a thread, with a name that nobody reads."""

import json

import websocket


class Feed:
    def __init__(self, url, channels):
        self.url = url
        self.channels = channels

    def subscription(self):
        return {"event": "subscribe", "channels": self.channels}

    def run(self, handle):
        ws = websocket.create_connection(self.url, timeout=30)
        ws.send(json.dumps(self.subscription()))
        print("subscribed")
        answer = ws.recv()  # LW159
        print(answer)
        while True:
            handle(ws.recv())
