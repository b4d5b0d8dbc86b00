"""A close frame is lost, and TCP stays open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import CLOSE, PING, TEXT, close_payload
from tests.chaos.faults.crossed import answered, crossed, received, say, shown, until

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_the_client_closes_and_nobody_answers(feed: NumberedFeed) -> None:
    """The server goes on sending; only TCP's own end is passed on."""
    async with crossed(feed, "ignore-close") as (client, proxy, link):
        client.send(close_payload(1000), CLOSE)
        client.send(b"mark", PING)
        assert shown(await received(link, 1)) == [(PING, b"mark", True)]
        feed.emit(2)
        assert len(await client.frames(3)) == 3
        client.writer.write_eof()
        await link.wait_ended()
        assert link.received_close is None
        await until(proxy, "over")


async def test_the_servers_close_and_until_it_is_over(feed: NumberedFeed) -> None:
    """In the other direction the server closes in vain; the frame behind the fault passes."""
    strike = "ignore-close direction=s2c lasting='1 frames'"
    async with crossed(feed, strike) as (client, _, link):
        say(link, close_payload(1001), opcode=CLOSE)
        say(link, "text")
        assert shown([await client.frame()]) == [(TEXT, b"text", True)]
        say(link, close_payload(1012), opcode=CLOSE)
        assert shown([await client.frame()]) == [(CLOSE, close_payload(1012), True)]
        await answered(client)
