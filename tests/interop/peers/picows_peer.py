"""The peer on picows: its frames are put together to messages here, as its users must do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from picows import (
    WSFrame,
    WSHandshakeError,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_connect,
    ws_create_server,
)

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

PROTOCOL = "Sec-WebSocket-Protocol"


class PicowsLine(WSListener):
    def __init__(self) -> None:
        self.transport: WSTransport | None = None
        self.connected = asyncio.Event()
        self._messages: asyncio.Queue[Data | None] = asyncio.Queue()
        self._fragments: list[bytes] = []
        self._text = False
        self._pong = asyncio.Event()
        self._end = (1006, "")

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self.connected.set()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        match frame.msg_type:
            case WSMsgType.TEXT | WSMsgType.BINARY | WSMsgType.CONTINUATION:
                self._take(frame)
            case WSMsgType.PONG:
                self._pong.set()
            case WSMsgType.CLOSE:
                code = int(frame.get_close_code())  # type: ignore[call-overload]
                self._end = (code or 1005, frame.get_close_reason() or "")
                transport.send_close(frame.get_close_code(), frame.get_close_message())
                transport.disconnect()

    def _take(self, frame: WSFrame) -> None:
        if frame.msg_type is not WSMsgType.CONTINUATION:
            self._text = frame.msg_type is WSMsgType.TEXT
        self._fragments.append(frame.get_payload_as_bytes())
        if frame.fin:
            whole = b"".join(self._fragments)
            self._fragments.clear()
            self._messages.put_nowait(whole.decode() if self._text else whole)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._messages.put_nowait(None)

    async def receive(self) -> Data | None:
        return await self._messages.get()

    async def send(self, data: Data) -> None:
        assert self.transport is not None
        self.transport.send(_kind(data), data.encode() if isinstance(data, str) else data)

    async def send_in_fragments(self, data: Data, size: int) -> None:
        assert self.transport is not None
        kind, raw = _kind(data), data.encode() if isinstance(data, str) else data
        for at in range(0, len(raw), size):
            piece, last = raw[at : at + size], at + size >= len(raw)
            self.transport.send(kind if at == 0 else WSMsgType.CONTINUATION, piece, last)

    async def ping(self) -> None:
        assert self.transport is not None
        self.transport.send_ping(b"ping")
        await self._pong.wait()

    async def close(self, code: int | None, reason: str) -> None:
        assert self.transport is not None
        if code is None:
            self.transport.send_close()
        else:
            # Its type names some codes; it sends any.
            self.transport.send_close(code, reason.encode())  # type: ignore[arg-type]

    def end(self) -> tuple[int, str]:
        return self._end


def _kind(data: Data) -> WSMsgType:
    return WSMsgType.TEXT if isinstance(data, str) else WSMsgType.BINARY


async def listen(order: Fields) -> None:
    tasks = set()

    def accept(request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        path, query = target(request.path.decode())
        if path == "/reject":
            wait = {"Retry-After": query["retry_after"]}
            refusal = WSUpgradeResponse.create_error_response(
                int(query["status"]), b"refused", wait
            )
            return WSUpgradeResponseWithListener(refusal, None)
        offered = [one.strip() for one in request.headers.get(PROTOCOL, "").split(",")]
        chosen = next((name for name in names(order) if name in offered), "")
        line = PicowsLine()
        say("opened", id=query["id"], subprotocol=chosen)
        tasks.add(asyncio.get_running_loop().create_task(_attend(line, path, query)))
        fields = {PROTOCOL: chosen} if chosen else None
        switching = WSUpgradeResponse.create_101_response(fields)
        return WSUpgradeResponseWithListener(switching, line)

    server = await ws_create_server(accept, "127.0.0.1", 0, max_frame_size=limit(order))
    say("listening", port=server.sockets[0].getsockname()[1])


async def _attend(line: PicowsLine, path: str, query: Fields) -> None:
    # A server's listener is told of its link in the turn after the answer.
    await line.connected.wait()
    await converse(line, path, query)


async def connect(order: Fields) -> None:
    path, query = target(order["url"])
    offer = {PROTOCOL: ", ".join(names(order))} if names(order) else None
    try:
        transport, line = await ws_connect(
            PicowsLine, order["url"], max_frame_size=limit(order), extra_headers=offer
        )
    except WSHandshakeError as error:
        answer = error.response
        if answer is None:
            raise
        wait = answer.headers.get("Retry-After", "")
        say("rejected", id=query["id"], status=int(answer.status), retry_after=wait)
        return
    chosen = transport.response.headers.get(PROTOCOL, "")
    say("opened", id=query["id"], subprotocol=chosen)
    assert isinstance(line, PicowsLine)
    await converse(line, path, query)


if __name__ == "__main__":
    asyncio.run(take_orders(listen, connect))
