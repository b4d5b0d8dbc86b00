"""Other libraries: FastAPI, websocket-client, and a flag that nobody else can set."""

import websocket
from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket_: WebSocket):
    await websocket_.accept()
    while True:
        try:
            text = await websocket_.receive_text()
            await websocket_.send_text(text.upper())
        except Exception as error:  # LW101
            print(error)


class Feed:
    def __init__(self, url):
        self.running = True
        self.ws = websocket.create_connection(url, timeout=10)

    def loop(self):
        while self.running:
            try:
                self.on_message(self.ws.recv())
            except websocket.WebSocketConnectionClosedException:  # LW101
                pass

    def on_message(self, message):
        print(message)
