"""A thread's reader, started by another function."""

import json
import threading

import websocket


def reader(url, handle):
    ws = websocket.create_connection(url, timeout=30)  # LW104
    ws.send(json.dumps({"subscribe": "all"}))
    while True:
        handle(ws.recv())


def start(url, handle):
    threading.Thread(target=reader, args=(url, handle), daemon=True).start()
