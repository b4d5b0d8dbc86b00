"""A thread sends pings; the pong is good for a line in the log, and nothing else."""

import json
import logging
import threading

import websocket

log = logging.getLogger(__name__)


class Manager(threading.Thread):
    def __init__(self, url):
        super().__init__()
        self.callback = print
        self.app = websocket.WebSocketApp(url, on_message=self.on_message)
        self.stopped = threading.Event()

    def run(self):
        threading.Thread(target=self.send_pings).start()
        self.app.run_forever()

    def send_pings(self):
        while not self.stopped.wait(50):
            self.app.send(json.dumps({"method": "ping"}))

    def on_message(self, app, message):
        data = json.loads(message)
        if data.get("channel") == "pong":  # LW134
            log.debug("pong")
            return
        self.callback(data)
