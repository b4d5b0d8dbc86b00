"""The three mistakes, on `websockets`: ``python -m examples.origin.python.faulty URL [PAUSE]``.

PAUSE is how long the writer sleeps between two looks into its queue, in seconds; by default it does
not. Do not copy anything from here: cured.py is the same program without the mistakes.
"""

from __future__ import annotations

import asyncio
import queue
import sys

from websockets.asyncio.client import ClientConnection, connect

from examples.origin.python.importer import Importer


async def read(link: ClientConnection, importer: Importer) -> None:
    while True:
        # The first mistake: whatever goes wrong is caught, the end of the connection included.
        try:
            message = await link.recv()
            if isinstance(message, bytes):
                importer.arrived(message)
        except Exception:  # noqa: BLE001, S112 - that is the mistake
            continue


async def write(link: ClientConnection, requests: queue.SimpleQueue[str], pause: float) -> None:
    while True:
        # The second: a queue for threads is polled. Where it is empty, nothing here suspends.
        while not requests.empty():
            await link.send(requests.get_nowait())
        if pause:
            await asyncio.sleep(pause)


async def main(url: str, pause: float) -> None:
    requests: queue.SimpleQueue[str] = queue.SimpleQueue()
    importer = Importer(requests.put)
    importer.start()
    async with connect(url) as link:
        print("connected:", ascii(await asyncio.wait_for(link.recv(), 10)), flush=True)
        importer.connected()
        # The third: this waits until both have ended, and neither will.
        await asyncio.gather(
            read(link, importer), write(link, requests, pause), return_exceptions=True
        )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.0))
