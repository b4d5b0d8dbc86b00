"""Receive from a WebSocket, and say what happens in between: ``python examples/receive.py URL``."""

from __future__ import annotations

import asyncio
import sys

import longwire


async def main(url: str) -> None:
    async with longwire.connect(url) as client:
        async for event in client.events():
            match event:
                case longwire.Message(data=data):
                    print(data)
                case longwire.Interrupted(interruption=interruption):
                    print("interrupted:", interruption.cause.title)
                case longwire.Recovered(interruption=interruption):
                    print("recovered after", interruption.attempts, "attempts")
                case longwire.Gap(count=count):
                    print("lost:", count)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
