"""Nothing happens, and the journal tells when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import BINARY, TEXT, frame
from tests.chaos.faults.crossed import answered, crossed, received, say, until
from tests.chaos.rawclient import MASK

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_every_byte_passes_as_it_came(feed: NumberedFeed) -> None:
    """Frames of the client keep their masks, and those of the server have none."""
    async with crossed(feed, "noop direction=both") as (client, _, link):
        say(link, "down", opcode=BINARY)
        client.send(b"up")
        assert (await client.frame()).raw == frame(BINARY, b"down")
        assert [one.raw for one in await received(link, 1)] == [frame(TEXT, b"up", mask=MASK)]
        await answered(client)


async def test_the_journal_tells_its_moment(feed: NumberedFeed) -> None:
    """It is a way to see when a trigger strikes, and it changes nothing that would be told."""
    strike = "noop after='2 messages' lasting='1 messages'"
    async with crossed(feed, strike) as (client, proxy, link):
        feed.emit(2)
        await until(proxy, "strikes", fault="noop", crossing=1)
        assert not proxy.journal.find("ends")
        feed.emit(1)
        await until(proxy, "ends", fault="noop", crossing=1)
        assert len(await client.texts(3)) == 3
        assert not proxy.journal.find("changes")
        assert link.sent == [0, 1, 2]
