"""What a decorator makes of a function is not seen."""

import functools

import websocket


def without_app(function):
    @functools.wraps(function)
    def call(ws, *arguments):
        return function(*arguments)

    return call


@without_app
def on_message(message):
    print(message)


@without_app
def on_close(status, reason):
    print(status, reason)


def run(url):
    app = websocket.WebSocketApp(url, on_message=on_message, on_close=on_close)
    app.run_forever(ping_interval=20, ping_timeout=10)
