"""The demonstration's books: what came, what is missing, what interrupted it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

import longwire
from longwire.cli.demo.feed import message_of, number_of
from longwire.cli.demo.tally import Tally
from longwire.testing import NumberedFeed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from longwire.client.events import Event


def feed() -> NumberedFeed:
    """Numbers as the demonstration's own feed sends them."""
    return NumberedFeed(encode=message_of)


@contextlib.asynccontextmanager
async def counting(
    url: str, retry: longwire.Retry | None
) -> AsyncIterator[tuple[longwire.Client, Tally, list[Event]]]:
    """A client whose events a tally takes, and the events that are no messages."""
    told: list[Event] = []
    tally = Tally(told.append)
    async with longwire.connect(url, retry=retry, sequence=longwire.Sequence(number_of)) as client:
        reader = asyncio.create_task(tally.read(client))
        yield client, tally, told
    await asyncio.wait_for(reader, 10)


async def test_everything_is_counted() -> None:
    """Messages, numbers that are missing, interruptions that are over; all but messages is told."""
    retry = longwire.Retry(first=0.01, cap=0.05)
    async with feed() as numbers, counting(numbers.url, retry) as (_, tally, told):
        first = await numbers.link(1)
        numbers.emit(2)
        await tally.until(lambda: tally.received == 2, what="two numbers", within=10)
        first.reset()
        await first.wait_ended()
        numbers.emit(3)
        await numbers.link(2)
        numbers.emit(1)
        await tally.until(lambda: tally.last == 5, what="the sixth", within=10)
        assert (tally.received, tally.lost) == (3, 3)
        assert [one.cause.id for one in tally.recovered] == ["unknown"]
        assert [type(event).__name__ for event in told] == ["Interrupted", "Recovered", "Gap"]


async def test_what_does_not_come_is_named() -> None:
    """With the time that was waited."""
    async with feed() as numbers, counting(numbers.url, None) as (_, tally, _told):
        await numbers.link(1)
        with pytest.raises(TimeoutError, match="in vain: a message"):
            await tally.until(lambda: tally.received > 0, what="a message", within=0.01)


async def test_the_end_of_the_client_ends_every_wait() -> None:
    """Its error comes out of the wait, at once and from then on."""
    async with feed() as numbers, counting(numbers.url, None) as (_, tally, _told):
        link = await numbers.link(1)
        link.reset()
        for _ in range(2):
            with pytest.raises(longwire.GaveUp):
                await tally.until(lambda: False, what="nothing", within=10)


async def test_a_client_that_is_closed_ends_the_books_quietly() -> None:
    """That is no error: `read` just returns."""
    async with feed() as numbers, counting(numbers.url, None) as (client, tally, _told):
        await numbers.link(1)
        numbers.emit(1)
        await tally.until(lambda: tally.received == 1, what="a number", within=10)
        await client.close()
        await tally.until(lambda: tally.last == 0, what="what holds already", within=10)
