"""In two conditions, with is not None."""

import threading
import time

import websocket


class Ticker:
    def __init__(self, url):
        self.last_seen = None
        self.app = websocket.WebSocketApp(url, on_message=self.on_message)
        threading.Thread(target=self.watchdog, daemon=True).start()

    def on_message(self, app, message):
        self.last_seen = time.time()

    def watchdog(self):
        while True:
            time.sleep(10)
            if self.last_seen is not None:
                if time.time() - self.last_seen > 60:  # LW136
                    self.app.close()
