"""What passes in one direction arrives whole, in order, and in its time."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from longwire.chaos import Proxy
from longwire.chaos.frames import BINARY, CLOSE, PING, PONG, TEXT, frame, make_frame
from longwire.testing import openings
from tests.chaos.rawclient import MASK, RawClient

if TYPE_CHECKING:
    from longwire.chaos.opening import Compression
    from longwire.testing import NumberedFeed


async def test_everything_goes_on_as_it_came(feed: NumberedFeed) -> None:
    """Both directions, to the byte: odd lengths, fragments, control frames in between."""
    to_client = b"".join(
        [
            frame(TEXT, b"first", fin=False),
            frame(PING, b"between"),
            frame(0, b" and last"),
            frame(BINARY, os.urandom(70_000)),
            frame(BINARY, b"", form=64),
            frame(TEXT, b"lie", rsv=3),
        ]
    )
    to_server = [make_frame(TEXT, b"hello", mask=MASK), make_frame(PONG, b"", mask=MASK)]
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as client:
        await client.open()
        link = await feed.live()
        link.write(to_client)
        assert b"".join(one.raw for one in await client.frames(6)) == to_client
        for one in to_server:
            client.write(one.raw)
        await link.changes.until(lambda: len(link.frames) == 2, what="two frames")
        assert link.frames == to_server


async def test_a_frame_that_comes_in_pieces_goes_on_whole(feed: NumberedFeed) -> None:
    """Cut anywhere, in its header, too."""
    raw = frame(TEXT, b"x" * 300) + frame(PING, b"y")
    async with Proxy(feed.url, ["noop"]) as proxy, RawClient(proxy.url) as client:
        await client.open()
        link = await feed.live()
        for at in range(len(raw)):
            link.write(raw[at : at + 1])
            await asyncio.sleep(0)
        assert [one.payload for one in await client.frames(2)] == [b"x" * 300, b"y"]


async def test_a_huge_frame_goes_on_as_it_comes(feed: NumberedFeed) -> None:
    """It is not collected first, no fault changes it, and what follows is seen again."""
    huge = frame(BINARY, bytes(3_000_000))
    async with Proxy(feed.url, ["duplicate n=1"]) as proxy, RawClient(proxy.url) as client:
        await client.open()
        link = await feed.live()
        link.write(huge[:2_000_000])
        async with asyncio.timeout(10):
            assert await client.reader.readexactly(1_500_000) == huge[:1_500_000]
        link.write(huge[2_000_000:] + frame(TEXT, b"doubled") + frame(PING, b"seen"))
        async with asyncio.timeout(10):
            rest = await client.reader.readexactly(len(huge) - 1_500_000)
        assert rest == huge[1_500_000:]
        assert await client.texts(3) == ["doubled", "doubled", "seen"]


async def test_half_a_frame_goes_on_before_the_end(feed: NumberedFeed) -> None:
    """What the server had sent when it ended arrives, and then the end."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as client:
        await client.open()
        link = await feed.live()
        link.write(frame(TEXT, b"whole") + frame(TEXT, b"half")[:4])
        link.end()
        assert await client.ending() == "fin"
        assert [one.payload for one in client.rest()] == [b"whole"]
        assert client.partial


async def test_a_reset_goes_on_as_a_reset(feed: NumberedFeed) -> None:
    """From the server to the client, and the other way."""
    async with Proxy(feed.url) as proxy:
        async with RawClient(proxy.url) as client:
            await client.open()
            link = await feed.live()
            link.reset()
            assert await client.ending() == "reset"
        async with RawClient(proxy.url) as client:
            await client.open()
            link = await feed.live()
            link.send("unread, so that closing the socket resets it")
            async with asyncio.timeout(10):
                await client.reader.readexactly(5)
        await link.wait_ended()
        assert proxy.journal.find("fails") == []


async def test_one_direction_can_end_alone(feed: NumberedFeed) -> None:
    """A FIN of the server's ends nothing but what it says."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as client:
        await client.open()
        link = await feed.live()
        link.end()
        assert await client.ending() == "fin"
        client.send(b"still here")
        assert await link.wait_message() == "still here"


async def test_who_reads_slowly_holds_the_sender_back(feed: NumberedFeed) -> None:
    """The proxy keeps a megabyte or so; TCP holds the rest."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url, limit=1024) as client:
        await client.open()
        link = await feed.live()
        sent = 0
        while link.writable:
            link.send(bytes(100_000))
            sent += 1
            await asyncio.sleep(0)
            assert sent < 1000, "nobody holds the sender back"
        assert not proxy.crossings[0].lanes["s2c"].has_room
        assert {len(one.payload) for one in await client.frames(sent)} == {100_000}
        await link.changes.until(lambda: link.writable, what="room for more")


