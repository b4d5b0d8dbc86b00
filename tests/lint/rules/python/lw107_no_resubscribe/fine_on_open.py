"""What is sent when the connection opens names what it wants, if not by the word subscribe."""

import json
import time

import websocket


class Market:
    def __init__(self, url):
        self.url = url
        self.assets = set()
        self.app = None
        self.running = True

    def run(self):
        while self.running:
            self.app = websocket.WebSocketApp(self.url, on_open=self._on_open, on_message=print)
            self.app.run_forever(ping_interval=30, ping_timeout=10)
            time.sleep(2)

    def _on_open(self, app):
        app.send(json.dumps({"type": "MARKET", "assets": sorted(self.assets)}))

    def add(self, assets):
        self.assets.update(assets)
        if self.app and self.app.sock:
            self.app.send(json.dumps({"assets": assets, "operation": "subscribe"}))
