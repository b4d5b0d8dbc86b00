"""A topic called heartbeat, and answers to the server's pings, are no liveness of this side."""

import json
import threading

import websocket


def on_message(ws, message):
    data = json.loads(message)
    if "ping" in data:
        ws.send(json.dumps({"pong": data["ping"]}))
    else:
        print(data)


def on_open(ws):
    ws.send(json.dumps({"op": "subscribe", "channels": ["tick", "trade", "heartbeat"]}))


def listen(url):
    ws = websocket.WebSocketApp(url, on_message=on_message, on_open=on_open)
    ws.run_forever()  # LW132


class Text:
    def __init__(self, url):
        self.last_received_segment = None
        self.last_ping_timestamp = None
        self.app = websocket.WebSocketApp(url, on_message=self.on_message, on_pong=self.on_pong)
        self.thread = threading.Thread(target=self.app.run_forever, daemon=True)  # LW132
        self.thread.start()

    def on_message(self, app, message):
        self.last_received_segment = message

    def on_pong(self, app, data):
        print(data)
