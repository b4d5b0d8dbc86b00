"""Runs one connection after the other, each on an event loop of its own."""

import asyncio

import aiohttp

from .talk import talk


async def session(host, token):
    async with aiohttp.ClientSession() as http:
        try:
            ws = await http.ws_connect(f"ws://{host}/", headers={"Authorization": token})
        except Exception:
            print("cannot connect")
            return
        await talk(ws)


def main(host, token):
    while True:
        asyncio.run(session(host, token))  # LW105
