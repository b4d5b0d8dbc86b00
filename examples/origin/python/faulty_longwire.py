"""The same mistakes with longwire: ``python -m examples.origin.python.faulty_longwire URL``.

No library can give a task its turn while another one spins. But the link lives in a thread of its
own, and its log says which line it is. Do not copy anything from here.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sys

import longwire
from examples.origin.python.importer import Importer


async def read(client: longwire.Client, importer: Importer) -> None:
    while True:
        # The first mistake: whatever goes wrong is caught, the end of the client included.
        try:
            message = await client.recv()
            if isinstance(message, bytes):
                importer.arrived(message)
        except Exception:  # noqa: BLE001, S112 - that is the mistake
            continue


async def write(client: longwire.Client, requests: queue.SimpleQueue[str]) -> None:
    while True:
        # The second: a queue for threads is polled. Where it is empty, nothing here suspends.
        while not requests.empty():
            await client.send(requests.get_nowait())


async def main(url: str) -> None:
    requests: queue.SimpleQueue[str] = queue.SimpleQueue()
    importer = Importer(requests.put)
    importer.start()
    async with longwire.connect(url) as client:
        importer.connected()
        # The third: this waits until both have ended, and neither will.
        await asyncio.gather(
            read(client, importer), write(client, requests), return_exceptions=True
        )


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    asyncio.run(main(sys.argv[1]))
