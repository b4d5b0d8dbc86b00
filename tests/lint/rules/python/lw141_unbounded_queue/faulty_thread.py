"""A callback of websocket-client fills a queue that a thread empties over HTTP."""

import queue
import threading

import requests
import websocket

events = queue.Queue()  # LW141


def on_message(ws, message):
    events.put(message)


def forward(target):
    while True:
        event = events.get()
        requests.post(target, data=event, timeout=10)


def main(url, target):
    threading.Thread(target=forward, args=(target,), daemon=True).start()
    app = websocket.WebSocketApp(url, on_message=on_message)
    app.run_forever(ping_interval=20, ping_timeout=10)
