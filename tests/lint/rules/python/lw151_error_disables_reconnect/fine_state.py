"""What on_error sets says how it is; the loop asks something else."""

import time

import websocket


class Feed:
    def __init__(self, url):
        self.url = url
        self.running = True
        self.connected = False

    def on_open(self, ws):
        self.connected = True

    def on_error(self, ws, error):
        self.connected = False

    def stop(self):
        self.running = False

    def publish(self, message):
        if self.connected:
            self.app.send(message)

    def run(self):
        while self.running:
            self.app = websocket.WebSocketApp(
                self.url, on_open=self.on_open, on_error=self.on_error
            )
            self.app.run_forever(ping_interval=20, ping_timeout=10)
            time.sleep(1)
