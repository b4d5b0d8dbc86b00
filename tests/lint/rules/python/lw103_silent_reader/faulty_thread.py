"""A thread that returns."""

import threading

import websocket


class Device:
    def __init__(self, url):
        self.ws = websocket.create_connection(url, timeout=30)
        self.state = {}
        self.thread = threading.Thread(target=self._receive, daemon=True)
        self.thread.start()

    def _receive(self):
        while True:
            try:
                self.state["last"] = self.ws.recv()
            except (OSError, websocket.WebSocketException) as error:  # LW103
                print("receive:", error)
                return
