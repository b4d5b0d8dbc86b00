"""One direction ends, and the other lives on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.testing import NumberedFeed
from tests.chaos.faults.crossed import crossed, over, received, say

if TYPE_CHECKING:
    import ssl


async def test_the_server_falls_silent_and_goes_on_hearing(feed: NumberedFeed) -> None:
    """FIN behind what has passed; then what the client says arrives, and nothing comes back."""
    async with crossed(feed, "half-close after='2 messages'") as (client, proxy, link):
        feed.emit(4)
        assert await client.ending() == "fin"
        assert len(client.rest()) == 2
        for text in (b"hello?", b"anybody?"):
            client.send(text)
        assert [one.payload for one in await received(link, 2)] == [b"hello?", b"anybody?"]
        assert link.live
        client.writer.write_eof()
        await link.wait_ended()
        await over(proxy)


async def test_the_client_falls_silent_and_goes_on_hearing(feed: NumberedFeed) -> None:
    """The same the other way round, with a server that does not mind."""
    async with crossed(feed, "half-close direction=c2s after='1 messages'") as (client, _, link):
        link.answers_close = False
        client.send(b"last")
        client.send(b"unheard")
        assert await link.wait_message() == "last"
        say(link, "do you hear me?")
        assert await client.texts(1) == ["do you hear me?"]
        client.send(b"yes")
        say(link, "I said: do you?")
        assert await client.texts(1) == ["I said: do you?"]
        assert len(link.frames) == 1


async def test_with_tls_a_side_ends_as_a_whole(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """TLS has no half: the client's side ends, and the server is told."""
    async with (
        NumberedFeed(tls=server_tls) as feed,
        crossed(
            feed,
            "half-close after='1 messages'",
            tls=server_tls,
            to_tls=client_tls,
            client_tls=client_tls,
        ) as (client, proxy, link),
    ):
        feed.emit(1)
        assert await client.ending() == "fin"
        assert len(client.rest()) == 1
        client.writer.close()
        await link.wait_ended()
        await over(proxy)
