"""The feed's end of a connection, met by a bare socket: what it reads, writes and remembers."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from longwire.testing import NumberedFeed, RawLink, frames
from longwire.testing.rawlink import message_frame

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HEAD = (
    b"GET /feed?token=x HTTP/1.1\r\nHost: a\r\nX-Twice: 1\r\nx-twice: 2\r\n"
    b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MASK = b"abcd"
DEADLINE = 10.0


class Client:
    """A bare socket that speaks frames."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self._frames = frames.FrameReader()
        self._read: list[frames.Frame] = []

    def say(self, opcode: int, payload: bytes = b"", *, fin: bool = True) -> None:
        """Write a frame as a client does, masked."""
        self.writer.write(frames.frame(opcode, payload, fin=fin, mask=MASK))

    async def hear(self) -> frames.Frame:
        """The next frame."""
        async with asyncio.timeout(DEADLINE):
            while not self._read:
                data = await self._reader.read(65_536)
                assert data, "the connection has ended"
                self._read += self._frames.feed(data)
        return self._read.pop(0)

    async def rest(self) -> bytes:
        """Everything up to the end of TCP."""
        async with asyncio.timeout(DEADLINE):
            return await self._reader.read()


@contextlib.asynccontextmanager
async def connected() -> AsyncIterator[tuple[Client, RawLink]]:
    """A live link and its client."""
    async with NumberedFeed() as feed:
        reader, writer = await asyncio.open_connection("127.0.0.1", feed.port)
        try:
            writer.write(HEAD)
            async with asyncio.timeout(DEADLINE):
                await reader.readuntil(b"\r\n\r\n")
            yield Client(reader, writer), await feed.link()
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


def test_a_message_is_one_frame() -> None:
    """Text is text, bytes are binary; a server masks nothing."""
    (text,) = frames.FrameReader().feed(message_frame("ünï"))
    (binary,) = frames.FrameReader().feed(message_frame(b"\x00"))
    assert (text.opcode, text.payload) == (frames.TEXT, "ünï".encode())
    assert (binary.opcode, binary.payload) == (frames.BINARY, b"\x00")
    assert text.fin
    assert not text.masked


async def test_the_request_is_read_whole() -> None:
    """Names in lower case, repeated fields joined; what it is told of itself is true."""
    async with connected() as (_, link):
        head = await link.read_head()
        assert head.target == "/feed?token=x"
        assert head.headers["x-twice"] == "1, 2"
        assert link.index == 0
        assert link.live
        assert link.ready
        assert link.accepted_at > 0


async def test_a_request_that_does_not_come_has_a_deadline() -> None:
    """Its name is in the error."""
    async with NumberedFeed() as feed:
        _, writer = await asyncio.open_connection("127.0.0.1", feed.port)
        link = await feed.attempt()
        with pytest.raises(TimeoutError, match="an opening request"):
            await link.read_head(0.01)
        writer.close()
        await writer.wait_closed()


async def test_frames_that_come_with_the_request_are_not_lost() -> None:
    """They wait until the opening has been answered."""
    async with NumberedFeed() as feed:
        _, writer = await asyncio.open_connection("127.0.0.1", feed.port)
        writer.write(HEAD + frames.frame(frames.TEXT, b"early", mask=MASK))
        link = await feed.link()
        assert await link.wait_message() == "early"
        writer.close()
        await writer.wait_closed()


async def test_messages_are_kept_in_order() -> None:
    """Fragments put together, text as text; every frame is kept as it came."""
    async with connected() as (client, link):
        client.say(frames.TEXT, b"one ")
        client.say(frames.BINARY, b"t", fin=False)
        client.say(frames.CONT, b"wo")
        client.say(frames.TEXT, b"\xff")
        assert await link.wait_message(3) == "\ufffd"
        assert link.messages == ["one ", b"two", "\ufffd"]
        assert [one.fin for one in link.frames] == [True, False, True, True]
        assert all(one.masked for one in link.frames)
        await link.wait_bytes(link.bytes_received)
        with pytest.raises(TimeoutError, match="message 4"):
            await link.wait_message(4, timeout=0.01)
        with pytest.raises(TimeoutError, match="byte"):
            await link.wait_bytes(link.bytes_received + 1, timeout=0.01)


