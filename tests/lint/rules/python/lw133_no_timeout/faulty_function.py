"""Without any timeout."""

import json

from websocket import create_connection


def latest(url, symbol):
    ws = create_connection(url)  # LW133
    ws.send(json.dumps({"subscribe": symbol}))
    while True:
        message = json.loads(ws.recv())
        if message.get("price"):
            print(message["price"])
