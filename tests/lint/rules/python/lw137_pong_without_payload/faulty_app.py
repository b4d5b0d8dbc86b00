"""Callbacks of websocket-client."""

import websocket


class Feed:
    def __init__(self, url):
        self.app = websocket.WebSocketApp(url, on_ping=self.on_ping, on_message=print)

    def on_ping(self, app, message):
        app.sock.pong("")  # LW137


def handle_ping(ws, payload):
    ws.pong()  # LW137
