"""Pages data out in chunks of 4,096 bytes: ``python -m examples.origin.server [PORT]``."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import longwire
from examples.origin.pages import chunks_of, requested

if TYPE_CHECKING:
    from longwire import Link


class Pager:
    """Greets who connects, and sends each page that it is asked for.

    Attributes:
        sent: So many chunks have been handed to the kernel.
    """

    def __init__(self) -> None:
        self.sent = 0

    async def attend(self, link: Link) -> None:
        """The handler of a link."""
        await link.send("welcome")
        async for request in link:
            try:
                page, offset = requested(request)
            except ValueError:
                await link.close(1008, "no such page")
                return
            for chunk in chunks_of(page, offset):
                await link.send(chunk)
                self.sent += 1


async def main(port: int) -> None:
    async with longwire.serve(Pager().attend, "127.0.0.1", port) as server:
        print(f"ws://127.0.0.1:{server.port}/", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
