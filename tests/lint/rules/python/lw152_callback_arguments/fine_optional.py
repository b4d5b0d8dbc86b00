"""Written for old and new versions at once; and callbacks of something else."""

import websocket

from application.transport import Transport


def on_close(ws, *reason):
    print("closed", *reason)


def on_error(ws, error=None, trace=None):
    print(error, trace)


def on_message(message):
    print(message)


class Client:
    def __init__(self, url):
        self.transport = Transport(on_message=on_message, on_close=self.on_transport_close)
        self.app = websocket.WebSocketApp(url, on_close=on_close, on_error=on_error)

    def on_transport_close(self):
        self.app.close()
