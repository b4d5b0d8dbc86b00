"""Only the third mistake: ``python -m examples.origin.python.joined URL``.

Reader and writer are those of cured.py. Do not copy anything from here.
"""

from __future__ import annotations

import asyncio
import sys

from websockets.asyncio.client import connect

from examples.origin.python.cured import read, write
from examples.origin.python.importer import Importer


async def main(url: str) -> None:
    loop = asyncio.get_running_loop()
    requests: asyncio.Queue[str] = asyncio.Queue()
    importer = Importer(lambda text: loop.call_soon_threadsafe(requests.put_nowait, text))
    importer.start()
    async with connect(url) as link:
        print("connected:", ascii(await asyncio.wait_for(link.recv(), 10)), flush=True)
        importer.connected()
        # It waits until both have ended: who fails first is not heard before the other is done.
        ends = await asyncio.gather(
            read(link, importer), write(link, requests), return_exceptions=True
        )
        print("lost:", ends, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
