"""Messages in fragments over real sockets, as they are on the wire, and against `websockets`."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, Literal, Protocol

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve as serve_websockets

from longwire.chaos.frames import BINARY, CLOSE, CONT, PING, PONG, TEXT, frame
from longwire.core.liveness import Heartbeat
from longwire.errors import LinkClosed, LongwireError, MessageTooBig
from longwire.link.deflate import Deflate, DeflateParameters
from longwire.link.dial import dial
from longwire.link.fragments import check_alike, failure_of, payload_of, send_all
from longwire.link.listen import serve
from longwire.link.options import LinkOptions
from longwire.testing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from longwire.link.base import Data
    from longwire.link.link import WireLink

    class Live(Protocol):
        """The fixture: makes a live link and its peer, a bare socket."""

        async def __call__(self, **options: Any) -> tuple[WireLink, Any]: ...


COMPRESSION = pytest.mark.parametrize("compression", [None, "deflate"])
MESSAGES: list[list[Data]] = [
    ["one"],
    ["", "grüße, ", "\U0001f9ff", ""],
    [b"", b""],
    [os.urandom(70_000), b"x" * 125, b"x" * 126, b"again" * 20_000],
    ["é" * 40_000, "again and again " * 20_000],
]


class Halting:
    """An asynchronous iterable that gives what it is told to, when it is told to."""

    def __init__(self) -> None:
        self._items: asyncio.Queue[Data | None] = asyncio.Queue()

    def put(self, *items: Data | None) -> None:
        for item in items:
            self._items.put_nowait(item)

    def __aiter__(self) -> AsyncIterator[Data]:
        return self

    async def __anext__(self) -> Data:
        item = await self._items.get()
        if item is None:
            raise StopAsyncIteration
        return item


def whole(fragments: list[Data]) -> Data:
    parts: Any = fragments
    joined: Data = type(parts[0])().join(parts)
    return joined


# ---------------------------------------------------------------- on the wire


@pytest.mark.parametrize("client", [True, False])
async def test_fragments_on_the_wire(live: Live, client: bool) -> None:
    """The opcode stands on the first, an empty one ends the message, pings go in between."""
    link, peer = await live(client=client)
    source = Halting()
    sending = asyncio.ensure_future(link.send_fragments(source))
    source.put("a€", "")
    first, second = await peer.frames(2)
    assert (first.opcode, first.payload, first.fin) == (TEXT, "a€".encode(), False)
    assert (second.opcode, second.payload, second.fin) == (CONT, b"", False)
    assert first.masked == client
    later = asyncio.ensure_future(link.send(b"later"))
    ping = asyncio.ensure_future(link.ping(b"now"))
    assert (await peer.frame()).opcode == PING
    await peer.send(frame(PONG, b"now", mask=None if client else b"mask"))
    await ping
    source.put("b", None)
    third, last, after = await peer.frames(3)
    assert (third.opcode, third.payload, third.fin) == (CONT, b"b", False)
    assert (last.opcode, last.payload, last.fin) == (CONT, b"", True)
    assert (after.opcode, after.payload) == (BINARY, b"later")
    await asyncio.gather(sending, later)
    assert not link._writer.held


async def test_one_context_for_all_fragments(live: Live) -> None:
    """RFC 7692, 7.2.1: RSV1 on the first fragment only, and the payloads are one message."""
    link, peer = await live(deflate=DeflateParameters())
    inflater = Deflate(DeflateParameters())
    part = os.urandom(500)
    for _ in range(2):
        await link.send_fragments([part] * 4)
        frames = await peer.frames(5)
        assert [each.rsv for each in frames] == [4, 0, 0, 0, 0]
        assert inflater.inflate(b"".join(each.payload for each in frames), 10_000) == part * 4
        # What came before is in the window.
        assert len(frames[1].payload) < 50
    await link.send(part)
    assert inflater.inflate((await peer.frame()).payload, 10_000) == part


async def test_a_heartbeat_goes_between_fragments(live: Live) -> None:
    """A message of the application's cannot: a ping takes its place."""
    heartbeat = Heartbeat(every=0.02, within=5.0, message="alive?")
    link, peer = await live(heartbeat=heartbeat)
    assert (await peer.frame()).payload == b"alive?"
    source = Halting()
    sending = asyncio.ensure_future(link.send_fragments(source))
    source.put("half")
    while (await peer.frame()).payload != b"half":
        pass
    assert (await peer.frame()).opcode == PING
    source.put(None)
    await sending


