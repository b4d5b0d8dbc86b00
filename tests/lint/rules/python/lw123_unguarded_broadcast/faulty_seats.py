"""Each guest of a table is an object of its own, and has its socket as an attribute."""

from dataclasses import dataclass

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@dataclass
class Guest:
    name: str
    socket: WebSocket


class Table:
    def __init__(self) -> None:
        self.guests: list[Guest] = []

    async def deal(self, card: str) -> None:
        for guest in list(self.guests):
            await guest.socket.send_text(card)  # LW123

    async def deal_kindly(self, card: str) -> None:
        for guest in list(self.guests):
            try:
                await guest.socket.send_text(card)
            except (WebSocketDisconnect, RuntimeError):
                self.guests.remove(guest)


table = Table()


@app.websocket("/table/{name}")
async def sit(socket: WebSocket, name: str) -> None:
    await socket.accept()
    guest = Guest(name, socket)
    table.guests.append(guest)
    try:
        while True:
            await table.deal(await socket.receive_text())
    except WebSocketDisconnect:
        table.guests.remove(guest)
