"""What the tests of faults have found in the proxy itself, so that it stays mended."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING

import pytest

from longwire.chaos import Proxy
from longwire.testing import NumberedFeed
from tests.chaos.faults.crossed import another, answered, crossed, over, received, say
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    import ssl


async def test_what_the_body_raises_is_what_is_raised(feed: NumberedFeed) -> None:
    """A failed assertion inside of ``async with Proxy`` is not hidden in a group of errors."""
    with pytest.raises(AssertionError, match="mine"):
        await fails_inside(feed)


async def fails_inside(feed: NumberedFeed) -> None:
    """As a test would, with a connection that lives."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as client:
        await client.open()
        raise AssertionError("mine")


async def test_nothing_is_written_behind_fin(feed: NumberedFeed) -> None:
    """What would still go to a side that is finished is dropped, and the proxy lives on."""
    async with crossed(feed) as (client, proxy, link):
        crossing = proxy.crossings[0]
        crossing.client.finish()
        say(link, "to nobody")
        assert await client.ending() == "fin"
        await crossing.client.write(b"to nobody")
        crossing.client.finish()
        client.send(b"up")
        assert [one.payload for one in await received(link, 1)] == [b"up"]
        async with another(proxy, feed) as (second, _):
            await answered(second)


async def test_fin_for_a_side_that_has_been_reset(feed: NumberedFeed) -> None:
    """The end of one side reaches the other when that has gone as well; the proxy lives on."""
    async with crossed(feed) as (client, proxy, link):
        order = proxy.strike("freeze direction=s2c")
        client.writer.transport.abort()
        await link.wait_ended()
        proxy.end(order)
        await over(proxy)
        async with another(proxy, feed) as (second, _):
            its_link = await feed.link(2)
            side = proxy.crossings[0].client
            second.writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            second.writer.transport.abort()
            await asyncio.sleep(0)
            side.finish()
            await its_link.wait_ended()
        async with another(proxy, feed, 3) as (third, _):
            await answered(third)


async def test_tls_on_both_sides_flows_on(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """Write after write without an answer, in both directions, even or odd in number."""
    async with (
        NumberedFeed(tls=server_tls) as feed,
        crossed(feed, tls=server_tls, to_tls=client_tls, client_tls=client_tls) as (
            client,
            _,
            link,
        ),
    ):
        for number in range(7):
            say(link, str(number))
            assert await client.texts(1) == [str(number)]
        for number in range(7):
            client.send(b"up")
            assert await link.wait_message(number + 1) == "up"
        say(link, "x" * 300_000)
        assert len((await client.frame()).payload) == 300_000
