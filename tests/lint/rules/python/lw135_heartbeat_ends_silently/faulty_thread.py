"""In a thread."""

import threading
import time

import websocket


class Client:
    def __init__(self, url):
        self.ws = websocket.create_connection(url, timeout=60)
        threading.Thread(target=self.ping, daemon=True).start()

    def ping(self):
        while True:
            try:
                self.ws.send(self.request())
            except:  # LW135
                return
            time.sleep(15)

    def request(self):
        return '{"op": "ping"}'

    def run(self, handle):
        while True:
            handle(self.ws.recv())
