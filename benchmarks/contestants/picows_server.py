"""A picows server: a listener whose callback gets every frame, its payload copied to keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    ws_create_server,
)

from benchmarks.contestant import Meter, invite, main

if TYPE_CHECKING:
    from collections.abc import Callable


class Listener(WSListener):
    """Counts messages, or who comes."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self.payload: bytes | str = b""

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take the payload, count it; answer the close frame."""
        if frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code(), frame.get_close_message())
            transport.disconnect()
            return
        self.payload = frame.get_payload_as_bytes()
        self.meter.count += 1


class FloodListener(Listener):
    """Measures from the opening on."""

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Begin to measure."""
        self.meter.begin()


class VisitListener(Listener):
    """Counts openings."""

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Count."""
        self.meter.count += 1


async def _serve(url: str, listener: Callable[[], WSListener]) -> None:
    def admit(_request: WSUpgradeRequest) -> WSListener:
        return listener()

    server = await ws_create_server(admit, "127.0.0.1", 0)
    async with server:
        await invite(url, server.sockets[0].getsockname()[1])


async def callbacks(url: str, meter: Meter) -> None:
    """Count until the client leaves."""
    await _serve(url, lambda: FloodListener(meter))


async def visits(url: str, meter: Meter) -> None:
    """Let clients come and go."""
    meter.begin()
    await _serve(url, lambda: VisitListener(meter))


if __name__ == "__main__":
    main(callbacks=callbacks, visits=visits)
