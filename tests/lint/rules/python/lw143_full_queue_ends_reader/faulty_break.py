"""What catches that the queue is full leaves the loop."""

import logging
import queue

import websocket

log = logging.getLogger(__name__)


class Reader:
    def __init__(self, url, size):
        self.url = url
        self.inbox = queue.Queue(size)

    def run(self):
        ws = websocket.create_connection(self.url, timeout=30)
        while True:
            message = ws.recv()
            try:
                self.inbox.put(message, block=False)  # LW143
            except queue.Full:
                log.error("full")
                break
        ws.close()
