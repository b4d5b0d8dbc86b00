"""Our side: a server and a client that send back what they get.

Without a heartbeat: groups 12 and 13 take any ping for the end of the case.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from typing import TYPE_CHECKING, Final

import longwire
from longwire.client.client import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MOST_FRAGMENTS: Final = 2**16
"""Cases 9.3 and 9.4 cut 4 MiB into pieces of 64 bytes; by default we take 4,096."""

AT_A_TIME: Final = 24
"""Cases run side by side: most of them wait for a second."""


async def echo(link: longwire.Link) -> None:
    """What the server does with each link."""
    with contextlib.suppress(longwire.LongwireError):
        async for message in link:
            await link.send(message)


@contextlib.asynccontextmanager
async def server() -> AsyncIterator[str]:
    """A server; gives its address."""
    options = longwire.LinkOptions(max_fragments=MOST_FRAGMENTS, heartbeat=None)
    async with longwire.serve(echo, "127.0.0.1", 0, options=options) as listening:
        yield f"ws://127.0.0.1:{listening.port}"


def client_of(url: str) -> longwire.Client:
    """A client as `longwire.connect` makes it, but for a limit that is no option of it."""
    client = longwire.connect(url, retry=None, heartbeat=None)
    settings = client._settings
    link = dataclasses.replace(settings.link, max_fragments=MOST_FRAGMENTS)
    return Client(dataclasses.replace(settings, link=link))


async def echo_client(url: str) -> None:
    """What the client does in one case; most of them end it with an error, as they should."""
    with contextlib.suppress(longwire.LongwireError):
        async with client_of(url) as client:
            async for message in client:
                await client.send(message)


async def client(port: int, count: int) -> None:
    """Go through all cases of a fuzzing server, and tell it when done."""
    slots = asyncio.Semaphore(AT_A_TIME)

    async def one(number: int) -> None:
        async with slots:
            await echo_client(f"ws://127.0.0.1:{port}/runCase?case={number}&agent=longwire")

    async with asyncio.TaskGroup() as group:
        for number in range(1, count + 1):
            group.create_task(one(number))
    await echo_client(f"ws://127.0.0.1:{port}/updateReports?agent=longwire")
