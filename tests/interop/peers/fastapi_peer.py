"""The peer on FastAPI under uvicorn; a server only."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI, Response, WebSocket

from tests.interop.peers.contract import (
    Fields,
    converse,
    limit,
    names,
    say,
    take_orders,
)

if TYPE_CHECKING:
    from tests.interop.peers.contract import Data


class FastApiLine:
    def __init__(self, link: WebSocket) -> None:
        self._link = link
        self._closed = False
        self._end = (1006, "")

    async def receive(self) -> Data | None:
        if self._closed:
            return None
        message = await self._link.receive()
        if message["type"] == "websocket.disconnect":
            self._end = (message["code"], message.get("reason") or "")
            return None
        text: str | None = message.get("text")
        return message["bytes"] if text is None else text

    async def send(self, data: Data) -> None:
        await (self._link.send_text(data) if isinstance(data, str) else self._link.send_bytes(data))

    async def send_in_fragments(self, data: Data, size: int) -> None:
        raise NotImplementedError

    async def ping(self) -> None:
        raise NotImplementedError

    async def close(self, code: int | None, reason: str) -> None:
        assert code is not None
        await self._link.close(code, reason)
        # The end of a link that the application closes is not told to it.
        self._closed, self._end = True, (code, reason)

    def end(self) -> tuple[int, str]:
        return self._end


def application(order: Fields) -> FastAPI:
    app = FastAPI()

    @app.websocket("/{path}")
    async def attend(link: WebSocket, path: str) -> None:
        query = dict(link.query_params)
        if path == "reject":
            wait = {"Retry-After": query["retry_after"]}
            await link.send_denial_response(
                Response(status_code=int(query["status"]), headers=wait)
            )
            return
        offered = link.scope["subprotocols"]
        chosen = next((name for name in names(order) if name in offered), None)
        await link.accept(chosen)
        say("opened", id=query["id"], subprotocol=chosen or "")
        await converse(FastApiLine(link), f"/{path}", query)

    return app


SERVERS: set[asyncio.Task[None]] = set()


async def listen(order: Fields) -> None:
    sock = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        application(order),
        log_level="error",
        ws_max_size=limit(order),
        ws_per_message_deflate="deflate" in order,
        lifespan="off",
    )
    server = uvicorn.Server(config)
    SERVERS.add(asyncio.get_running_loop().create_task(server.serve([sock])))
    say("listening", port=sock.getsockname()[1])


if __name__ == "__main__":
    asyncio.run(take_orders(listen))
