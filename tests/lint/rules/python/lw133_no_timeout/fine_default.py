"""One for all sockets; and functions of the same name elsewhere."""

import socket

import websocket
from asyncio_like import create_connection

websocket.setdefaulttimeout(20)


def run(url):
    raw = socket.create_connection(("example", 80))
    other = create_connection(url)
    return websocket.create_connection(url), raw, other
