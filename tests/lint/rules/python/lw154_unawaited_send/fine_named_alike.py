"""What is called alike in another function may be something else."""

import aiohttp


async def ask(session: aiohttp.ClientSession, url, client):
    answer = await session.get(url)
    answer.close()
    client.send("plain")


async def talk(session: aiohttp.ClientSession, url, client):
    answer = await session.ws_connect(url)
    await answer.close()
    await client.send("awaited")
