"""The peer on aiohttp."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import ClientSession, ClientWSTimeout, WSMsgType, WSServerHandshakeError, web

from tests.interop.peers.contract import (
    Fields,
    converse,
    limit,
    names,
    say,
    take_orders,
    target,
)

if TYPE_CHECKING:
    from tests.interop.peers.contract import Data


class AiohttpLine:
    def __init__(self, link: Any) -> None:
        self._link = link
        self._pong = asyncio.Event()
        self._end = (1006, "")

    async def receive(self) -> Data | None:
        while True:
            message = await self._link.receive()
            match message.type:
                case WSMsgType.TEXT | WSMsgType.BINARY:
                    data: Data = message.data
                    return data
                case WSMsgType.PING:
                    await self._link.pong(message.data)
                case WSMsgType.PONG:
                    self._pong.set()
                case WSMsgType.CLOSE:
                    # It tells of an empty close frame as 0.
                    self._end = (message.data or 1005, message.extra or "")
                case _:
                    return None

    async def send(self, data: Data) -> None:
        if self._link.closed:
            return
        await (self._link.send_str(data) if isinstance(data, str) else self._link.send_bytes(data))

    async def send_in_fragments(self, data: Data, size: int) -> None:
        raise NotImplementedError

    async def ping(self) -> None:
        await self._link.ping()
        await self._pong.wait()

    async def close(self, code: int | None, reason: str) -> None:
        assert code is not None
        await self._link.close(code=code, message=reason.encode())

    def end(self) -> tuple[int, str]:
        return self._end


async def listen(order: Fields) -> None:
    async def attend(request: web.Request) -> web.StreamResponse:
        path, query = target(str(request.rel_url))
        if path == "/reject":
            wait = {"Retry-After": query["retry_after"]}
            return web.Response(status=int(query["status"]), headers=wait)
        link = web.WebSocketResponse(
            protocols=names(order),
            compress="deflate" in order,
            max_msg_size=limit(order) + 1,  # it refuses what is as large
            autoping=False,
        )
        await link.prepare(request)
        extensions = link.headers.get("Sec-WebSocket-Extensions", "")
        subprotocol = link.ws_protocol or ""
        say("opened", id=query["id"], subprotocol=subprotocol, extensions=extensions)
        await converse(AiohttpLine(link), path, query)
        return link

    app = web.Application()
    app.router.add_get("/{path}", attend)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    say("listening", port=runner.addresses[0][1])


async def connect(order: Fields) -> None:
    path, query = target(order["url"])
    async with ClientSession() as session:
        try:
            link = await session.ws_connect(
                order["url"],
                protocols=names(order),
                compress=int(order.get("server_max_window_bits", 15)) if "deflate" in order else 0,
                max_msg_size=limit(order) + 1,  # it refuses what is as large
                autoping=False,
                timeout=ClientWSTimeout(ws_close=10.0),
            )
        except WSServerHandshakeError as error:
            wait = "" if error.headers is None else error.headers.get("Retry-After", "")
            say("rejected", id=query["id"], status=error.status, retry_after=wait)
            return
        extensions = link._response.headers.get("Sec-WebSocket-Extensions", "")
        subprotocol = link.protocol or ""
        say("opened", id=query["id"], subprotocol=subprotocol, extensions=extensions)
        await converse(AiohttpLine(link), path, query)


if __name__ == "__main__":
    asyncio.run(take_orders(listen, connect))
