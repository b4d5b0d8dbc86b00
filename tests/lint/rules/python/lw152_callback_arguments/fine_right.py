"""As many as the app gives, in all the ways that there are."""

from functools import partial

import websocket


def on_open(ws):
    ws.send("hello")


def on_close(ws, status, reason):
    print("closed", status, reason)


def on_anything(*arguments):
    print(arguments)


class Client:
    def __init__(self, url, topic):
        self.app = websocket.WebSocketApp(
            url,
            on_open=on_open,
            on_message=lambda ws, message: print(message),
            on_error=partial(self.on_error, topic),
            on_close=on_close,
            on_pong=on_anything,
            on_data=self.on_data,
        )

    def on_error(self, topic, ws, error=None):
        print(topic, error)

    @staticmethod
    def on_data(ws, data, opcode, is_last):
        print(data, opcode, is_last)