async def test_pings_both_ways() -> None:
    """The client's are answered unless that is switched off; ours wait for their pong."""
    async with connected() as (client, link):
        client.say(frames.PING, b"hello")
        pong = await client.hear()
        assert (pong.opcode, pong.payload) == (frames.PONG, b"hello")
        waiting = asyncio.create_task(link.ping())
        ping = await client.hear()
        client.say(frames.PONG, b"not that one")
        client.say(frames.PONG, ping.payload)
        await waiting
        with pytest.raises(TimeoutError):
            await link.ping(timeout=0.01)
        # What was written before it is read before the message is: there is no answer in between.
        assert (await client.hear()).opcode == frames.PING
        link.answers_pings = False
        client.say(frames.PING, b"again")
        client.say(frames.TEXT, b"behind it")
        await link.wait_message()
        link.send("last")
        assert (await client.hear()).payload == b"last"


async def test_a_ping_ends_with_the_link() -> None:
    """It does not wait for its deadline."""
    async with connected() as (client, link):
        waiting = asyncio.create_task(link.ping())
        await client.hear()
        link.reset()
        with pytest.raises(ConnectionError, match="before the pong"):
            await waiting
        assert link.ended
        assert not link.ready


@pytest.mark.parametrize(
    ("payload", "kept"),
    [
        (frames.close_payload(4000, "bye"), (4000, "bye")),
        (b"", (None, "")),
    ],
)
async def test_a_close_is_answered_with_itself(
    payload: bytes, kept: tuple[int | None, str]
) -> None:
    """And then TCP is closed; nothing can be sent any more."""
    async with connected() as (client, link):
        client.say(frames.CLOSE, payload)
        answer = await client.hear()
        assert (answer.opcode, answer.payload) == (frames.CLOSE, payload)
        assert await client.rest() == b""
        assert link.received_close == kept
        assert link.sent_close
        assert not link.send("too late")
        await link.wait_ended()


async def test_a_close_of_its_own_waits_for_the_answer() -> None:
    """TCP stays until the client has answered."""
    async with connected() as (client, link):
        link.send_close(1012, "back soon")
        close = await client.hear()
        assert close.payload == frames.close_payload(1012, "back soon")
        assert not link.ready
        assert not link.ended
        client.say(frames.CLOSE, close.payload)
        assert await client.rest() == b"", "one close frame is enough"
        await link.wait_ended()


async def test_a_close_that_is_not_answered_leaves_the_socket() -> None:
    """Even when the client has ended its side."""
    async with connected() as (client, link):
        link.answers_close = False
        client.say(frames.CLOSE, frames.close_payload(1000))
        client.writer.write_eof()
        await link.changes.until(lambda: link.received_close is not None, what="the close")
        link.write(frames.frame(frames.TEXT, b"still here"))
        assert (await client.hear()).payload == b"still here"
        link.reset()


async def test_a_frozen_link_neither_reads_nor_writes() -> None:
    """Until it thaws; what was to be written meanwhile is not."""
    async with connected() as (client, link):
        link.freeze()
        client.say(frames.TEXT, b"unread")
        assert not link.send("unwritten")
        assert not link.ready
        with pytest.raises(TimeoutError):
            await link.wait_message(timeout=0.05)
        link.thaw()
        assert await link.wait_message() == "unread"
        assert link.send("written")
        assert (await client.hear()).payload == b"written"


async def test_an_end_without_a_close_frame() -> None:
    """FIN behind what was written; reading goes on until the client ends, too."""
    async with connected() as (client, link):
        link.send("last")
        link.end()
        link.end()
        assert await client.rest() == message_frame("last")
        assert not link.send("too late")
        client.say(frames.TEXT, b"heard all the same")
        assert await link.wait_message() == "heard all the same"
        assert not link.ended


async def test_the_wait_for_the_end_has_a_deadline() -> None:
    """And a name."""
    async with connected() as (_, link):
        with pytest.raises(TimeoutError, match="the end of link 0"):
            await link.wait_ended(0.01)
