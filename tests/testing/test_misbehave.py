"""Each misbehaviour is what it says, seen by a client that is not ours or by a bare socket."""

from __future__ import annotations

import asyncio
import contextlib
import math
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import ConnectionClosed, ConnectionClosedError

from longwire.testing import IdleKill, NumberedFeed, StrictPinger, frames, misbehave, number_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from websockets.asyncio.client import ClientConnection, connect

    from longwire.testing import RawLink
    from longwire.testing.misbehave import Misbehaviour

    Dial = Callable[[str], connect]

UPGRADE = (
    b"GET /feed HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@contextlib.asynccontextmanager
async def socket_to(
    feed: NumberedFeed,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, RawLink]]:
    """A live link whose client is a bare socket that answers nothing."""
    reader, writer = await asyncio.open_connection("127.0.0.1", feed.port)
    try:
        writer.write(UPGRADE)
        await reader.readuntil(b"\r\n\r\n")
        yield reader, writer, await feed.link()
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_reset() -> None:
    """What was sent arrives, then ECONNRESET."""
    async with NumberedFeed() as feed, socket_to(feed) as (reader, _, _link):
        feed.after(0, misbehave.reset)
        feed.emit(1)
        expected = frames.frame(frames.TEXT, b"0 of the feed")
        assert await reader.readexactly(len(expected)) == expected
        with pytest.raises(ConnectionResetError):
            await reader.read()


@pytest.mark.parametrize(
    ("cut", "rest"),
    [
        (misbehave.end, b""),
        (misbehave.cut_inside_frame, b"\x81\x64" + b"x" * 10),
        (misbehave.cut_inside_header, b"\x81"),
        (misbehave.cut_inside_message, b"\x01\x05begun"),
    ],
)
async def test_fin_without_close(cut: Misbehaviour, rest: bytes) -> None:
    """What was sent arrives, then nothing but the rest and EOF."""
    async with NumberedFeed() as feed, socket_to(feed) as (reader, _, link):
        feed.after(0, cut)
        feed.emit(2)
        assert await reader.read() == frames.frame(frames.TEXT, b"0 of the feed") + rest
        assert not link.ended, "TCP is closed in one direction only"


async def test_freeze_and_thaw(dial: Dial) -> None:
    """Neither data nor pongs come, the socket stays; after a thaw both come."""
    async with NumberedFeed() as feed, dial(feed.url) as client:
        link = await feed.link()
        feed.after(0, misbehave.freeze)
        feed.emit(3)
        assert number_of(await client.recv()) == 0
        pong = await client.ping()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(pong), 0.02)
        assert link.sent == [0]
        link.thaw()
        await pong
        feed.emit(1)
        assert number_of(await client.recv()) == 3


async def test_freeze_inside_frame() -> None:
    """Ten bytes of a hundred, then nothing."""
    async with NumberedFeed() as feed, socket_to(feed) as (reader, _, link):
        misbehave.freeze_inside_frame(link)
        assert await reader.readexactly(12) == b"\x81\x64" + b"x" * 10
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(), 0.02)


async def test_forget() -> None:
    """No sign of anything wrong until the client speaks; then RST."""
    async with NumberedFeed() as feed, socket_to(feed) as (reader, writer, link):
        misbehave.forget(link)
        feed.emit(1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(), 0.02)
        assert not link.ended
        writer.write(frames.frame(frames.PING, mask=b"mask"))
        with pytest.raises(ConnectionResetError):
            await reader.read()
        assert link.sent == []


async def test_pings_are_counted(dial: Dial) -> None:
    """Whoever waits for so many pings waits for no fewer."""
    async with NumberedFeed() as feed, dial(feed.url) as client:
        link = await feed.link()
        await (await client.ping())
        with pytest.raises(TimeoutError, match="ping 2"):
            await link.wait_pings(2, timeout=0.01)
        _ = await client.ping()
        await link.wait_pings(2)


async def test_mute(dial: Dial) -> None:
    """No numbers, but pongs."""
    async with NumberedFeed(rate=1_000) as feed, dial(feed.url) as client:
        link = await feed.link()
        misbehave.mute(link)
        await (await client.ping())
        count = len(link.sent)
        await feed.reached(feed.next_number + 5)
        assert len(link.sent) == count
        for _ in range(count):
            await client.recv()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.recv(), 0.01)


async def test_ignore_pings(dial: Dial) -> None:
    """Numbers, but no pongs."""
    async with NumberedFeed() as feed, dial(feed.url) as client:
        misbehave.ignore_pings(await feed.link())
        pong = asyncio.ensure_future(await client.ping())
        feed.emit(1)
        assert number_of(await client.recv()) == 0
        assert not pong.done()