async def test_half_a_message_on_the_wire(live: Live) -> None:
    """A close frame with 1011 follows it, and nothing else."""
    link, peer = await live()

    def failing() -> Any:
        yield b"half"
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk"):
        await link.send_fragments(failing())
    half, end = await peer.frames(2)
    assert (half.opcode, half.fin) == (BINARY, False)
    assert (end.opcode, end.payload[:2]) == (CLOSE, (1011).to_bytes(2, "big"))
    closure = await link.wait_closed()
    assert isinstance(closure.error, OSError)
    assert closure.messages_sent == 0


async def test_a_peer_that_does_not_read_holds_fragments_back(live: Live) -> None:
    """Back-pressure for each fragment; it ends as the end of the link is told."""
    link, _ = await live(buffers=4096, write_high=2**16)
    given = 0

    def endless() -> Any:
        nonlocal given
        while True:
            given += 1
            yield bytes(2**16)

    sending = asyncio.ensure_future(link.send_fragments(endless()))
    async with asyncio.timeout(PATIENCE):
        while not link._writer.paused:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0)
    seen = given
    for _ in range(20):
        await asyncio.sleep(0)
    assert given <= seen + 1
    link.abort()
    with pytest.raises(LinkClosed):
        await sending


async def test_a_fragment_over_the_limit(live: Live) -> None:
    """The limit is one for each fragment: all together may be larger."""
    link, peer = await live(max_message_bytes=10)
    await link.send_fragments([b"x" * 10] * 5)
    assert len(await peer.frames(6)) == 6
    with pytest.raises(MessageTooBig):
        await link.send_fragments([b"x" * 11])
    assert link.closure is None
    with pytest.raises(MessageTooBig):
        await link.send_fragments([b"x", b"x" * 11])
    assert (await link.wait_closed()).sent_code == 1011


async def test_a_cancelled_waiter_does_not_keep_others_waiting(live: Live) -> None:
    """Of those that wait for the end of a message each can go, and the rest goes out in order."""
    link, peer = await live()
    source = Halting()
    sending = asyncio.ensure_future(link.send_fragments(source))
    source.put("half")
    await peer.frame()
    waiting = [asyncio.ensure_future(link.send(f"{number}")) for number in range(6)]
    for _ in range(3):
        await asyncio.sleep(0)
    for place in (0, 3):
        waiting[place].cancel()
    source.put(None)
    await sending
    assert [each.payload for each in await peer.frames(5)] == [b"", b"1", b"2", b"4", b"5"]


# ---------------------------------------------------------------- against websockets


@COMPRESSION
async def test_our_fragments_at_their_server(compression: Literal["deflate"] | None) -> None:
    """`websockets` puts together what we sent in fragments, and takes them one by one."""
    got: list[Any] = []

    async def handler(theirs: Any) -> None:
        got.extend([await theirs.recv() for _ in MESSAGES])
        got.extend([[each async for each in theirs.recv_streaming()] for _ in MESSAGES])

    async with serve_websockets(handler, "127.0.0.1", 0, compression=compression) as server:
        port = server.sockets[0].getsockname()[1]
        link = await dial(f"ws://127.0.0.1:{port}/", compression=compression)
        for fragments in MESSAGES * 2:
            await link.send_fragments(fragments)
        await link.wait_closed()
        await link.wait_gone()
    assert got == [whole(each) for each in MESSAGES] + [[*each, each[0][:0]] for each in MESSAGES]


