"""What tornado's clients give may be awaited, but is under way without that, too."""

from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClientConnection, websocket_connect


class Client:
    def __init__(self, url):
        websocket_connect(url, callback=self.on_open)

    def on_open(self, future):
        connection: WebSocketClientConnection = future.result()
        connection.write_message("hello")
        connection.close()


Client("ws://example.com")
IOLoop.current().start()
