"""What the checks have in common: expecting errors, and closing both sides."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from longwire.errors import LinkClosed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

    from longwire.link.base import Closure, Data, Link

E = TypeVar("E", bound=BaseException)


async def expect(kind: type[E], work: Awaitable[object]) -> E:
    """Await something that must raise; the exception it raised."""
    try:
        result = await work
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was expected, and {result!r} came")


async def expect_closed(link: Link, work: Awaitable[object]) -> None:
    """Await something that must raise `LinkClosed` with the link's own closure."""
    error = await expect(LinkClosed, work)
    assert link.closure is not None, "it was said to be closed, and has no closure"
    assert error.closure is link.closure, f"{error.closure} is not its closure, {link.closure}"


async def both_closed(one: Link, other: Link) -> tuple[Closure, Closure]:
    """Wait for the end of both."""
    return await one.wait_closed(), await other.wait_closed()


async def recv_many(link: Link, count: int) -> list[Data]:
    """So many messages."""
    return [await link.recv() for _ in range(count)]


async def send_all(link: Link, messages: list[Data]) -> None:
    """Send messages one after the other."""
    for message in messages:
        await link.send(message)


async def arrived(sender: Link) -> None:
    """Wait until everything sent so far has been read by the peer's side: its pong is behind it."""
    await sender.ping()


async def rest_of(messages: AsyncIterator[Data]) -> list[Data]:
    """What iteration brings until its end."""
    return [message async for message in messages]


async def turns(count: int) -> None:
    """Let the event loop go round so many times."""
    for _ in range(count):
        await asyncio.sleep(0)
