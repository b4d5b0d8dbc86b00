"""All sockets have a timeout."""

import websocket

websocket.setdefaulttimeout(30)


def run(url, on_message):
    app = websocket.WebSocketApp(url, on_message=on_message)
    app.run_forever()
