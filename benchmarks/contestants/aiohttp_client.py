"""aiohttp's WebSocket client: ``async for``; it compresses nothing unless asked to."""

from __future__ import annotations

from aiohttp import ClientSession

from benchmarks.contestant import Meter, RoundTrips, main


async def one(url: str, meter: Meter) -> None:
    """Count until the stream ends."""
    compress = 15 if meter.compression else 0
    async with (
        ClientSession() as session,
        session.ws_connect(url, ssl=meter.tls or True, compress=compress) as websocket,
    ):
        meter.begin()
        async for _message in websocket:
            meter.count += 1


async def send(url: str, meter: Meter) -> None:
    """Send as fast as the peer takes it."""
    async with ClientSession() as session, session.ws_connect(url) as websocket:
        meter.begin()
        payload = meter.payload
        while not meter.over:
            await websocket.send_bytes(payload)
            meter.count += 1


async def visits(url: str, meter: Meter) -> None:
    """Open and close, again and again."""
    async with ClientSession() as session:
        while meter.goes_on():
            async with session.ws_connect(url):
                pass
            meter.count += 1


async def echo(url: str, trips: RoundTrips) -> None:
    """Measure round trips."""
    async with ClientSession() as session, session.ws_connect(url) as websocket:
        await trips.run(websocket.send_bytes, websocket.receive)


if __name__ == "__main__":
    main(one=one, send=send, visits=visits, echo=echo)
