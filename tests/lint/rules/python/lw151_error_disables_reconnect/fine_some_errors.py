"""Only errors that trying again does not mend take the flag down."""

import time

import websocket


class Feed:
    def __init__(self, url):
        self.url = url
        self.running = True
        self.last_error = None

    def on_error(self, ws, error):
        self.last_error = error
        if isinstance(error, websocket.WebSocketBadStatusException):
            self.running = False

    def run(self):
        while self.running:
            app = websocket.WebSocketApp(self.url, on_error=self.on_error)
            app.run_forever(ping_interval=20, ping_timeout=10)
            time.sleep(1)
