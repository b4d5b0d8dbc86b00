"""picows.websockets, the same library's face of websockets: ``async for``."""

from __future__ import annotations

from picows.websockets.asyncio.client import connect

from benchmarks.contestant import Meter, RoundTrips, main


async def one(url: str, meter: Meter) -> None:
    """Count until the stream ends."""
    async with connect(url, ssl=meter.tls, compression=meter.compression) as websocket:
        meter.begin()
        async for _message in websocket:
            meter.count += 1


async def send(url: str, meter: Meter) -> None:
    """Send as fast as the peer takes it."""
    async with connect(url, compression=None) as websocket:
        meter.begin()
        payload = meter.payload
        while not meter.over:
            await websocket.send(payload)
            meter.count += 1


async def visits(url: str, meter: Meter) -> None:
    """Open and close, again and again."""
    while meter.goes_on():
        async with connect(url, compression=None):
            pass
        meter.count += 1


async def echo(url: str, trips: RoundTrips) -> None:
    """Measure round trips."""
    async with connect(url, compression=None) as websocket:
        await trips.run(websocket.send, websocket.recv)


if __name__ == "__main__":
    main(one=one, send=send, visits=visits, echo=echo)
