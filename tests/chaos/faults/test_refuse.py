"""Nobody listens, and those who are connected live on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from longwire.chaos import parse_strike
from longwire.testing import PATIENCE
from tests.chaos.faults.crossed import another, answered, crossed, until
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    from longwire.chaos import Proxy
    from longwire.testing import NumberedFeed


async def refused(proxy: Proxy) -> None:
    """Wait until the system refuses connections: as soon as the listener has gone."""
    async with asyncio.timeout(PATIENCE):
        while await is_taken(proxy):
            pass


async def is_taken(proxy: Proxy) -> bool:
    """Whether a connection is taken; it is reset, if the listener goes just then."""
    try:
        async with RawClient(proxy.url) as client:
            await client.reader.read(1)
    except ConnectionResetError:
        return True
    except ConnectionRefusedError:
        return False
    return True


async def listening(proxy: Proxy) -> None:
    """Wait until somebody listens there again."""
    async with proxy._listening:
        assert proxy._acceptor is not None


async def test_it_refuses_and_listens_again_at_the_same_port(feed: NumberedFeed) -> None:
    """Who is there is not concerned, in the meantime and afterwards."""
    async with crossed(feed) as (client, proxy, _):
        port = proxy.port
        order = proxy.strike("refuse")
        await refused(proxy)
        await answered(client)
        proxy.end(order)
        await asyncio.sleep(0)
        await listening(proxy)
        assert proxy.port == port
        async with another(proxy, feed) as (second, _):
            await answered(second)
        await answered(client)


async def test_it_lasts_as_long_as_was_said(feed: NumberedFeed) -> None:
    """Not shorter; then somebody listens again."""
    async with crossed(feed) as (_, proxy, _):
        proxy.strike("refuse lasting=0.1")
        (strikes,) = await until(proxy, "strikes", fault="refuse")
        (ends,) = await until(proxy, "ends", fault="refuse")
        assert ends["t"] - strikes["t"] >= 0.1
        await asyncio.sleep(0)
        await listening(proxy)


async def test_two_that_overlap_are_over_with_the_last(feed: NumberedFeed) -> None:
    """And one that ends with its beginning leaves a proxy that listens."""
    async with crossed(feed) as (client, proxy, _):
        proxy.end(proxy.strike("refuse"))
        await asyncio.sleep(0)
        await listening(proxy)
        first, second = proxy.strike("refuse"), proxy.strike("refuse")
        proxy.end(first)
        await refused(proxy)
        proxy.end(second)
        await asyncio.sleep(0)
        await listening(proxy)
        async with another(proxy, feed) as (other, _):
            await answered(other)
        await answered(client)


async def test_a_proxy_can_end_while_it_refuses(feed: NumberedFeed) -> None:
    """And while it is about to listen again."""
    async with crossed(feed) as (_, proxy, _):
        proxy.end(proxy.strike("refuse"))
    assert proxy._acceptor is None


def test_what_makes_no_sense() -> None:
    """It is not for a connection: it cannot wait for bytes, nor hit some of those that come."""
    for condition in ("after=10KiB", "matching=x", "lasting='3 messages'"):
        with pytest.raises(ValueError, match="strikes the proxy, not a connection"):
            parse_strike(f"refuse {condition}")
    with pytest.raises(ValueError, match="chance has no meaning"):
        parse_strike("refuse chance=0.5")
