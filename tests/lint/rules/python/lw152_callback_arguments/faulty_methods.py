"""Methods that were written for a version that did not give them the app."""

import threading
from functools import partial

from websocket import WebSocketApp


class Client:
    def __init__(self, url, topic):
        self.messages = []
        self.app = WebSocketApp(
            url,
            on_open=self._on_open,
            on_message=self._on_message,
            on_error=partial(self._on_error, topic),
            on_close=lambda ws, status: self.stop(),  # LW152
        )
        self.app.on_pong = self._on_pong

    def _on_open(self):  # LW152
        self.app.send("hello")

    def _on_message(self, message):  # LW152
        self.messages.append(message)

    def _on_error(self, topic, ws, error):
        print(topic, error)

    def _on_pong(self, ws, payload, extra):  # LW152
        print(payload)

    def start(self):
        threading.Thread(
            target=self.app.run_forever, kwargs={"ping_interval": 20, "ping_timeout": 10}
        ).start()
