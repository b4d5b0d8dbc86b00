"""Messages handed over while they come: memory stays flat, and every end is told."""

from __future__ import annotations

import asyncio
import os
import tracemalloc
from typing import TYPE_CHECKING, Any, Literal, Protocol

import pytest

from longwire.chaos.frames import BINARY, CLOSE, CONT, PING, PONG, TEXT, close_payload, frame
from longwire.core.pieces import Cut, Piece
from longwire.errors import LinkClosed, ProtocolError
from longwire.link.deflate import Deflate, DeflateParameters
from longwire.link.dial import dial
from longwire.link.inbox import Inbox
from longwire.link.listen import serve
from longwire.link.options import LinkOptions
from longwire.link.stream import StreamInbox, streams_of
from longwire.link.streamparser import PIECE
from longwire.testing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from longwire.link.link import WireLink

    class Live(Protocol):
        """The fixture: makes a live link and its peer, a bare socket."""

        async def __call__(self, **options: Any) -> tuple[WireLink, Any]: ...

    Until = Callable[[Callable[[], object]], Awaitable[None]]


@pytest.mark.parametrize(("compression", "megabytes"), [(None, 200), ("deflate", 50)])
async def test_memory_stays_flat(compression: Literal["deflate"] | None, megabytes: int) -> None:
    """200 MB in one message, far over every limit, and never more than a few of them here."""
    part = bytes(2**20)
    total = 0

    async def handler(link: Any) -> None:
        await link.send_fragments(part for _ in range(megabytes))

    options = LinkOptions(stream=True, inbox_bytes=2**20)
    async with serve(handler, "127.0.0.1", compression=compression) as server:
        link = await dial(
            f"ws://127.0.0.1:{server.port}/", compression=compression, options=options
        )
        tracemalloc.start(1)
        try:
            async for piece in link.recv_stream():
                total += len(piece)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        closure = await link.wait_closed()
        await link.wait_gone()
    assert total == megabytes * len(part)
    assert peak < 16 * 2**20
    assert closure.normal
    assert not closure.partial_frame


async def test_one_frame_of_any_size(live: Live) -> None:
    """A message that its sender did not fragment streams, too, far over ``max_message_bytes``."""
    link, peer = await live(stream=True, max_message_bytes=2**20, inbox_bytes=2**20)
    chunk = os.urandom(2**20)
    count = 8
    head = frame(BINARY, b"", length=count * len(chunk))

    async def send() -> None:
        await peer.send(head)
        for _ in range(count):
            await peer.send(chunk)

    sending = asyncio.create_task(send())
    pieces = [piece async for piece in link.recv_stream()]
    await sending
    assert b"".join(pieces) == chunk * count  # type: ignore[arg-type]
    assert {len(piece) for piece in pieces} == {PIECE}
    assert link.received == len(pieces)


async def test_reading_pauses_in_mid_message(live: Live, until: Until) -> None:
    """Who does not take pieces holds the peer back, within the bounds of the inbox."""
    link, peer = await live(stream=True, inbox_bytes=4 * PIECE, buffers=4096)

    async def send() -> None:
        await peer.send(frame(BINARY, bytes(64 * PIECE)))

    sending = asyncio.create_task(send())
    await until(lambda: link.paused_since is not None)
    assert link.inbox.queued_bytes() <= 4 * PIECE
    assert sum([len(piece) async for piece in link.recv_stream()]) == 64 * PIECE
    await sending


@pytest.mark.parametrize("how", ["eof", "close", "abort", "bad text", "reset"])
async def test_a_message_that_is_cut(live: Live, how: str) -> None:
    """What came is handed over, then the stream raises with the closure, which tells it, too."""
    link, peer = await live(stream=True)
    await peer.send(frame(TEXT, b"one", fin=False), frame(PING), frame(CONT, b"two", fin=False))
    stream = link.recv_stream()
    assert [await anext(stream), await anext(stream)] == ["one", "two"]
    if how == "eof":
        peer.finish()
    elif how == "close":
        await peer.send(frame(CLOSE, close_payload(1000)))
    elif how == "abort":
        link.abort()
    elif how == "bad text":
        await peer.send(frame(CONT, b"\xff"))
    else:
        peer.reset()
    for _ in range(2):
        with pytest.raises(LinkClosed) as caught:
            await anext(stream)
        assert caught.value.closure is await link.wait_closed()
    assert link.closure is not None
    assert link.closure.partial_frame
    assert link.closure.messages_received == 2
    assert link.inbox.received == 2
    assert link.inbox.queued() == 0


