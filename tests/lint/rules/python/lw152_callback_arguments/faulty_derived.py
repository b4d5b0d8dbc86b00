"""A class that is an app itself, and hands its own methods over."""

import websocket


class Feed(websocket.WebSocketApp):
    def __init__(self, url, handle):
        super().__init__(
            url, on_message=self.received, on_error=self.failed, on_close=self.closed
        )
        self.handle = handle

    def received(self, ws, message):
        self.handle(message)

    def failed(self, ws, error, trace):  # LW152
        print(error, trace)

    @staticmethod
    def closed(ws, status):  # LW152
        print("closed", status)
