"""The asynchronous halves of the same libraries."""

import aiohttp
import httpx
import websockets
from openai import AsyncOpenAI

client = AsyncOpenAI()


class Bot:
    def __init__(self, url):
        self.url = url
        self.http = httpx.AsyncClient(timeout=10)

    async def ask(self, text):
        answer = await client.chat.completions.create(
            model="small", messages=[{"role": "user", "content": text}]
        )
        return answer.choices[0].message.content

    async def run(self):
        async with aiohttp.ClientSession() as session, websockets.connect(self.url) as ws:
            async for message in ws:
                await self.http.post("https://hook.example", content=message)
                async with session.get("https://api.example", params={"q": message}) as answer:
                    await ws.send(await answer.text())
                await ws.send(await self.ask(message))
