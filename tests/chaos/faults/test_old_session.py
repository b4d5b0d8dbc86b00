"""A new connection is deaf, as long as the server talks to the one before."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from longwire.chaos.faults.old_session import OldSession
from longwire.chaos.frames import CONT, PING, TEXT, frame
from tests.chaos.faults.crossed import (
    another,
    answered,
    crossed,
    ping,
    refuses,
    say,
    shown,
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
    """Not before its time."""
    async with crossed(feed, "old-session seconds=0.1") as (_, proxy, _):
        async with another(proxy, feed) as (second, link):
            opcode = PING
            while opcode == PING:
                say(link, "heard")
                ping(link)
                opcode = (await second.frame()).opcode
            (accepted,) = proxy.journal.find("accepts", crossing=2)
            passed = asyncio.get_running_loop().time() - proxy.journal._began
            assert passed - accepted["t"] >= 0.1


async def test_what_it_hears_first_is_a_whole_message(feed: NumberedFeed) -> None:
    """One that began while it was deaf is lost to its end."""
    async with crossed(feed, OldSession(seconds=60.0)) as (_, proxy, _):
        async with another(proxy, feed) as (second, link):
            link.write(frame(TEXT, b"begun", fin=False) + frame(PING, b"1"))
            assert (await second.frame()).opcode == PING
            ((_, armed),) = proxy.crossings[1]._armed
            assert isinstance(armed.fault, OldSession)
            armed.fault._until = 0.0
            link.write(frame(CONT, b"ended"))
            say(link, "heard")
            assert await second.texts(1) == ["heard"]


def test_what_makes_no_sense() -> None:
    """Not even a moment."""
    refuses("old-session seconds=0", "seconds must be more than 0")
