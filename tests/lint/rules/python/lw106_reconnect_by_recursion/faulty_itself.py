"""A function that calls itself in its handler."""

import time

import websocket


def follow(url, handle):
    ws = websocket.create_connection(url, timeout=30)
    try:
        while True:
            handle(ws.recv())
    except Exception as error:
        print("again:", error)
        time.sleep(1)
        follow(url, handle)  # LW106
