"""The socket is given one before it is used."""

import websocket


class Device:
    def __init__(self, url):
        self.ws = websocket.WebSocket()
        self.ws.settimeout(15)
        self.ws.connect(url)

    def read(self):
        try:
            return self.ws.recv()
        except websocket.WebSocketTimeoutException:
            self.ws.ping()
            return None
