"""An object that is connected later; and a timeout that is none."""

import websocket


class Device:
    def __init__(self, host):
        self.host = host
        self.ws = websocket.WebSocket()  # LW133

    def open(self):
        self.ws.connect(f"ws://{self.host}/events")

    def events(self):
        while True:
            yield self.ws.recv()

    def ask(self, question):
        other = websocket.create_connection(f"ws://{self.host}/ask", timeout=None)  # LW133
        other.send(question)
        return other.recv()
