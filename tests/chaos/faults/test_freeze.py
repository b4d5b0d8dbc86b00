"""Nothing moves; and then all of it, in order, and nothing is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from longwire.chaos.frames import BINARY
from tests.chaos.faults.crossed import (
    another,
    answered,
    crossed,
    over,
    received,
    say,
    until,
)

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_what_waited_comes_in_order_when_it_ends(feed: NumberedFeed) -> None:
    """In both directions; and not before its time is over."""
    async with crossed(feed) as (client, proxy, link):
        proxy.strike("freeze lasting=0.1")
        client.send(b"1")
        client.send(b"2")
        feed.emit(3)
        assert await client.texts(3) == [f"{number} of the feed" for number in range(3)]
        assert [one.payload for one in await received(link, 2)] == [b"1", b"2"]
        begins = proxy.journal.find("strikes")
        ends = await until(proxy, "ends", times=2, fault="freeze")
        assert min(one["t"] for one in ends) - max(one["t"] for one in begins) >= 0.1
        await answered(client)


async def test_the_sender_is_held_back(feed: NumberedFeed) -> None:
    """Nothing is read, so TCP's buffers fill, and a client cannot write any more."""
    async with crossed(feed) as (client, proxy, link):
        order = proxy.strike("freeze direction=c2s")
        client.writer.transport.set_write_buffer_limits(high=0)
        sent = 0
        while not client.writer.transport.get_write_buffer_size():
            client.send(bytes(2**16), BINARY)
            sent += 1
            await asyncio.sleep(0)
        feed.emit(1)
        assert await client.texts(1) == ["0 of the feed"]
        assert link.frames == []
        proxy.end(order)
        assert sum(len(one.payload) for one in await received(link, sent)) == sent * 2**16


async def test_an_end_waits_as_well(feed: NumberedFeed) -> None:
    """What the server says and its FIN behind that are heard after the freeze, in this order."""
    async with crossed(feed) as (client, proxy, link):
        order = proxy.strike("freeze direction=s2c")
        say(link, "goodbye")
        link.end()
        client.send(b"do you hear me?")
        await link.wait_message()
        assert client.rest() == []
        proxy.end(order)
        assert await client.ending() == "fin"
        assert [one.payload for one in client.rest()] == [b"goodbye"]
        client.writer.close()
        await over(proxy)


async def test_two_freezes_and_another_connection(feed: NumberedFeed) -> None:
    """It is over when the last is; who is not struck goes on."""
    async with crossed(feed, "noop") as (client, proxy, link):
        first = proxy.strike("freeze crossings=1")
        second = proxy.strike("freeze crossings=1")
        say(link, "late")
        proxy.end(first)
        async with another(proxy, feed) as (other, _):
            await answered(other)
        assert client.rest() == []
        proxy.end(second)
        assert await client.texts(1) == ["late"]
