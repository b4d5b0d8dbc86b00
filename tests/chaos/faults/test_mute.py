"""No message comes, and everything else does: the zombie stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import BINARY, CLOSE, PING, TEXT, close_payload, frame
from longwire.testing import DEFLATE_HEADERS, openings
from tests.chaos.faults.crossed import (
    DEFLATE,
    LARGE,
    another,
    answered,
    crossed,
    deflated,
    ping,
    say,
    say_in_fragments,
    shown,
    until,
)

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_messages_of_every_kind_are_lost(feed: NumberedFeed) -> None:
    """Text, binary, in fragments, and too long to be kept; pings, pongs and closes pass."""
    async with crossed(feed, "mute") as (client, proxy, link):
        await answered(client)
        say(link, "text", "", opcode=TEXT)
        say(link, bytes(LARGE), opcode=BINARY)
        say_in_fragments(link, b"a", b"b")
        ping(link)
        say(link, close_payload(1000), opcode=CLOSE)
        assert shown(await client.frames(2)) == [
            (PING, b"mark", True),
            (CLOSE, close_payload(1000), True),
        ]
        assert [one["frame"] for one in proxy.journal.find("changes")] == [2, 3, 4, 5, 6]


async def test_the_client_is_heard(feed: NumberedFeed) -> None:
    """And the next connection is mute or not, as it was said."""
    async with crossed(feed, "mute crossings=1") as (client, proxy, link):
        client.send(b"are you there?")
        assert await link.wait_message() == "are you there?"
        async with another(proxy, feed) as (second, _):
            feed.emit(1)
            assert await second.texts(1) == ["0 of the feed"]
        assert client.rest() == []


async def test_it_heals_between_two_messages(feed: NumberedFeed) -> None:
    """So many messages are lost, and what comes then is whole."""
    async with crossed(feed, "mute after='1 messages' lasting='2 messages'") as (client, _, link):
        say(link, "0", "1")
        say_in_fragments(link, b"2", b"and more")
        say(link, "3")
        assert await client.texts(2) == ["0", "3"]


async def test_some_of_them_by_what_they_say(feed: NumberedFeed) -> None:
    """Compressed or not; what has been lost does not spoil the next."""
    feed.opening = openings.accept_with(DEFLATE_HEADERS)
    async with crossed(feed, "mute only=trade", offer=DEFLATE) as (client, proxy, link):
        link.write(frame(TEXT, deflated(b"a trade"), rsv=4))
        say(link, "trade", "book")
        link.write(frame(TEXT, deflated(b"a book"), rsv=4))
        plain, squeezed = await client.frames(2)
        assert plain.payload == b"book"
        assert squeezed.raw == frame(TEXT, deflated(b"a book"), rsv=4)
        await until(proxy, "changes", times=2)
