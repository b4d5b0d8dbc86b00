"""A strike waits for its moment, exact to the byte and the frame, works, and is over."""

from __future__ import annotations

import asyncio

import pytest

from longwire.chaos import Proxy
from longwire.chaos.frames import BINARY, PING, TEXT, frame
from longwire.testing import NumberedFeed
from tests.chaos.faults.crossed import LARGE, crossed, ping, say
from tests.chaos.rawclient import RawClient


async def numbers_through(feed: NumberedFeed, strike: str, count: int, kept: int) -> list[int]:
    """The numbers that come through of so many, with a strike, on one connection."""
    async with Proxy(feed.url, [strike], seed=5) as proxy, RawClient(proxy.url) as client:
        await client.open()
        await feed.live()
        feed.emit(count)
        return [int(one.split()[0]) for one in await client.texts(kept)]


@pytest.mark.parametrize(
    ("strike", "kept"),
    [
        ("drop-every n=1 after='3 frames'", [0, 1, 2]),
        ("drop-every n=1 after='3 messages'", [0, 1, 2]),
        ("drop-every n=1 lasting='3 frames'", [3, 4, 5, 6, 7]),
        ("drop-every n=1 after='1 frame' lasting='2 messages'", [0, 3, 4, 5, 6, 7]),
        ("drop-every n=1 matching='^3 of' lasting='2 frames'", [0, 1, 2, 5, 6, 7]),
        (
            "drop-every n=1 matching='^. of' after='2 frames' lasting='1 frame'",
            [0, 1, 3, 4, 5, 6, 7],
        ),
        ("drop-every n=1 only='^[246] '", [0, 1, 3, 5, 7]),
        ("drop-every n=1 crossings=2-", [0, 1, 2, 3, 4, 5, 6, 7]),
        ("drop-every n=1 after='0 frames' lasting='1 frame'", [1, 2, 3, 4, 5, 6, 7]),
        ("drop-every n=1 after='0 bytes' lasting='1 message'", [1, 2, 3, 4, 5, 6, 7]),
        # A frame of the feed has 15 bytes: a fault that looks at frames begins between two.
        ("drop-every n=1 after='30 bytes'", [0, 1]),
        ("drop-every n=1 after='31 bytes' lasting='15 bytes'", [0, 1, 2, 4, 5, 6, 7]),
        ("mute lasting='31 bytes'", [3, 4, 5, 6, 7]),
    ],
)
async def test_frames_are_counted_exactly(feed: NumberedFeed, strike: str, kept: list[int]) -> None:
    """What comes before its moment, and what comes after its end, goes on."""
    assert await numbers_through(feed, strike, 8, len(kept)) == kept


@pytest.mark.parametrize("size", [1, 11, 30, 33])
async def test_bytes_are_counted_exactly(feed: NumberedFeed, size: int) -> None:
    """A connection ends behind exactly so many bytes, in mid-frame if that is where it is."""
    async with (
        Proxy(feed.url, [f"fin after='{size} bytes'"]) as proxy,
        RawClient(proxy.url) as client,
    ):
        await client.open()
        await feed.live()
        feed.emit(10)
        received = await client.reader.read()
    sent = b"".join(b"\x81\x0d%d of the feed" % number for number in range(10))
    assert received == sent[:size]


