"""Checks of messages in fragments: sent while they are made, received while they come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Self

from longwire.errors import LinkClosed
from longwire.testing.conformance.expect import expect, expect_closed, turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from longwire.link.base import Data, Link

FRAGMENTED: Final[tuple[list[Data], ...]] = (
    ["one"],
    ["", "grüße, ", "", "\U0001f9ff"],
    [b"", b""],
    [b"\x00", b"\xff" * 70_000, b"x" * 125, b"x" * 126],
    ["é" * 40_000, "y" * 200_000],
    [b"big" * 100_000] * 3,
)
"""Messages in fragments of every kind and of the sizes at which something changes."""


async def _slowly(fragments: list[Data]) -> AsyncIterator[Data]:
    for fragment in fragments:
        await turns(2)
        yield fragment


def _joined(parts: list[Any]) -> Data:
    whole: Data = type(parts[0])().join(parts)
    return whole


async def fragments_are_one_message(one: Link, other: Link) -> None:
    """Plain and asynchronous iterables arrive as one message of their type; none sends nothing."""
    for fragments in FRAGMENTED:
        for source in (fragments, iter(fragments), _slowly(fragments)):
            sending = asyncio.create_task(one.send_fragments(source))
            message = await other.recv()
            assert type(message) is type(fragments[0])
            assert message == _joined(fragments)
            await sending
    await one.send_fragments([])
    await one.send("next")
    assert await other.recv() == "next"


async def others_wait_for_the_end(one: Link, other: Link) -> None:
    """Between the fragments of a message no other message goes out, but pings do."""
    go_on = asyncio.Event()

    async def halting() -> AsyncIterator[str]:
        yield "begun, "
        await go_on.wait()
        yield "ended"

    tasks = [asyncio.create_task(one.send_fragments(halting()))]
    await turns(5)
    tasks += [asyncio.create_task(one.send(f"later {number}")) for number in range(3)]
    tasks.append(asyncio.create_task(one.send_fragments(["last", " of all"])))
    await one.ping()
    assert not any(task.done() for task in tasks)
    go_on.set()
    messages = [await other.recv() for _ in tasks]
    assert messages == ["begun, ended", "later 0", "later 1", "later 2", "last of all"]
    await asyncio.gather(*tasks)


async def half_a_message_ends_the_link(one: Link, other: Link) -> None:
    """An iterable that fails in mid-message cannot be made undone: 1011, and its own error."""
    closed: list[bool] = []

    async def failing() -> AsyncIterator[str]:
        try:
            yield "half"
            await turns(2)
            raise LookupError("no more")
        finally:
            closed.append(True)

    await expect(LookupError, one.send_fragments(failing()))
    assert closed == [True]
    closure = await one.wait_closed()
    assert closure.end == "local-error"
    assert closure.by == "local"
    assert closure.sent_code == 1011
    assert isinstance(closure.error, LookupError)
    await expect_closed(other, other.recv())
    theirs = await other.wait_closed()
    assert theirs.received_code == 1011
    assert theirs.messages_received == 0
    assert theirs.partial_frame


async def cancelled_in_the_middle_ends_the_link(one: Link, other: Link) -> None:
    """Cancelling is no different, and the closure says what it was."""
    sending = asyncio.create_task(one.send_fragments(_halting("half")))
    await other.ping()
    await turns(5)
    sending.cancel()
    await asyncio.wait([sending])
    assert sending.cancelled()
    closure = await one.wait_closed()
    assert (closure.end, closure.sent_code) == ("local-error", 1011)
    assert "cancelled" in str(closure.error)
    await other.wait_closed()


async def _halting(*fragments: Data) -> AsyncIterator[Data]:
    for fragment in fragments:
        yield fragment
    await asyncio.Event().wait()


class _Failing:
    """Fails before it has given anything."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        raise LookupError("none at all")


