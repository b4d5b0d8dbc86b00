"""The functions of many tutorials: on_close gets three arguments now."""

import json

import websocket

closes = []


def on_open(ws):
    ws.send(json.dumps({"method": "SUBSCRIBE", "params": ["btcusdt@trade"], "id": 1}))


def on_message(ws, message):
    closes.append(json.loads(message))


def on_error(ws, error):
    print(error)


def on_close(ws):  # LW152
    print("closed")


if __name__ == "__main__":
    app = websocket.WebSocketApp(
        "wss://stream.example.com/ws",
        on_message=on_message,
        on_error=on_error,
        on_close=on_close,
    )
    app.on_open = on_open
    app.run_forever(ping_interval=20, ping_timeout=10)
