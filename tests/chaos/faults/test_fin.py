"""TCP ends on both sides, behind what has passed, without a close frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longwire.chaos.frames import TEXT, frame
from longwire.testing import NumberedFeed
from tests.chaos.faults.crossed import another, answered, crossed, over, say, until

if TYPE_CHECKING:
    import ssl


async def test_both_sides_get_fin(feed: NumberedFeed) -> None:
    """What had passed arrives; what the client still says goes nowhere, and resets nothing."""
    async with crossed(feed, "fin after='3 messages'") as (client, proxy, link):
        feed.emit(5)
        client.send(b"unheard")
        assert await client.ending() == "fin"
        assert len(client.rest()) == 3
        assert not client.partial
        await link.wait_ended()
        assert link.error is None
        assert link.received_close is None
        client.writer.close()
        await over(proxy)


async def test_what_waits_for_the_other_side_is_lost_without_harm(feed: NumberedFeed) -> None:
    """Bytes that latency holds back when TCP ends in front of them are written to nobody."""
    strikes = ["latency seconds=1h direction=c2s crossings=1", "fin matching=now"]
    async with crossed(feed, *strikes) as (client, proxy, link):
        proxy.strike("noop after='1 frames' direction=c2s")
        client.send(b"on its way")
        await until(proxy, "strikes", fault="noop")
        say(link, "now")
        assert await client.ending() == "fin"
        await link.wait_ended()
        client.writer.close()
        await over(proxy)
        assert link.frames == []
        async with another(proxy, feed) as (second, _):
            await answered(second)


async def test_inside_a_frame_nothing_is_made_whole(feed: NumberedFeed) -> None:
    """Half a frame that has not passed is not passed on."""
    async with crossed(feed) as (client, proxy, link):
        link.write(frame(TEXT, b"hello") + frame(TEXT, b"never whole")[:5])
        assert await client.texts(1) == ["hello"]
        proxy.strike("fin")
        assert await client.ending() == "fin"
        assert client.rest() == []
        assert not client.partial


async def test_with_tls(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    """Both sides are closed as TLS does it, behind what has passed."""
    async with (
        NumberedFeed(tls=server_tls) as feed,
        crossed(
            feed,
            "fin after='3 messages'",
            tls=server_tls,
            to_tls=client_tls,
            client_tls=client_tls,
        ) as (client, _, link),
    ):
        feed.emit(3)
        assert await client.ending() == "fin"
        assert len(client.rest()) == 3
        await link.wait_ended()
        assert link.error is None


async def test_others_live_on(feed: NumberedFeed) -> None:
    """One connection is ended, the next is not."""
    async with crossed(feed, "fin crossings=1 after='1 messages'") as (client, proxy, _):
        feed.emit(1)
        assert await client.ending() == "fin"
        async with another(proxy, feed) as (second, _):
            feed.emit(1)
            assert await second.texts(1) == ["1 of the feed"]
            await answered(second)
