"""A client of websocket-client, which has a thread of its own, and a name that only looks alike."""

import json
import threading

import requests
import websocket


class Requests:
    async def get(self, url):
        return url


class Feed:
    def __init__(self, url, hook):
        self.hook = hook
        self.app = websocket.WebSocketApp(url, on_message=self.on_message, on_open=self.on_open)

    def on_open(self, app):
        key = requests.get("https://api.example/key", timeout=5).json()["key"]
        app.send(json.dumps({"op": "auth", "key": key}))

    def on_message(self, app, message):
        requests.post(self.hook, data=message, timeout=5)

    def start(self):
        pings = {"ping_interval": 20, "ping_timeout": 10}
        threading.Thread(target=self.app.run_forever, kwargs=pings, daemon=True).start()


async def fetch(requests: Requests):
    return await requests.get("https://api.example")
