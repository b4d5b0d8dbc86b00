"""An aiohttp server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from benchmarks.contestant import Meter, invite, main

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


async def _serve(
    url: str, handler: Callable[[web.Request], Awaitable[web.WebSocketResponse]]
) -> None:
    application = web.Application()
    application.router.add_get("/", handler)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await invite(url, runner.addresses[0][1])
    await runner.cleanup()


async def one(url: str, meter: Meter) -> None:
    """Count until the client leaves."""

    async def take(request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(compress=False)
        await websocket.prepare(request)
        meter.begin()
        async for _message in websocket:
            meter.count += 1
        return websocket

    await _serve(url, take)


async def visits(url: str, meter: Meter) -> None:
    """Let clients come and go."""

    async def see_off(request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(compress=False)
        await websocket.prepare(request)
        meter.count += 1
        await websocket.receive()
        return websocket

    meter.begin()
    await _serve(url, see_off)


if __name__ == "__main__":
    main(one=one, visits=visits)
