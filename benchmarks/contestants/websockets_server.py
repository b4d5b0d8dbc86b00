"""A websockets server, its asyncio implementation."""

from __future__ import annotations

from websockets.asyncio.server import Server, ServerConnection, serve

from benchmarks.contestant import Meter, invite, main


def port_of(server: Server) -> int:
    """Where it listens."""
    port: int = next(iter(server.sockets)).getsockname()[1]
    return port


async def one(url: str, meter: Meter) -> None:
    """Count until the client leaves."""

    async def take(websocket: ServerConnection) -> None:
        meter.begin()
        async for _message in websocket:
            meter.count += 1

    async with serve(take, "127.0.0.1", 0, compression=None) as server:
        await invite(url, port_of(server))


async def visits(url: str, meter: Meter) -> None:
    """Let clients come and go."""

    async def see_off(websocket: ServerConnection) -> None:
        meter.count += 1
        await websocket.wait_closed()

    async with serve(see_off, "127.0.0.1", 0, compression=None) as server:
        meter.begin()
        await invite(url, port_of(server))


if __name__ == "__main__":
    main(one=one, visits=visits)