async def test_nothing_moves_while_held(feed: NumberedFeed) -> None:
    """Not even the end; all of it afterwards, in order."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as client:
        await client.open()
        link = await feed.live()
        lane = proxy.crossings[0].lanes["s2c"]
        lane.hold()
        lane.hold()
        feed.emit(3)
        link.end()
        reading = asyncio.create_task(client.reader.read(1))
        passed = asyncio.Event()
        proxy.later(0.05, passed.set)
        await passed.wait()
        lane.release()
        await asyncio.sleep(0)
        assert not reading.done()
        lane.release()
        assert await reading == b"\x81"
        assert await client.ending() == "fin"


async def test_what_is_swallowed_is_gone_with_its_end(feed: NumberedFeed) -> None:
    """Read all the same, so that the sender is not held back."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as client:
        await client.open()
        link = await feed.live()
        feed.emit()
        assert len(await client.texts(1)) == 1
        lane = proxy.crossings[0].lanes["s2c"]
        lane.swallows = True
        for _ in range(50):
            link.send(bytes(100_000))
        await link.changes.until(lambda: link.writable, what="room for more")
        link.end()
        client.send(b"still read")
        assert await link.wait_message() == "still read"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.frame()


async def test_what_is_swallowed_needs_no_room(feed: NumberedFeed) -> None:
    """The sender is held back by a client that does not read; a black hole reads everything."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url, limit=1024) as client:
        await client.open()
        link = await feed.live()
        lane = proxy.crossings[0].lanes["s2c"]
        async with asyncio.timeout(10):
            while lane.has_room:
                await link.changes.until(lambda: link.writable, what="room for more")
                link.send(bytes(100_000))
                await asyncio.sleep(0)
        while link.writable:
            link.send(bytes(100_000))
            await asyncio.sleep(0)
        lane.swallow()
        await link.changes.until(lambda: link.writable, what="room for more")


async def test_frames_are_injected_in_their_place(feed: NumberedFeed) -> None:
    """Behind what has passed, in front of what comes, between frames."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as client:
        await client.open()
        await feed.live()
        feed.emit()
        assert len(await client.texts(1)) == 1
        lane = proxy.crossings[0].lanes["s2c"]
        lane.inject(make_frame(PING, b"ours"))
        lane.inject_bytes(frame(CLOSE, b"\x03\xe8"))
        feed.emit()
        assert [one.opcode for one in await client.frames(3)] == [PING, CLOSE, TEXT]


@pytest.mark.parametrize("line", ["inject text=hi", "close code=1000", "ping-flood size=2"])
async def test_nothing_is_injected_within_a_frame(feed: NumberedFeed, line: str) -> None:
    """Though it is set off there, and all frames came in one write: it comes behind that frame."""
    async with (
        Proxy(feed.url, [f"{line} after='20 bytes'"]) as proxy,
        RawClient(proxy.url) as client,
    ):
        await client.open()
        await feed.live()
        feed.emit(5)
        frames = await client.frames(3)
        assert [one.payload for one in frames[:2]] == [b"0 of the feed", b"1 of the feed"]
        assert frames[2].payload in {b"hi", b"\x03\xe8", bytes(2)}


@pytest.mark.parametrize("size", [1, 2**21], ids=["short", "too long to be kept"])
async def test_no_message_is_injected_within_another(feed: NumberedFeed, size: int) -> None:
    """It waits for the last fragment; a ping does not."""
    strikes = ["inject text=hi after='1 frame'", "inject kind=ping after='1 frame'"]
    async with Proxy(feed.url, strikes) as proxy, RawClient(proxy.url) as client:
        await client.open()
        link = await feed.live()
        link.write(frame(BINARY, bytes(size), fin=False))
        assert [one.opcode for one in await client.frames(2)] == [BINARY, PING]
        link.write(frame(0, bytes(size)) + frame(TEXT, b"next"))
        frames = await client.frames(3)
        assert [one.opcode for one in frames] == [0, TEXT, TEXT]
        assert [one.payload for one in frames[1:]] == [b"hi", b"next"]


@pytest.mark.parametrize("first", [4, 60_000])
@pytest.mark.parametrize(("size", "copies"), [(2**20, 2), (2**20 + 1, 1)])
async def test_what_is_too_long_does_not_depend_on_the_network(
    feed: NumberedFeed, first: int, size: int, copies: int
) -> None:
    """However much of it comes at first."""
    raw = frame(BINARY, bytes(size))
    async with Proxy(feed.url, ["duplicate n=1"]) as proxy, RawClient(proxy.url) as client:
        await client.open()
        link = await feed.live()
        lane = proxy.crossings[0].lanes["s2c"]
        came = asyncio.Event()
        take = lane._take

        def noted(data: bytes) -> None:
            take(data)
            came.set()

        lane._take = noted  # type: ignore[method-assign]
        link.write(raw[:first])
        async with asyncio.timeout(10):
            await came.wait()
        link.write(raw[first:] + frame(PING, b"end"))
        frames = await client.frames(copies + 1)
        assert [len(one.payload) for one in frames] == [size] * copies + [3]