async def nothing_sent_nothing_ended(one: Link, other: Link) -> None:
    """What fails or is cancelled before its first fragment does the link no harm."""
    await expect(LookupError, one.send_fragments(_Failing()))
    wrong: Any
    for wrong in (None, 7, "text", b"bytes", {"a": "b"}, [7], [None, "x"]):
        await expect(TypeError, one.send_fragments(wrong))
    waiting = asyncio.create_task(one.send_fragments(_halting()))
    await turns(3)
    waiting.cancel()
    await asyncio.wait([waiting])
    await one.send("whole")
    assert await other.recv() == "whole"


async def fragments_are_of_one_type(one: Link, other: Link) -> None:
    """A message that began as text cannot go on with bytes."""
    await expect(TypeError, one.send_fragments(["text", b"bytes"]))
    assert (await one.wait_closed()).sent_code == 1011
    await other.wait_closed()


async def fragments_after_the_end(one: Link, other: Link) -> None:
    """Who sends, or would like to, when the link ends is told."""
    go_on = asyncio.Event()

    async def halting() -> AsyncIterator[str]:
        yield "half"
        await go_on.wait()
        yield "too late"

    sending = asyncio.create_task(other.send_fragments(halting()))
    await turns(5)
    waiting = asyncio.create_task(other.send_fragments(["waits"]))
    await turns(5)
    await one.close()
    await other.wait_closed()
    await expect_closed(other, waiting)
    go_on.set()
    await expect_closed(other, sending)
    await expect_closed(one, one.send_fragments(["too late"]))


async def who_waits_for_a_fragment_is_told_the_end(one: Link, other: Link) -> None:
    """The end of the link ends the waiting for the next fragment, and closes the iterable."""
    closed: list[str] = []

    async def halting(*fragments: str) -> AsyncIterator[str]:
        try:
            for fragment in fragments:
                yield fragment
            await asyncio.Event().wait()
        finally:
            closed.append("".join(fragments))

    sending = [asyncio.create_task(other.send_fragments(halting(*each))) for each in ("", "ha")]
    await turns(5)
    await one.close()
    for task in sending:
        await expect_closed(other, task)
        assert task.cancelling() == 0
    assert sorted(closed) == ["", "ha"]


async def no_streams_unless_asked_for(one: Link, other: Link) -> None:
    """A link that hands over whole messages says so."""
    for link in (one, other):
        for ask in (link.recv_stream, link.streams):
            try:
                ask()
            except RuntimeError as error:
                assert "stream=True" in str(error)  # noqa: PT017 - this is no test
            else:
                raise AssertionError("streams were given though streaming is off")


FRAGMENT_CHECKS: Final = (
    fragments_are_one_message,
    others_wait_for_the_end,
    half_a_message_ends_the_link,
    cancelled_in_the_middle_ends_the_link,
    nothing_sent_nothing_ended,
    fragments_are_of_one_type,
    fragments_after_the_end,
    who_waits_for_a_fragment_is_told_the_end,
    no_streams_unless_asked_for,
)


# -- the second link has streaming -------------------------------------------------------------


async def pieces_are_the_message(one: Link, streaming: Link) -> None:
    """However it was sent, the pieces are of its type, never empty, and joined the message."""
    for fragments in FRAGMENTED:
        whole = _joined(fragments)
        for sending in (one.send_fragments(fragments), one.send(whole)):
            task = asyncio.create_task(sending)
            parts = [piece async for piece in streaming.recv_stream()]
            await task
            assert {type(part) for part in parts} == {type(whole)}
            assert _joined(parts) == whole
            assert all(parts) or parts == [type(whole)()]
            assert all(_size(part) <= 65_536 for part in parts)


def _size(part: Data) -> int:
    return len(part) if isinstance(part, bytes) else len(part.encode())


