"""The example of many tutorials, as a function and as a class."""

import json

import websocket


def on_message(ws, message):
    print(json.loads(message))


def on_open(ws):
    ws.send(json.dumps({"op": "subscribe", "args": ["orderbook"]}))


if __name__ == "__main__":
    app = websocket.WebSocketApp("wss://feed.example/ws", on_open=on_open, on_message=on_message)
    app.run_forever()  # LW132


class Feed:
    def __init__(self, url):
        self.ws = websocket.WebSocketApp(url, on_message=self.on_message)

    def on_message(self, ws, message):
        print(message)

    def start(self):
        self.ws.run_forever(sslopt={"check_hostname": True}, ping_interval=0)  # LW132
