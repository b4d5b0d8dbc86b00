"""The pause is the wait for an event that asks for the end."""

import threading

import websocket


class Feed:
    def __init__(self, url):
        self.url = url
        self.stopped = threading.Event()
        self.attempts = 0
        self.app = None

    def run(self):
        self.app = websocket.WebSocketApp(self.url, on_message=print)
        while not self.stopped.is_set():
            try:
                self.app.run_forever(ping_interval=20, ping_timeout=10)
                if not self.stopped.is_set():
                    self._pause()
            except Exception as error:
                print(error)
                if not self.stopped.is_set():
                    self._pause()

    def _pause(self):
        if self.attempts > 10:
            self.stopped.set()
            return
        self.attempts += 1
        self.stopped.wait(min(5 * 2**self.attempts, 60))
