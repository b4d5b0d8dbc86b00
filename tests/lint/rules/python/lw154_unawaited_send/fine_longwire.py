"""`longwire.connect` makes a client; it is no coroutine."""

import longwire


def check_options(url: str) -> None:
    """Wrong options are refused at once."""
    longwire.connect(url, heartbeat=20)


async def run(url: str) -> None:
    check_options(url)
    async with longwire.connect(url) as client:
        await client.send("hello")