async def test_each_direction_is_told(feed: NumberedFeed) -> None:
    """A strike in both has a copy in each, and its records say which one it is."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as client:
        await client.open()
        proxy.end(proxy.strike("freeze", direction="both"))
        for action in ("strikes", "ends"):
            told = [one["direction"] for one in proxy.journal.find(action)]
            assert sorted(told) == ["c2s", "s2c"]


async def test_bytes_that_it_lasts(feed: NumberedFeed) -> None:
    """It ends behind exactly so many bytes, too."""
    async with (
        Proxy(feed.url, ["slice size=4 lasting='8 bytes'"]) as proxy,
        RawClient(proxy.url) as client,
    ):
        await client.open()
        await feed.live()
        feed.emit(3)
        assert await client.texts(3) == [f"{number} of the feed" for number in range(3)]
        await proxy.journal.until("ends", fault="slice")


async def test_time_is_counted_from_the_opening(feed: NumberedFeed) -> None:
    """Not from the moment at which the proxy began, and on each connection anew."""
    async with Proxy(feed.url, ["reset after=50ms"]) as proxy:
        for number in (1, 2):
            async with RawClient(proxy.url) as client:
                await client.open()
                assert await client.ending() == "reset"
            (opened,) = proxy.journal.find("opens", crossing=number)
            (struck,) = proxy.journal.find("strikes", crossing=number)
            assert struck["t"] - opened["t"] >= 0.049


async def test_time_that_it_lasts(feed: NumberedFeed) -> None:
    """It ends by itself, without any traffic."""
    async with Proxy(feed.url, ["mute lasting=50ms"]) as proxy, RawClient(proxy.url) as client:
        await client.open()
        await proxy.journal.until("ends", fault="mute")
        await feed.live()
        feed.emit()
        assert await client.texts(1) == ["0 of the feed"]


async def test_chance_is_the_same_with_the_same_seed(feed: NumberedFeed) -> None:
    """To the frame; and another one with another seed."""

    async def lost(seed: int) -> list[object]:
        strikes = ["drop-every n=1 chance=0.5"]
        async with Proxy(feed.url, strikes, seed=seed) as proxy, RawClient(proxy.url) as client:
            await client.open()
            link = await feed.live()
            feed.emit(64)
            link.write(frame(PING, b"done"))
            while (await client.frame()).payload != b"done":
                pass
            told = [one["frame"] for one in proxy.journal.find("changes")]
        await link.wait_ended()
        return told

    first = await lost(3)
    assert 8 < len(first) < 56
    assert await lost(3) == first
    assert await lost(4) != first


@pytest.mark.parametrize(("chance", "ends"), [("0", 0), ("1", 4)])
async def test_chance_of_a_connection(feed: NumberedFeed, chance: str, ends: int) -> None:
    """What does not work on frames draws once for each connection."""
    async with Proxy(feed.url, [f"reset after='1 frame' chance={chance}"]) as proxy:
        for number in range(1, 5):
            async with RawClient(proxy.url) as client:
                await client.open()
                await feed.live()
                feed.emit()
                if ends:
                    assert await client.ending() == "reset"
                else:
                    assert (await client.frame()).opcode == TEXT
            await proxy.journal.until("over", crossing=number)
        assert len(proxy.journal.find("strikes")) == ends


async def test_the_journal_tells_each_frame_that_was_touched(feed: NumberedFeed) -> None:
    """With its number, and how many became of it."""
    strikes = ["duplicate n=2 lasting='4 frames'"]
    async with Proxy(feed.url, strikes) as proxy, RawClient(proxy.url) as client:
        await client.open()
        await feed.live()
        feed.emit(5)
        assert [text[0] for text in await client.texts(7)] == list("0112334")
        told = [(one["frame"], one["into"]) for one in proxy.journal.find("changes")]
        assert told == [(2, 2), (4, 2)]
        (end,) = await proxy.journal.until("ends", fault="duplicate")
        assert (end["frames"], end["direction"], end["crossing"]) == (2, "s2c", 1)


async def test_what_has_ended_never_comes_again(feed: NumberedFeed) -> None:
    """Neither by time nor by traffic."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as client:
        await client.open()
        order = proxy.strike("mute after='2 frames'")
        later = proxy.strike("mute after=20ms")
        proxy.end(order)
        proxy.end(later)
        await feed.live()
        feed.emit(3)
        reached = asyncio.Event()
        proxy.later(0.05, reached.set)
        await reached.wait()
        feed.emit(2)
        assert len(await client.texts(5)) == 5
        assert proxy.journal.find("strikes") == []


async def test_pongs_do_not_decide_which_messages_are_hit() -> None:
    """When they come is up to clocks; the chances of messages are their own."""

    async def kept(*, pings: bool) -> list[str]:
        async with NumberedFeed() as feed, crossed(feed, "mute chance=0.5") as (client, _, link):
            for number in range(32):
                say(link, str(number))
                if pings:
                    ping(link, b"between")
            ping(link, b"last")
            texts: list[str] = []
            while (one := await client.frame()).payload != b"last":
                texts += [one.payload.decode()] if one.opcode == TEXT else []
        return texts

    first = await kept(pings=False)
    assert 4 < len(first) < 28
    assert await kept(pings=True) == first


async def test_a_long_frame_that_is_lost_is_told_of(feed: NumberedFeed) -> None:
    """As any other; with where it is in the count, and in bytes for what comes next."""
    strikes = ["mute lasting='2 frames'", "noop after=1MiB"]
    async with crossed(feed, *strikes) as (client, proxy, link):
        say(link, bytes(LARGE), opcode=BINARY)
        say(link, "lost", "seen")
        assert await client.texts(1) == ["seen"]
        told = [(one["frame"], one["into"]) for one in proxy.journal.find("changes")]
        assert told == [(1, 0), (2, 0)]
        (end,) = proxy.journal.find("ends", fault="mute")
        assert end["frames"] == 2


async def test_a_long_frame_that_is_spared_is_told_of(feed: NumberedFeed) -> None:
    """A fault that would have changed it could not; one that lets everything go on says nothing."""
    strikes = ["duplicate n=1", "drop-pongs", "duplicate n=1 only=x"]
    async with crossed(feed, *strikes) as (client, proxy, link):
        say(link, b"x" * LARGE)
        assert len((await client.frame()).payload) == LARGE
        (told,) = proxy.journal.find("spares")
        assert (told["fault"], told["frame"], told["size"]) == ("duplicate", 1, LARGE)


@pytest.mark.parametrize("first", [20, 60_000])
async def test_nobody_looks_for_text_in_a_long_frame(feed: NumberedFeed, first: int) -> None:
    """How much of it is there at first is up to the network, and may not decide."""
    raw = frame(TEXT, bytes(1000) + b"needle" + bytes(LARGE))
    async with crossed(feed, "mute only=needle", "noop matching=needle") as (client, proxy, link):
        link.write(raw[:first])
        async with asyncio.timeout(10):
            assert await client.reader.readexactly(first) == raw[:first]
            link.write(raw[first:])
            assert await client.reader.readexactly(len(raw) - first) == raw[first:]
        assert not proxy.journal.find("changes")
        assert not proxy.journal.find("strikes", fault="noop")
