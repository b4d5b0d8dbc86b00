"""RST, on both sides, behind what has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from longwire.testing import NumberedFeed
from tests.chaos.faults.crossed import another, answered, crossed, over, say

if TYPE_CHECKING:
    import ssl

    from longwire.chaos.fault import Direction


@pytest.mark.parametrize("direction", ["c2s", "s2c"])
async def test_both_sides_are_reset(feed: NumberedFeed, direction: Direction) -> None:
    """Whichever direction sets it off; what had passed there arrives first."""
    strike = f"reset after='2 messages' direction={direction}"
    async with crossed(feed, strike) as (client, proxy, link):
        if direction == "s2c":
            feed.emit(4)
            assert await client.ending() == "reset"
            assert len(client.rest()) == 2
            await link.wait_ended()
        else:
            for _ in range(4):
                client.send(b"x")
            await link.wait_ended()
            assert len(link.frames) == 2
            assert await client.ending() == "reset"
        assert isinstance(link.error, ConnectionResetError)
        await over(proxy)


async def test_at_a_word(feed: NumberedFeed) -> None:
    """The message that sets it off does not arrive any more; the next connection lives on."""
    async with crossed(feed, "reset matching=^poison$ crossings=1") as (client, proxy, link):
        say(link, "poisonous", "poison", "lost")
        assert await client.ending() == "reset"
        assert [one.payload for one in client.rest()] == [b"poisonous"]
        async with another(proxy, feed) as (second, its_link):
            say(its_link, "poison")
            assert await second.texts(1) == ["poison"]
            await answered(second)


async def test_with_tls(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    """TCP is reset beneath TLS."""
    async with (
        NumberedFeed(tls=server_tls) as feed,
        crossed(
            feed,
            "reset after='3 messages'",
            tls=server_tls,
            to_tls=client_tls,
            client_tls=client_tls,
        ) as (client, _, link),
    ):
        feed.emit(3)
        assert await client.ending() == "reset"
        assert len(client.rest()) == 3
        await link.wait_ended()
        assert isinstance(link.error, ConnectionResetError)


async def test_by_chance(feed: NumberedFeed) -> None:
    """A connection is hit or not, and the journal says which."""
    async with crossed(feed, "reset chance=0") as (client, proxy, _):
        assert not proxy.journal.find("strikes")
        await answered(client)
