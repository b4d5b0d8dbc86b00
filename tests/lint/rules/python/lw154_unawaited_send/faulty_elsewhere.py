"""A send of another module's object: awaited in one place, and forgotten in the other."""

from fastapi import FastAPI, WebSocket

from .bots import BotStructure

app = FastAPI()


class Interface:
    def __init__(self, bot: BotStructure):
        self.bot = bot

    async def text(self, ws: WebSocket):
        await ws.accept()
        async for message in ws.iter_text():
            await self.bot.send({"text": message})

    async def audio(self, ws: WebSocket):
        await ws.accept()
        async for message in ws.iter_bytes():
            self.bot.send({"audio": message})  # LW154
