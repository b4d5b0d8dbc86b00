"""The try is around the loop; the handler only logs."""

import asyncio
import logging

import aiohttp

log = logging.getLogger(__name__)


async def listen(ws: aiohttp.ClientWebSocketResponse, handle):
    try:
        async for message in ws:
            handle(message)
    except Exception:  # LW103
        log.exception("listener failed")


async def main(session: aiohttp.ClientSession, url, handle, work):
    ws = await session.ws_connect(url, heartbeat=20)
    listener = asyncio.ensure_future(listen(ws, handle))
    try:
        await work(ws)
    finally:
        listener.cancel()