async def test_a_cut_without_a_reader(live: Live) -> None:
    """Nobody reads before the end: pieces first, in order, then the end, and the sums hold."""
    link, peer = await live(stream=True)
    await peer.send(frame(TEXT, b"whole"), frame(TEXT, b"half", fin=False))
    peer.finish()
    await link.wait_closed()
    streams = link.streams()
    assert await _all_of(await anext(streams)) == ["whole"]
    stream = await anext(streams)
    assert await anext(stream) == "half"
    with pytest.raises(LinkClosed):
        await anext(stream)
    assert link.inbox.received == link.received == 2
    assert link.inbox.queued() == 0


async def test_a_peer_that_falls_silent_in_mid_message(live: Live) -> None:
    """The time limit is one for the next byte: the message fails, the stream says it."""
    link, peer = await live(stream=True, fragment_timeout=0.1)
    await peer.send(frame(BINARY, b"begun", fin=False))
    stream = link.recv_stream()
    assert await anext(stream) == b"begun"
    with pytest.raises(LinkClosed) as caught:
        await anext(stream)
    assert isinstance(caught.value.closure.error, ProtocolError)
    assert caught.value.closure.sent_code == 1008


async def test_cancelled_steps_lose_nothing(live: Live) -> None:
    """A consumer that is cancelled at any moment goes on with the same stream."""
    link, peer = await live(stream=True)
    count = 100

    async def send() -> None:
        for number in range(count):
            await peer.send(frame(CONT if number else TEXT, b"%d," % number, fin=False))
            await asyncio.sleep(0)
        await peer.send(frame(CONT))

    sending = asyncio.create_task(send())
    stream = link.recv_stream()
    got: list[Any] = []
    turns = 0
    while True:
        step = asyncio.ensure_future(_next(stream))
        for _ in range(turns % 4):
            await asyncio.sleep(0)
        turns += 1
        step.cancel()
        await asyncio.wait([step])
        if not step.cancelled():
            piece = step.result()
            if piece is None:
                break
            got.append(piece)
    await sending
    assert "".join(got) == "".join(f"{number}," for number in range(count))


async def _all_of(stream: Any) -> list[Any]:
    return [piece async for piece in stream]


async def _next(stream: Any) -> Any:
    return await anext(stream, None)


async def test_a_stream_left_by_a_cancelled_consumer(live: Live) -> None:
    """The next message is whole, the link lives, and its control frames are answered."""
    link, peer = await live(stream=True)
    await peer.send(frame(TEXT, b"left", fin=False))

    async def consume() -> None:
        async for _ in link.recv_stream():
            pass

    consuming = asyncio.ensure_future(consume())
    for _ in range(5):
        await asyncio.sleep(0)
    consuming.cancel()
    await asyncio.wait([consuming])
    await peer.send(frame(CONT, b"over", fin=False), frame(PING, b"?"), frame(CONT))
    await peer.send(frame(TEXT, b"next"))
    assert [piece async for piece in link.recv_stream()] == ["next"]
    assert (await peer.frame()).opcode == PONG


async def test_what_is_dropped_at_the_end_breaks_the_message(live: Live, until: Until) -> None:
    """A bomb behind a full inbox has no place when the link ends: counted, and no silent hole."""
    deflate = DeflateParameters()
    link, peer = await live(stream=True, deflate=deflate, inbox_bytes=PIECE)
    codec = Deflate(deflate)
    raw = frame(BINARY, codec.compress_fragment(bytes(40 * PIECE), final=False), fin=False, rsv=4)
    await peer.send(raw, frame(CONT, codec.compress_fragment(b"", final=True)))
    await until(lambda: link.paused_since is not None)
    link.abort()
    closure = await link.wait_closed()
    assert closure.messages_dropped > 0
    inbox = link.inbox
    taken = inbox.queued()
    assert inbox.received == closure.messages_received == taken + inbox.dropped
    with pytest.raises(LinkClosed):
        await _all_of(link.recv_stream())
    assert inbox.queued() == 0


