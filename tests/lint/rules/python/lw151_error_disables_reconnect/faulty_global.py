"""Functions of a module, and the flag of the library itself."""

import time

import websocket

stopped = False


def on_error(ws, error):
    global stopped
    print("error", error)
    stopped = True  # LW151


def on_failure(ws, error):
    print("error", error)
    ws.keep_running = False  # LW151


def run(url):
    while not stopped:
        app = websocket.WebSocketApp(url, on_message=print, on_error=on_error)
        app.run_forever(ping_interval=20, ping_timeout=10)
        time.sleep(2)


def run_by_itself(url):
    app = websocket.WebSocketApp(url, on_message=print, on_error=on_failure)
    app.run_forever(ping_interval=20, ping_timeout=10, reconnect=5)
