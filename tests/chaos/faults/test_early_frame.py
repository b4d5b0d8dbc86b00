"""The answer to the opening and the first frames come in one piece."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from longwire.chaos import Proxy
from longwire.chaos.frames import FrameReader
from longwire.testing import openings
from tests.chaos.faults.crossed import answered, crossed, refuses, say, until
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_one_read_has_it_all(feed: NumberedFeed) -> None:
    """The head, and the frames that came behind it meanwhile."""
    strikes = ["early-frame wait=1h", "noop after='2 frames'"]
    async with Proxy(feed.url, strikes) as proxy, RawClient(proxy.url) as client:
        say(await feed.link(), "first", "second")
        await until(proxy, "strikes", fault="noop")
        proxy.end(1)
        head, _, rest = (await client.reader.read(2**16)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 ")
        assert [one.payload for one in FrameReader().feed(rest)] == [b"first", b"second"]
        await answered(client)


async def test_it_waits_so_long_and_no_more_than_once(feed: NumberedFeed) -> None:
    """Not before its time; afterwards nothing waits."""
    async with Proxy(feed.url, ["early-frame wait=0.1"]) as proxy:
        began = asyncio.get_running_loop().time()
        async with RawClient(proxy.url) as client:
            await client.open()
            assert asyncio.get_running_loop().time() - began >= 0.1
            await answered(client)


async def test_at_its_end_what_waits_goes_on_at_once(feed: NumberedFeed) -> None:
    """An hour is over with the fault."""
    async with Proxy(feed.url, ["early-frame wait=1h"]) as proxy, RawClient(proxy.url) as client:
        await until(proxy, "opens", crossing=1)
        proxy.end(1)
        await client.open()
        await answered(client)


async def test_a_refusal_is_late_as_well(feed: NumberedFeed) -> None:
    """An answer without frames behind it goes on when its time has come, and so does the end."""
    feed.opening = openings.reject(403)
    async with (
        Proxy(feed.url, ["early-frame wait=0.05"]) as proxy,
        RawClient(proxy.url) as client,
    ):
        await client.open()
        assert client.head.startswith(b"HTTP/1.1 403 ")
        assert await client.ending() == "fin"


async def test_it_is_only_about_the_opening(feed: NumberedFeed) -> None:
    """A strike on an open connection holds its next frames for once."""
    async with crossed(feed) as (client, proxy, link):
        proxy.strike("early-frame wait=0.05")
        say(link, "late")
        assert await client.texts(1) == ["late"]


def test_what_makes_no_sense() -> None:
    """It must wait for something."""
    refuses("early-frame wait=0", "wait must be more than 0")
