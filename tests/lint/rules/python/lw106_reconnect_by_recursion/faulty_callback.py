"""websocket-client calls its callbacks inside run_forever: another run_forever there is nested."""

import time

from websocket import WebSocketApp


class Orders:
    def __init__(self, key):
        self.key = key
        self.app = None

    def on_message(self, app, message):
        print(message)

    def on_close(self, app, code, reason):
        time.sleep(10)
        self.run()  # LW106

    def run(self):
        self.app = WebSocketApp(
            f"wss://stream.example.com/ws/{self.key}",
            on_message=self.on_message,
            on_close=self.on_close,
        )
        self.app.run_forever(ping_interval=20, ping_timeout=10)


class Book:
    def __init__(self, url):
        self.url = url
        self.lost = False

    def connect(self):
        app = WebSocketApp(self.url, on_error=self.on_error)
        try:
            app.run_forever(ping_interval=20, ping_timeout=10)
        except Exception as error:
            print(error)

    def on_error(self, app, error):
        if "timed out" in str(error):
            self.lost = True
            app.close()
            self.connect()  # LW106
