"""A power of two of the number of tries, which nobody counts to an end."""

import logging
import time

import websocket

log = logging.getLogger(__name__)


def follow(url, handle):
    tries = 0
    while True:
        try:
            ws = websocket.create_connection(url, timeout=30)
            while True:
                handle(ws.recv())
        except (OSError, websocket.WebSocketException) as error:
            tries += 1
            log.warning("lost: %s", error)
            time.sleep(2**tries)  # LW160
