"""The dictionary is cleared at the end, and the futures in it are forgotten all the same."""

import asyncio

from websockets.asyncio.client import ClientConnection, connect


class Session:
    waiting: dict

    def __init__(self):
        self.waiting = {}
        self.link: ClientConnection | None = None

    async def login(self, user):
        answered = asyncio.Future()
        self.waiting["login"] = answered
        await self.link.send(f"login {user}")
        reply = await answered  # LW124
        return reply == "ok"

    async def logout(self):
        self.waiting["logout"] = asyncio.get_running_loop().create_future()
        await self.link.send("logout")
        return await self.waiting["logout"]  # LW124

    async def run(self, url):
        self.link = await connect(url)
        try:
            while True:
                word, _, rest = (await self.link.recv()).partition(" ")
                if word in self.waiting:
                    self.waiting.pop(word).set_result(rest)
        finally:
            self.waiting.clear()
