"""Pings are sent, and nobody looks for the pongs."""

from websocket import WebSocketApp


class Stream(WebSocketApp):
    def __init__(self, url):
        super().__init__(url, on_message=self.received)

    def received(self, app, message):
        print(message)

    def serve(self):
        while True:
            self.run_forever(ping_interval=30)  # LW132

    def serve_once(self):
        self.run_forever(None, None, 30)  # LW132