# ---------------------------------------------------------------- the inbox alone


def put(inbox: StreamInbox, *pieces: Piece) -> None:
    inbox.commit(list(pieces), sum(piece.size for piece in pieces))


async def test_a_cut_whose_mark_was_let_go_of() -> None:
    """Marks are bounded: the next message's first piece tells it then, and loses nothing."""
    inbox = StreamInbox(1000, 10_000)
    put(inbox, Piece("half", 4, first=True, last=False))
    put(inbox, Piece("next", 4, first=True, last=True))
    stream = inbox.streams.stream()
    assert await anext(stream) == "half"
    with pytest.raises(LinkClosed, match="in the middle"):
        await anext(stream)
    assert [piece async for piece in inbox.streams.stream()] == ["next"]


async def test_a_hole_in_a_message() -> None:
    """Pieces that had no place are missed: the message is broken, the next one is not."""
    inbox = StreamInbox(1000, 10_000)
    put(inbox, Piece("half", 4, first=True, last=False))
    inbox.lose(1)
    put(inbox, Piece("rest", 4, first=False, last=True), Piece("b", 1, first=True, last=True))
    stream = inbox.streams.stream()
    assert await anext(stream) == "half"
    for _ in range(2):
        with pytest.raises(LinkClosed, match="in the middle"):
            await anext(stream)
    assert [piece async for piece in inbox.streams.stream()] == ["b"]
    assert inbox.received == 4
    assert inbox.dropped == 1


async def test_a_cut_between_messages_is_passed_over() -> None:
    """Marks concern who is in the middle of a message."""
    inbox = StreamInbox(1000, 10_000)
    inbox.mark(Cut("the closure"))
    inbox.mark("any other mark")
    put(inbox, Piece(b"", 0, first=True, last=True))
    assert [piece async for piece in inbox.streams.stream()] == [b""]


async def test_a_begin_that_is_cancelled_leaves_the_old_message() -> None:
    """Asking for the next message leaves the one before, whatever becomes of the question."""
    inbox = StreamInbox(1000, 10_000)
    put(inbox, Piece("half", 4, first=True, last=False))
    old = inbox.streams.stream()
    assert await anext(old) == "half"
    asking = asyncio.ensure_future(_next(inbox.streams.stream()))
    for _ in range(3):
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait([asking])
    put(inbox, Piece("rest", 4, first=False, last=True), Piece("b", 1, first=True, last=True))
    with pytest.raises(RuntimeError, match="was left"):
        await anext(old)
    assert [piece async for piece in inbox.streams.stream()] == ["b"]


async def test_a_stream_inbox_has_no_whole_messages() -> None:
    """And one of whole messages no streams."""
    inbox = StreamInbox(10, 100)
    asks: list[Any] = [inbox.receive, inbox.messages, inbox.batches]
    for ask in asks:
        with pytest.raises(RuntimeError, match="recv_stream"):
            ask()
    with pytest.raises(RuntimeError, match="recv_stream"):
        inbox.receive_within(1)
    assert streams_of(inbox) is inbox.streams
    with pytest.raises(RuntimeError, match="stream=True"):
        streams_of(Inbox(10, 100))


async def test_waiting_is_woken_by_the_next_link() -> None:
    """A consumer between two links waits for the first piece of the second."""
    inbox = StreamInbox(1000, 10_000)
    waiting = asyncio.ensure_future(_next(inbox.streams.stream()))
    await asyncio.sleep(0)
    put(inbox, Piece("new", 3, first=True, last=True))
    async with asyncio.timeout(PATIENCE):
        assert await waiting == "new"
