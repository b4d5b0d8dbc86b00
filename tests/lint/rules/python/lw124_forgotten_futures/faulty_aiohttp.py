"""The same with aiohttp, a helper that resolves, and a reader that logs its end."""

import asyncio
import logging
from typing import Any

import aiohttp

log = logging.getLogger(__name__)


class Connection:
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._futures: dict[int, asyncio.Future[Any]] = {}
        self._id = 0

    async def _listen(self) -> None:
        try:
            while True:
                message = await self._ws.receive()
                if message.type is not aiohttp.WSMsgType.TEXT:
                    break
                self._resolve(message.json())
        finally:
            log.info("disconnected")

    def _resolve(self, answer: dict[str, Any]) -> None:
        future = self._futures.pop(answer["id"], None)
        if future is not None:
            future.set_result(answer)

    async def ask(self, question: str) -> Any:
        self._id += 1
        future = self._futures[self._id] = asyncio.get_running_loop().create_future()
        await self._ws.send_json({"id": self._id, "question": question})
        try:
            return await future  # LW124
        finally:
            self._futures.pop(self._id, None)

    async def run(self, url: str) -> None:
        async with self._session.ws_connect(url, heartbeat=20) as self._ws:
            await self._listen()