async def pieces_come_before_the_end(one: Link, streaming: Link) -> None:
    """A piece is there when its fragment is, while the message is under way."""
    go_on = asyncio.Event()

    async def halting() -> AsyncIterator[str]:
        yield "first"
        await go_on.wait()
        yield "second"

    sending = asyncio.create_task(one.send_fragments(halting()))
    stream = streaming.recv_stream()
    assert await anext(stream) == "first"
    assert not sending.done()
    # A piece that does not come can be waited for with a time limit.
    waiting = asyncio.ensure_future(anext(stream))
    await turns(3)
    waiting.cancel()
    await asyncio.wait([waiting])
    go_on.set()
    assert [piece async for piece in stream] == ["second"]
    assert [piece async for piece in stream] == []
    await sending


async def what_is_left_is_passed_over(one: Link, streaming: Link) -> None:
    """Who leaves a message half read gets the next one whole; the left one cannot be gone on."""
    messages = [[f"{number}-{part}" * 3_000 for part in range(5)] for number in range(4)]

    async def send() -> None:
        for fragments in messages:
            await one.send_fragments(fragments)

    sending = asyncio.create_task(send())
    left = streaming.recv_stream()
    assert await anext(left) == messages[0][0]
    follower = streaming.recv_stream()
    assert await anext(follower) == messages[1][0]
    await expect(RuntimeError, anext(left))
    rest = [stream async for stream in _first_of(streaming, 1)]
    assert [piece async for piece in rest[0]] == messages[2]
    async for stream in streaming.streams():
        assert [piece async for piece in stream] == messages[3]
        break
    await sending


async def _first_of(link: Link, count: int) -> AsyncIterator[Any]:
    async for stream in link.streams():
        yield stream
        count -= 1
        if not count:
            return


async def streams_not_read_are_passed_over(one: Link, streaming: Link) -> None:
    """A stream that nobody reads is no hindrance for the next one."""
    for number in range(3):
        await one.send(f"{number}")
    streams = streaming.streams()
    await anext(streams)
    second = await anext(streams)
    assert [piece async for piece in second] == ["1"]
    assert [piece async for piece in streaming.recv_stream()] == ["2"]


async def one_reads_at_a_time(one: Link, streaming: Link) -> None:
    """Two tasks that wait for pieces at once would tear a message: the second is told."""
    waiting = asyncio.ensure_future(anext(streaming.recv_stream()))
    await turns(2)
    await expect(RuntimeError, anext(streaming.recv_stream()))
    await one.send("whole")
    assert await waiting == "whole"


async def a_cut_message_raises(one: Link, streaming: Link) -> None:
    """A link that ends in mid-message: what came is handed over, then the stream says it."""
    go_on = asyncio.Event()

    async def halting() -> AsyncIterator[str]:
        yield "a"
        yield "b"
        await go_on.wait()
        yield "too late"

    sending = asyncio.create_task(one.send_fragments(halting()))
    stream = streaming.recv_stream()
    assert [await anext(stream), await anext(stream)] == ["a", "b"]
    await one.close(1000)
    for _ in range(2):
        error = await expect(LinkClosed, anext(stream))
        assert error.closure is streaming.closure
    assert streaming.closure is not None
    assert streaming.closure.partial_frame
    # In between there is nothing wrong with such an end.
    assert [each async for each in streaming.streams()] == []
    await expect_closed(streaming, anext(streaming.recv_stream()))
    go_on.set()
    await expect_closed(one, sending)


async def whole_messages_are_refused(one: Link, streaming: Link) -> None:
    """With streaming there are no whole messages, and who asks for them is told."""
    await one.send("x")
    for ask in (
        streaming.recv,
        lambda: streaming.recv(timeout=1),
        lambda: anext(aiter(streaming)),
        lambda: anext(streaming.batches()),
    ):
        await expect(RuntimeError, _asked(ask))
    assert [piece async for piece in streaming.recv_stream()] == ["x"]


async def _asked(ask: Any) -> object:
    return await ask()


STREAM_CHECKS: Final = (
    pieces_are_the_message,
    pieces_come_before_the_end,
    what_is_left_is_passed_over,
    streams_not_read_are_passed_over,
    one_reads_at_a_time,
    a_cut_message_raises,
    whole_messages_are_refused,
)
