"""The reader of a thread, opened by a helper of the same module."""

import threading

import websocket as ws_client


def opened(url):
    return ws_client.create_connection(url, header=["X-Token: 1"])  # LW133


class Reader(threading.Thread):
    def __init__(self, url, handle):
        super().__init__(daemon=True)
        self.connection = opened(url)
        self.handle = handle

    def run(self):
        while True:
            self.handle(self.connection.recv())
