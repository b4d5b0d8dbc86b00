"""The stream is cut anywhere, and says the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from longwire.chaos.frames import BINARY, TEXT, frame
from tests.chaos.faults.crossed import answered, crossed, over, received, refuses, say, until

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed


async def test_it_comes_in_pieces_with_time_between_them(feed: NumberedFeed) -> None:
    """In headers and in characters; no sooner than the gaps take, and nothing is changed."""
    text = "größer als ein Byte".encode()
    async with crossed(feed) as (client, proxy, link):
        proxy.strike("slice size=3 gap=0.01")
        raw = frame(TEXT, text)
        began = asyncio.get_running_loop().time()
        link.write(raw)
        pieces: list[bytes] = []
        while len(b"".join(pieces)) < len(raw):
            pieces.append(await client.reader.read(2**16))
        assert asyncio.get_running_loop().time() - began >= 0.01 * (len(raw) // 3 - 1)
        assert b"".join(pieces) == raw


async def test_what_comes_in_between_waits_its_turn(feed: NumberedFeed) -> None:
    """The gaps hold for the stream, not for what one read of the proxy's finds in it."""
    async with crossed(feed, "slice size=1 gap=0.01 after='0 frames'") as (client, proxy, link):
        began = asyncio.get_running_loop().time()
        for number in range(4):
            proxy.strike("noop after='1 frame'")
            say(link, f"{number}123456")
            await until(proxy, "strikes", fault="noop", times=number + 1)
        assert len(await client.texts(4)) == 4
        assert asyncio.get_running_loop().time() - began >= 0.01 * (4 * 9 - 1)


async def test_each_piece_is_a_write_of_its_own(feed: NumberedFeed) -> None:
    """Without gaps too: what is handed to the system is never longer."""
    async with crossed(feed) as (client, proxy, link):
        written: list[bytes] = []
        side = proxy.crossings[0].client
        write = side.write

        async def noted(data: bytes) -> None:
            written.append(data)
            await write(data)

        side.write = noted  # type: ignore[method-assign]
        proxy.strike("slice size=2")
        say(link, "hello", "you")
        assert await client.texts(2) == ["hello", "you"]
        assert max(map(len, written)) == 2
        assert b"".join(written) == frame(TEXT, b"hello") + frame(TEXT, b"you")


async def test_what_a_client_sends_and_its_end(feed: NumberedFeed) -> None:
    """Every byte arrives in front of FIN."""
    async with crossed(feed, "slice direction=c2s") as (client, proxy, link):
        client.send(bytes(5000), BINARY)
        client.writer.write_eof()
        assert [len(one.payload) for one in await received(link, 1)] == [5000]
        await link.wait_ended()
        await over(proxy)


async def test_at_its_end_what_waits_goes_on_at_once(feed: NumberedFeed) -> None:
    """Hours of gaps are over with the fault."""
    async with crossed(feed) as (client, proxy, link):
        order = proxy.strike("slice gap=1h")
        proxy.strike("noop after='1 frames'")
        say(link, "waits")
        await until(proxy, "strikes", fault="noop")
        proxy.end(order)
        assert await client.texts(1) == ["waits"]
        await answered(client)


async def test_what_waits_is_bounded(feed: NumberedFeed) -> None:
    """Small pieces cost more than their bytes, so reading waits for fewer of them."""
    async with crossed(feed) as (_, proxy, link):
        proxy.strike("slice gap=1h")
        while link.writable:
            say(link, bytes(2**16), opcode=BINARY)
            await asyncio.sleep(0)
        assert len(proxy.crossings[0].lanes["s2c"].line) < 2**18


def test_what_makes_no_sense() -> None:
    """Pieces of nothing would never end."""
    refuses("slice size=0", "size must be at least 1")
    refuses("slice gap=-1", "no amount")
