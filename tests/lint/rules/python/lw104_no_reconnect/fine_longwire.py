"""It reconnects by itself."""

import longwire


async def main(url, handle):
    async with longwire.connect(url, subscribe=["all"]) as client:
        await client.send("hello")
        async for message in client:
            handle(message)
