"""The same in a thread."""

import logging
import time

import websocket


class Reader:
    def __init__(self, url):
        self.url = url
        self.logger = logging.getLogger("reader")

    def run(self, handle):
        while True:
            try:
                ws = websocket.create_connection(self.url, timeout=30)
                self.logger.debug("connected")
                while True:
                    handle(ws.recv())
            except websocket.WebSocketException as error:  # LW161
                self.logger.debug("lost: %r", error)
                time.sleep(3)
