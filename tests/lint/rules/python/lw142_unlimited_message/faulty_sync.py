"""Both sides of the threads of websockets, without a limit."""

from websockets.sync.client import connect
from websockets.sync.server import serve


def handler(ws):
    for message in ws:
        ws.send(message)


def run():
    with serve(handler, "", 8001, max_size=None) as server:  # LW142
        server.serve_forever()


def fetch(url):
    with connect(url, max_size=None) as ws:  # LW142
        ws.send("snapshot")
        return ws.recv(timeout=60)
