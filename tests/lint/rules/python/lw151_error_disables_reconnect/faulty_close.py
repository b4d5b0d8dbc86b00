"""on_close reconnects unless there was an error, which there always was."""

import logging
import threading

import websocket

log = logging.getLogger(__name__)


class Session:
    def __init__(self, url):
        self.url = url
        self.failed = False
        self.app = None

    def open(self):
        self.app = websocket.WebSocketApp(self.url)
        self.app.on_error = self.on_error
        self.app.on_close = self.on_close
        threading.Thread(
            target=self.app.run_forever, kwargs={"ping_interval": 20, "ping_timeout": 10}
        ).start()

    def _give_up(self):
        self.failed = True  # LW151

    def on_error(self, ws, error):
        log.error("error: %s", error)
        self._give_up()

    def on_close(self, ws, status, reason):
        if self.failed:
            return
        threading.Timer(5, self.open).start()