async def test_stop_reading() -> None:
    """The client's writes get stuck once the buffers of both kernels are full."""
    async with NumberedFeed() as feed, socket_to(feed) as (_, writer, link):
        misbehave.stop_reading(link)
        writer.transport.set_write_buffer_limits(high=0)
        writer.write(bytes(32 * 2**20))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(writer.drain(), 0.05)
        writer.transport.abort()


async def test_ignore_close(dial: Dial) -> None:
    """A close frame is seen and not answered; TCP stays until the client gives up."""
    async with NumberedFeed() as feed, socket_to(feed) as (reader, writer, link):
        misbehave.ignore_close(link)
        writer.write(frames.frame(frames.CLOSE, frames.close_payload(1000), mask=b"mask"))
        writer.write_eof()
        await link.changes.until(lambda: link.received_close == (1000, ""), what="a close frame")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(), 0.02)
        assert not link.ended


@pytest.mark.parametrize("code", [None, 1000, 1001, 1011, 1012, 1013, 4000, 4999])
async def test_close_with(dial: Dial, code: int | None) -> None:
    """Any code, and none."""
    async with NumberedFeed() as feed, dial(feed.url) as client:
        link = await feed.link()
        misbehave.close_with(code, "why" if code else "")(link)
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == (code or 1005)
        await link.wait_ended()
        assert link.received_close is not None
        assert link.received_close[0] == code


async def test_inject(dial: Dial) -> None:
    """Any bytes."""
    async with NumberedFeed() as feed, dial(feed.url) as client:
        misbehave.inject(frames.frame(frames.BINARY, b"\x00\x01"))(await feed.link())
        assert await client.recv() == b"\x00\x01"


async def test_outage(dial: Dial) -> None:
    """Links are cut, connections refused, and then the same port answers again."""
    async with NumberedFeed() as feed, dial(feed.url) as client:
        await feed.link()
        port = feed.port
        async with misbehave.outage(feed, misbehave.close_with(1012, "restart")):
            with pytest.raises(ConnectionClosedError):
                await client.recv()
            assert client.close_code == 1012
            for _ in range(3):
                with pytest.raises(ConnectionRefusedError):
                    await dial(feed.url)
        assert feed.port == port
        async with dial(feed.url) as again:
            await feed.link(2)
            feed.emit(1)
            assert number_of(await again.recv()) == 0


async def test_idle_kill(dial: Dial) -> None:
    """Bytes from the client keep it; silence ends it, however much the feed sends."""
    async with NumberedFeed(rate=200, watchers=[IdleKill(after=0.2)]) as feed:
        async with dial(feed.url) as client:
            await drain_until_closed(client)
        link = await feed.attempt(1)
        assert link.error is None
        assert len(link.sent) > 1


async def test_idle_kill_spares_the_lively(dial: Dial) -> None:
    """A client that pings outlives the idle time."""
    async with (
        NumberedFeed(watchers=[IdleKill(after=1.0, how=misbehave.end)]) as feed,
        dial(feed.url) as client,
    ):
        link = await feed.link()
        loop = asyncio.get_running_loop()
        until = loop.time() + 1.2
        while loop.time() < until:
            await (await client.ping())
        assert not link.finished


async def test_strict_pinger(dial: Dial) -> None:
    """A client that answers lives on; one that doesn't is closed with 1011."""
    watchers = [StrictPinger(every=0.02, within=10)]
    async with NumberedFeed(watchers=watchers) as feed, dial(feed.url):
        link = await feed.link()
        await link.changes.until(
            lambda: sum(one.opcode == frames.PONG for one in link.frames) >= 3,
            what="three pongs",
        )
        assert not link.sent_close
    watchers = [StrictPinger(every=0.02, within=0.05)]
    async with NumberedFeed(watchers=watchers) as feed, socket_to(feed) as (reader, _, _link):
        ping = await reader.readexactly(2)
        assert ping[0] == 0x80 | frames.PING
        rest = await reader.read()
        assert rest.endswith(
            frames.frame(frames.CLOSE, frames.close_payload(1011, "keepalive ping timeout"))
        )


async def test_flood_goes_on_without_the_frozen(dial: Dial) -> None:
    """A frozen link does not hold up the others."""
    async with (
        NumberedFeed(rate=math.inf) as feed,
        dial(feed.url),
        dial(feed.url) as client,
    ):
        stuck = await feed.link(1)
        misbehave.freeze(stuck)
        frozen_at = feed.next_number
        number = -1
        while number < frozen_at + 100:
            got = number_of(await client.recv())
            assert got is not None
            assert got > number
            number = got


async def drain_until_closed(client: ClientConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        while True:
            await client.recv()
