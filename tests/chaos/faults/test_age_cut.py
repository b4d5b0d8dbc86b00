"""A connection ends at its age, however busy it is, in the way that was asked for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from longwire.chaos import Proxy
from longwire.chaos.frames import CLOSE, close_payload
from tests.chaos.faults.crossed import answered, crossed, over, refuses, shown, until
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed

AGE = 0.05


async def test_it_says_goodbye_at_its_age_and_not_before(feed: NumberedFeed) -> None:
    """A close frame in front of FIN, behind what had passed; the server gets FIN alone."""
    async with crossed(feed) as (client, proxy, link):
        feed.emit(3)
        assert len(await client.texts(3)) == 3
        proxy.strike(f"age-cut age={AGE}")
        assert await client.ending() == "fin"
        (born,) = proxy.journal.find("strikes")
        (cut,) = proxy.journal.find("cuts", fault="age-cut", crossing=1)
        assert cut["t"] - born["t"] >= AGE
        goodbye = close_payload(1001, "connection has reached its maximum lifetime")
        assert shown(client.rest()) == [(CLOSE, goodbye, True)]
        await link.wait_ended()
        assert link.error is None
        assert link.received_close is None


@pytest.mark.parametrize("how", ["fin", "reset"])
async def test_it_can_end_without_a_word(feed: NumberedFeed, how: str) -> None:
    """FIN or RST, for both sides; it need not have begun with the connection."""
    async with crossed(feed) as (client, proxy, link):
        proxy.strike(f"age-cut age={AGE} how={how}")
        assert await client.ending() == how
        assert client.rest() == []
        await link.wait_ended()
        assert isinstance(link.error, ConnectionResetError) is (how == "reset")
        client.writer.transport.abort()
        await over(proxy)


async def test_it_counts_on_every_connection(feed: NumberedFeed) -> None:
    """Each is cut once, however busy it is."""
    async with Proxy(feed.url, [f"age-cut age={AGE}"]) as proxy:
        for number in (1, 2):
            async with RawClient(proxy.url) as client:
                await until(proxy, "cuts", crossing=number)
                client.send(b"busy")
                assert await client.ending() in {"fin", "reset"}


async def test_who_is_spared_lives_on(feed: NumberedFeed) -> None:
    """When the fault ends before the age is reached, nothing is cut at it."""
    async with crossed(feed) as (client, proxy, _):
        first = proxy.strike(f"age-cut age={AGE} how=reset")
        proxy.end(first)
        began = asyncio.get_running_loop().time()
        proxy.strike(f"noop after={2 * AGE}")
        await until(proxy, "strikes", fault="noop")
        assert asyncio.get_running_loop().time() - began >= 2 * AGE
        assert not proxy.journal.find("cuts")
        await answered(client)


def test_what_makes_no_sense() -> None:
    """An age of nothing, a code that does not fit, a reason that does not."""
    refuses("age-cut age=0", "age must be more than 0")
    refuses("age-cut code=0", "code must be from 1 to 65535")
    refuses("age-cut code=65536", "code must be from 1 to 65535")
    refuses(f"age-cut reason={'x' * 124}", "reason must be 123 bytes at most")