@COMPRESSION
@pytest.mark.parametrize("stream", [False, True])
async def test_their_fragments_at_our_server(
    compression: Literal["deflate"] | None, stream: bool
) -> None:
    """We put together what `websockets` sent in fragments, or hand it over while it comes."""
    got: list[Any] = []
    ended = asyncio.Event()

    async def handler(link: Any) -> None:
        if stream:
            got.extend([whole([each async for each in one]) async for one in link.streams()])
        else:
            got.extend([message async for message in link])
        ended.set()

    options = LinkOptions(stream=stream)
    async with serve(handler, "127.0.0.1", compression=compression, options=options) as server:
        url = f"ws://127.0.0.1:{server.port}/"
        async with connect(url, compression=compression) as theirs:
            for fragments in MESSAGES:
                await theirs.send(fragments)
                await theirs.send(whole(fragments))
        async with asyncio.timeout(PATIENCE):
            await ended.wait()
    assert got == [whole(each) for each in MESSAGES for _ in range(2)]


@COMPRESSION
async def test_their_fragments_on_our_client(compression: Literal["deflate"] | None) -> None:
    """A server of `websockets` streams, a client of ours takes each piece when it has come."""
    go_on = asyncio.Event()

    async def slowly() -> AsyncIterator[str]:
        yield "first"
        await go_on.wait()
        yield "second"

    async def handler(theirs: Any) -> None:
        await theirs.send(slowly())
        await theirs.send("whole")

    async with serve_websockets(handler, "127.0.0.1", 0, compression=compression) as server:
        port = server.sockets[0].getsockname()[1]
        link = await dial(
            f"ws://127.0.0.1:{port}/", compression=compression, options=LinkOptions(stream=True)
        )
        got: list[Data] = []
        async for message in link.streams():
            async for piece in message:
                got.append(piece)
                go_on.set()
        await link.wait_gone()
    assert got == ["first", "second", "whole"]


# ---------------------------------------------------------------- what fragments are


class Lossy:
    """A message whose link ends while a fragment is being written."""

    def __init__(self, outcome: Exception | None) -> None:
        self._outcome = outcome
        self.written: list[Any] = []
        self.gave_up: list[BaseException] = []

    async def write(self, data: Any) -> None:
        self._tell(LinkClosed("it is over"))
        for _ in range(5):
            await asyncio.sleep(0)
        self.written.append(data)
        if self._outcome is not None:
            raise self._outcome

    async def finish(self) -> None:
        raise AssertionError("it cannot be finished")

    def give_up(self, error: BaseException) -> None:
        self.gave_up.append(error)

    def watch(self, tell: Any) -> None:
        self._tell = tell

    def unwatch(self) -> None:
        del self._tell


@pytest.mark.parametrize("outcome", [None, LinkClosed("it told")])
async def test_a_write_is_not_cancelled_by_the_end(outcome: Exception | None) -> None:
    """It ends by itself, in another thread perhaps; then there is no waiting for the source."""
    source, message = Halting(), Lossy(outcome)
    source.put("half")
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(LinkClosed, match="it is over" if outcome is None else "it told"):
            await send_all(source, message)
    assert message.written == ["half"]
    assert [type(error) for error in message.gave_up] == [LinkClosed]


def test_what_may_be_a_fragment() -> None:
    """Text and bytes; each is encoded whole."""
    assert payload_of("é") == (True, "é".encode())
    assert payload_of(memoryview(b"x")) == (False, b"x")
    with pytest.raises(TypeError):
        payload_of(7)
    with pytest.raises(UnicodeEncodeError):
        payload_of("half a pair: \ud83d")


def test_fragments_are_alike() -> None:
    """The error names both types."""
    check_alike(True, True)
    check_alike(False, False)
    with pytest.raises(TypeError, match="began with bytes cannot go on with str"):
        check_alike(False, True)


def test_what_a_half_sent_message_failed_of() -> None:
    """The user's own error stays what it is; a cancellation is put into words, to be retried."""
    error = LookupError("x")
    assert failure_of(error) is error
    cancelled = failure_of(asyncio.CancelledError())
    assert isinstance(cancelled, LongwireError)
    assert cancelled.retryable
    assert "cancelled" in str(cancelled)
