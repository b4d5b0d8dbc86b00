"""A publisher that drops for those who are slow."""

import contextlib
import queue

import websocket


class Publisher:
    def __init__(self, url):
        self.subscribers = []
        self.app = websocket.WebSocketApp(url, on_message=self.on_message)

    def subscribe(self):
        inbox = queue.Queue(maxsize=64)
        self.subscribers.append(inbox)
        return inbox

    def on_message(self, ws, message):
        for inbox in self.subscribers:
            with contextlib.suppress(queue.Full):  # LW144
                inbox.put_nowait(message)
