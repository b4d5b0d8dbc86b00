"""A new connection is deaf, as long as the server talks to the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import CONT, PING, TEXT, frame
from tests.chaos.faults.crossed import (
    another,
    answered,
    crossed,
    ping,
    refuses,
    say,
    shown,
    until,
)

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_the_second_hears_nothing_and_the_first_goes_on(feed: NumberedFeed) -> None:
    """Pings are answered; what the client says arrives."""
    async with crossed(feed, "old-session seconds=1h") as (client, proxy, first):
        async with another(proxy, feed) as (deaf, link):
            say(link, "lost")
            ping(link)
            assert shown([await deaf.frame()]) == [(PING, b"mark", True)]
            await answered(deaf)
            deaf.send(b"me")
            assert await link.wait_message() == "me"
        say(first, "heard")
        assert await client.texts(1) == ["heard"]


async def test_it_hears_when_the_server_has_given_the_other_up(feed: NumberedFeed) -> None:
    """Not before its time, and beginning with a whole message."""
    async with crossed(feed, "old-session seconds=0.1") as (_, proxy, _):
        async with another(proxy, feed) as (second, link):
            link.write(frame(TEXT, b"begun", fin=False))
            proxy.strike("noop after=0.1 crossings=2")
            await until(proxy, "strikes", fault="noop", crossing=2)
            link.write(frame(CONT, b"ended"))
            say(link, "heard")
            assert await second.texts(1) == ["heard"]


def test_what_makes_no_sense() -> None:
    """Not even a moment."""
    refuses("old-session seconds=0", "seconds must be more than 0")
