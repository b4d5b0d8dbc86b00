"""The reply comes with all other messages, where it is looked for."""

import json

import websocket


def on_open(ws):
    ws.send(json.dumps({"op": "subscribe", "args": ["trades"]}))


def on_message(ws, message):
    event = json.loads(message)
    if event.get("event") == "error":
        raise RuntimeError(event["msg"])


def run(url):
    app = websocket.WebSocketApp(url, on_open=on_open, on_message=on_message)
    app.run_forever(ping_interval=20, ping_timeout=10)


def run_by_hand(url, handle):
    ws = websocket.create_connection(url, timeout=30)
    ws.send(json.dumps({"op": "subscribe", "args": ["trades"]}))
    while True:
        message = ws.recv()
        handle(json.loads(message))
