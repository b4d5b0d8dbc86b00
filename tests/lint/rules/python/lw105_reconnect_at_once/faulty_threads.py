"""The loop of a thread around run_forever, and one whose pause is for one kind of error only."""

import threading
import time

import websocket


class Ticker(threading.Thread):
    def __init__(self, url):
        super().__init__(daemon=True)
        self.app = websocket.WebSocketApp(url, on_message=self.on_message)

    def on_message(self, app, message):
        print(message)

    def run(self):
        while True:
            self.app.run_forever(ping_interval=20, ping_timeout=10)  # LW105


def follow(url, handle):
    while True:
        try:
            ws = websocket.create_connection(url, timeout=30)
            while True:
                handle(ws.recv())
        except websocket.WebSocketTimeoutException:
            time.sleep(5)
        except Exception as error:  # LW105
            print("again:", error)
