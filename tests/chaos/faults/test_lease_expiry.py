"""A path and query are good for a time, and then whoever asks for them hears nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import CONT, PING, TEXT, frame
from tests.chaos.faults.crossed import answered, crossed, ping, refuses, say, shown, until
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed

LEASE = 0.1


async def test_the_stream_dries_up_and_pings_go_on(feed: NumberedFeed) -> None:
    """Not before its time; a new connection with the same key is deaf, one with another is not."""
    async with crossed(feed, f"lease-expiry seconds={LEASE}") as (client, proxy, link):
        proxy.strike(f"noop after={LEASE}")
        await until(proxy, "strikes", fault="noop")
        say(link, "lost")
        ping(link)
        assert shown([await client.frame()]) == [(PING, b"mark", True)]
        await answered(client)
        async with RawClient(f"{proxy.url}?key=old") as same:
            await same.open()
            proxy.first_seen["/?key=old"] -= LEASE
            its_link = await feed.link(2)
            say(its_link, "lost")
            ping(its_link)
            assert (await same.frame()).opcode == PING
        async with RawClient(f"{proxy.url}?key=new") as other:
            await other.open()
            proxy.first_seen["/?key=new"] += 60
            say(await feed.link(3), "heard")
            assert await other.texts(1) == ["heard"]


async def test_a_message_that_has_begun_is_ended(feed: NumberedFeed) -> None:
    """Its time runs out between messages, not between fragments; and it is over as a fault is."""
    async with crossed(feed, "lease-expiry seconds=60") as (client, proxy, link):
        link.write(frame(TEXT, b"begun", fin=False))
        assert shown([await client.frame()]) == [(TEXT, b"begun", False)]
        proxy.first_seen["/"] -= 60
        link.write(frame(CONT, b"ended"))
        say(link, "lost")
        ping(link)
        assert shown(await client.frames(2)) == [(CONT, b"ended", True), (PING, b"mark", True)]
        proxy.end(1)
        say(link, "heard")
        assert await client.texts(1) == ["heard"]


async def test_the_clients_messages_are_not_concerned(feed: NumberedFeed) -> None:
    """It may go on asking."""
    async with crossed(feed, "lease-expiry seconds=0") as (client, _, link):
        client.send(b"renew")
        assert await link.wait_message() == "renew"


def test_what_makes_no_sense() -> None:
    """A lease may be over from the beginning, not before."""
    refuses("lease-expiry seconds=-1", "no amount")
