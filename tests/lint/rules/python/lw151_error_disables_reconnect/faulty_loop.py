"""The loop around run_forever() asks a flag that on_error takes down."""

import logging
import time

import websocket

log = logging.getLogger(__name__)


class Feed:
    def __init__(self, url):
        self.url = url
        self.running = True

    def on_message(self, ws, message):
        log.info("%s", message)

    def on_error(self, ws, error):
        log.error("error: %s", error)
        self.running = False  # LW151

    def run(self):
        while self.running:
            app = websocket.WebSocketApp(
                self.url, on_message=self.on_message, on_error=self.on_error
            )
            app.run_forever(ping_interval=20, ping_timeout=10)
            time.sleep(1)