async def test_who_is_over_is_not_kept(feed: NumberedFeed) -> None:
    """Each would cost something for every frame of a long life."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as client:
        await client.open()
        await feed.live()
        for _ in range(20):
            proxy.end(proxy.strike("mute"))
        assert len(proxy.crossings[0].lanes["s2c"]._armed) == 1
        assert len(proxy.crossings[0]._armed) == 1


async def test_an_act_waits_for_what_is_late(feed: NumberedFeed) -> None:
    """However late it is: what has passed stands in front of the end."""
    strikes = ["latency seconds=1.5 direction=s2c", "fin after='2 messages'"]
    async with Proxy(feed.url, strikes) as proxy, RawClient(proxy.url) as client:
        await client.open()
        await feed.live()
        feed.emit(3)
        assert await client.ending() == "fin"
        assert len(client.rest()) == 2


async def test_calls_wait_for_what_is_in_front_of_them(feed: NumberedFeed) -> None:
    """And happen at once where the direction has ended already."""
    calls: list[str] = []
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as client:
        await client.open()
        link = await feed.live()
        lane = proxy.crossings[0].lanes["s2c"]
        lane.hold()
        lane.inject(make_frame(TEXT, b"before"))
        lane.when_delivered(lambda: calls.append("held"))
        await asyncio.sleep(0)
        assert calls == []
        lane.release()
        assert await client.texts(1) == ["before"]
        link.end()
        assert await client.ending() == "fin"
        assert calls == ["held"]
        lane.when_delivered(lambda: calls.append("ended"))
        assert calls == ["held", "ended"]


async def test_who_does_not_read_holds_no_act_up(feed: NumberedFeed) -> None:
    """A reset comes after a second, though what is in front of it cannot be delivered."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url, limit=1024) as client:
        await client.open()
        link = await feed.live()
        while link.writable:
            link.send(bytes(100_000))
            await asyncio.sleep(0)
        proxy.strike("reset")
        await link.wait_ended()
        await proxy.journal.until("over", crossing=1)


@pytest.mark.parametrize("compression", ["independent", "as-is", "off"])
async def test_what_a_message_says_is_known(feed: NumberedFeed, compression: str) -> None:
    """Inflated and unmasked; but not where each message needs those before it."""
    import zlib

    offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    async with Proxy(feed.url, compression=compression) as proxy:  # type: ignore[arg-type]
        async with RawClient(proxy.url, offer=offer) as client:
            await client.open()
            await feed.live()
            crossing = proxy.crossings[0]
            lane = crossing.lanes["s2c"]
            packer = zlib.compressobj(wbits=-15)
            packed = (packer.compress(b"packed") + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]
            crossing.inflates = True
            assert lane.text_of(make_frame(TEXT, packed, rsv=4, mask=MASK)) == "packed"
            assert lane.text_of(make_frame(TEXT, packed, rsv=4, fin=False)) is None
            assert lane.text_of(make_frame(TEXT, b"\xff" * 9, rsv=4)) is None
            assert lane.text_of(make_frame(TEXT, b"plain \xff", mask=MASK)) == "plain \ufffd"
            assert lane.text_of(make_frame(PING, b"no message")) is None


@pytest.mark.parametrize(
    ("compression", "told"), [("independent", True), ("as-is", False), ("off", False)]
)
async def test_a_client_is_told_to_compress_each_message_by_itself(
    feed: NumberedFeed, compression: Compression, told: bool
) -> None:
    """Also by a server that does not ask for it; else a message that is lost spoils the next."""
    feed.opening = openings.accept_with({"Sec-WebSocket-Extensions": "permessage-deflate"})
    offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    async with (
        Proxy(feed.url, compression=compression) as proxy,
        RawClient(proxy.url, offer=offer) as client,
    ):
        await client.open()
        assert (b"client_no_context_takeover" in client.head) is told


async def test_an_answer_that_is_no_http_goes_on(feed: NumberedFeed) -> None:
    """And what follows it; nothing of it is understood."""

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-x\r\n")
        writer.write(await reader.readexactly(3))
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with (
            Proxy(f"ws://127.0.0.1:{port}", ["mute"]) as proxy,
            RawClient(proxy.url) as client,
        ):
            client.write(b"abc")
            async with asyncio.timeout(10):
                assert await client.reader.read() == b"SSH-2.0-x\r\nabc"
            assert proxy.journal.find("opens") == []


@pytest.mark.parametrize("head", [b"HTTP/1.1 101 Sw", b"HT", b"HTTP/1.1 200 OK\r\nX: y\r\n"])
async def test_half_an_answer_goes_on_before_the_end(head: bytes) -> None:
    """A server that ends in the midst of its answer is seen to do so."""

    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        writer.close()

    server = await asyncio.start_server(half, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with Proxy(f"ws://127.0.0.1:{port}") as proxy, RawClient(proxy.url) as client:
            async with asyncio.timeout(10):
                assert await client.reader.read() == head
