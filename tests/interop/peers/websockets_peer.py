"""The peer on `websockets`."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from websockets.asyncio.client import connect as dial
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)
from websockets.typing import Subprotocol

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
    from collections.abc import Sequence

    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request, Response

    from tests.interop.peers.contract import Data


class WebsocketsLine:
    def __init__(self, link: Any) -> None:
        self._link = link

    async def receive(self) -> Data | None:
        try:
            data: Data = await self._link.recv()
        except ConnectionClosed:
            return None
        return data

    async def send(self, data: Data) -> None:
        with contextlib.suppress(ConnectionClosed):  # `receive` finds it, too
            await self._link.send(data)

    async def send_in_fragments(self, data: Data, size: int) -> None:
        await self._link.send([data[at : at + size] for at in range(0, len(data), size)])

    async def ping(self) -> None:
        await (await self._link.ping())

    async def close(self, code: int | None, reason: str) -> None:
        if code is None:
            # Its close() always sends a code.
            self._link.protocol.send_close()
            self._link.send_data()
        else:
            await self._link.close(code, reason)

    def end(self) -> tuple[int, str]:
        frame = self._link.protocol.close_rcvd
        return (1006, "") if frame is None else (frame.code, frame.reason)


def deflate(order: Fields, factory: Any) -> list[Any] | None:
    if "deflate" not in order:
        return None
    options: dict[str, Any] = {
        f"{side}_no_context_takeover": f"{side}_no_context_takeover" in order
        for side in ("server", "client")
    }
    for side in ("server", "client"):
        bits = order.get(f"{side}_max_window_bits")
        if bits is not None:
            options[f"{side}_max_window_bits"] = int(bits)
        elif side == "client" and factory is ClientPerMessageDeflateFactory:
            options["client_max_window_bits"] = True
    return [factory(**options)]


def agreed(headers: Any) -> str:
    return str(headers.get("Sec-WebSocket-Extensions", ""))


async def listen(order: Fields) -> None:
    def refuse(link: ServerConnection, request: Request) -> Response | None:
        path, query = target(request.path)
        if path != "/reject":
            return None
        response = link.respond(int(query["status"]), "refused")
        response.headers["Retry-After"] = query["retry_after"]
        return response

    def select(link: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return next((name for name in map(Subprotocol, names(order)) if name in offered), None)

    async def attend(link: ServerConnection) -> None:
        assert link.request is not None
        assert link.response is not None
        path, query = target(link.request.path)
        subprotocol, extensions = link.subprotocol or "", agreed(link.response.headers)
        say("opened", id=query["id"], subprotocol=subprotocol, extensions=extensions)
        await converse(WebsocketsLine(link), path, query)

    server = await serve(
        attend,
        "127.0.0.1",
        0,
        process_request=refuse,
        select_subprotocol=select,
        extensions=deflate(order, ServerPerMessageDeflateFactory),
        compression=None,
        max_size=limit(order),
    )
    say("listening", port=next(iter(server.sockets)).getsockname()[1])


async def connect(order: Fields) -> None:
    path, query = target(order["url"])
    try:
        link = await dial(
            order["url"],
            subprotocols=[Subprotocol(name) for name in names(order)] or None,
            extensions=deflate(order, ClientPerMessageDeflateFactory),
            compression=None,
            max_size=limit(order),
            proxy=None,
        )
    except InvalidStatus as error:
        answer = error.response
        wait = answer.headers.get("Retry-After", "")
        say("rejected", id=query["id"], status=answer.status_code, retry_after=wait)
        return
    assert link.response is not None
    subprotocol, extensions = link.subprotocol or "", agreed(link.response.headers)
    say("opened", id=query["id"], subprotocol=subprotocol, extensions=extensions)
    await converse(WebsocketsLine(link), path, query)


if __name__ == "__main__":
    asyncio.run(take_orders(listen, connect))
