"""Handlers that leave the loop, pause, or connect anew."""

import asyncio
import json
import logging

import websockets

log = logging.getLogger(__name__)


async def leaves(ws_url, handle):
    async with websockets.connect(ws_url) as ws:
        while True:
            try:
                handle(await ws.recv())
            except websockets.ConnectionClosed as end:
                log.info("closed: %s", end)
                break
            except Exception:
                log.exception("bad message")


async def handles_messages_only(ws_url, handle):
    async with websockets.connect(ws_url) as ws:
        while True:
            message = await ws.recv()
            try:
                handle(json.loads(message))
            except Exception:
                log.exception("bad message")


class Reconnecting:
    def __init__(self, url):
        self.url = url
        self.ws = None

    async def open(self):
        self.ws = await websockets.connect(self.url)

    async def run(self, handle):
        await self.open()
        while True:
            try:
                handle(await self.ws.recv())
            except websockets.ConnectionClosed:
                await self.open()

    async def run_with_pause(self, handle):
        await self.open()
        while True:
            try:
                handle(await self.ws.recv())
            except Exception:
                await asyncio.sleep(1)

    async def run_with_count(self, handle):
        failures = 0
        while True:
            try:
                handle(await self.ws.recv())
            except Exception:
                failures += 1
                if failures > 3:
                    raise
