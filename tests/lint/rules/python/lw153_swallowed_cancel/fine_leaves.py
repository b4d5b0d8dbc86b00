"""The cancellation leaves the loop, or is raised anew, or is not caught at all."""

import asyncio
import logging

import websockets

log = logging.getLogger(__name__)


async def leaves(ws: websockets.WebSocketClientProtocol):
    while True:
        try:
            print(await ws.recv())
        except asyncio.CancelledError:
            log.info("stopped")
            break
        except asyncio.TimeoutError:
            continue


async def raises(ws: websockets.WebSocketClientProtocol):
    while True:
        try:
            print(await ws.recv())
        except asyncio.CancelledError:
            await ws.close()
            raise
        except BaseException:
            log.exception("lost")
            await asyncio.sleep(1)


async def passes(url):
    while True:
        try:
            async with websockets.connect(url) as ws:
                async for message in ws:
                    print(message)
        except Exception:
            log.exception("lost")
            await asyncio.sleep(1)


async def at_the_end(ws: websockets.WebSocketClientProtocol):
    try:
        while True:
            print(await ws.recv())
    except asyncio.CancelledError:
        log.info("stopped")
