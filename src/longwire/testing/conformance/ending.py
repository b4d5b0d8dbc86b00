"""Checks of the end: one closure, told after everything received, quietly or with an error."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final

from longwire.errors import LinkClosed
from longwire.testing.conformance.expect import (
    both_closed,
    expect,
    expect_closed,
    recv_many,
    send_all,
    turns,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from longwire.link.base import Data, Link


async def abort_is_at_once(one: Link, other: Link) -> None:
    """`abort` ends the link without a close handshake; the peer finds the bytes at their end."""
    one.abort()
    assert one.closure is not None
    assert (one.closure.end, one.closure.by) == ("aborted", "local")
    theirs = await other.wait_closed()
    assert theirs.end in {"eof", "reset"}
    assert theirs.received_code is None
    for link in (one, other):
        await expect_closed(link, link.recv())


async def abort_ends_a_close(one: Link, other: Link) -> None:
    """`abort` does not wait for a close that is under way, and nobody else does either."""
    closing = asyncio.create_task(one.close(4000))
    await turns(1)
    one.abort()
    assert one.closure is not None
    await closing
    await other.wait_closed()


async def closure_is_one(one: Link, other: Link) -> None:
    """There is none while the link lives, then one, the same for ever and for all who ask."""
    assert [one.closure, other.closure] == [None, None]
    waiting = [asyncio.create_task(one.wait_closed()) for _ in range(5)]
    await turns(1)
    waiting[1].cancel()
    await other.close(4000)
    closure = await one.wait_closed()
    assert one.closure is closure
    for number, task in enumerate(waiting):
        if number != 1:
            assert await task is closure
    one.abort()
    await one.close(4001)
    other.abort()
    await both_closed(one, other)
    assert one.closure is closure
    assert closure.received_code == 4000


async def closure_counts(one: Link, other: Link) -> None:
    """The closures say how much went which way, and when."""
    await send_all(one, ["four", b"fives", ""])
    await send_all(other, ["x" * 1_000])
    await one.ping()
    await other.ping()
    await one.close()
    mine, theirs = await both_closed(one, other)
    assert (mine.messages_sent, mine.messages_received) == (3, 1)
    assert (theirs.messages_sent, theirs.messages_received) == (1, 3)
    for closure in (mine, theirs):
        assert closure.bytes_sent >= 9
        assert closure.bytes_received >= 9
        assert closure.opened <= closure.last_byte <= closure.ended
        assert closure.last_pong is not None
        assert closure.last_data is not None
        assert closure.opened <= closure.last_data <= closure.last_byte
        assert closure.rtt is not None
        assert not closure.partial_frame
    # The close frame itself is no sign of life: the pong was the last one.
    assert theirs.last_byte == theirs.last_pong


async def received_before_the_end(one: Link, other: Link) -> None:
    """What arrived before the end is handed over before the end is told, however one reads."""
    messages: list[Data] = [f"{number}" for number in range(50)]
    await send_all(other, messages)
    await other.close(4000)
    await one.wait_closed()
    received = [await one.recv()]
    received += await recv_many(one, 9)
    iterator = aiter(one)
    received += [await anext(iterator) for _ in range(10)]
    received += await anext(aiter(one.batches()))
    assert received == messages
    await expect_closed(one, one.recv())


async def received_before_a_cut(one: Link, other: Link) -> None:
    """The same where the link ends without a close: all that was confirmed is handed over."""
    messages: list[Data] = [f"{number}" for number in range(50)]
    await send_all(other, messages)
    await other.ping()
    other.abort()
    await one.wait_closed()
    assert await recv_many(one, len(messages)) == messages
    await expect_closed(one, one.recv())


async def _until_end(messages: AsyncIterator[object]) -> LinkClosed | None:
    """Iterate to the end; the error, if it raises one."""
    try:
        async for _ in messages:
            pass
    except LinkClosed as error:
        return error
    return None


async def iteration_ends_quietly(one: Link, other: Link) -> None:
    """After 1000 iteration ends, for who waited and for who comes later, again and again."""
    waiting = [
        asyncio.ensure_future(_until_end(messages))
        for link in (one, other)
        for messages in (aiter(link), link.batches())
    ]
    await turns(2)
    await one.close(1000)
    await both_closed(one, other)
    assert await asyncio.gather(*waiting) == [None] * 4
    for link in (one, other):
        late = aiter(link)
        for _ in range(2):
            await expect(StopAsyncIteration, anext(late))
            await expect(StopAsyncIteration, anext(aiter(link.batches())))
        await expect_closed(link, link.recv())


async def going_away_is_quiet_too(one: Link, other: Link) -> None:
    """After 1001 iteration ends as after 1000."""
    await one.close(1001)
    await both_closed(one, other)
    for link in (one, other):
        assert await _until_end(aiter(link)) is None
        assert await _until_end(link.batches()) is None


async def iteration_raises(one: Link, other: Link) -> None:
    """After any other code iteration raises LinkClosed, for who waited and for who comes later."""
    waiting = [
        (link, asyncio.ensure_future(_until_end(messages)))
        for link in (one, other)
        for messages in (aiter(link), link.batches())
    ]
    await turns(2)
    await one.close(1011, "it broke")
    await both_closed(one, other)
    for link, task in waiting:
        error = await task
        assert error is not None
        assert error.closure is link.closure
    for link in (one, other):
        late = aiter(link)
        for _ in range(2):
            await expect_closed(link, anext(late))
            await expect_closed(link, anext(aiter(link.batches())))


async def iteration_raises_after_abort(one: Link, other: Link) -> None:
    """A link that ended without a close does not end quietly."""
    one.abort()
    await both_closed(one, other)
    for link in (one, other):
        assert await _until_end(aiter(link)) is not None


async def ping_measures(one: Link, other: Link) -> None:
    """`ping` brings a round-trip time, also for several at once and in the midst of data."""
    messages: list[Data] = [f"{number}" * 100 for number in range(500)]
    async with asyncio.TaskGroup() as group:
        group.create_task(send_all(one, messages))
        group.create_task(send_all(other, messages))
        pings = [group.create_task(link.ping()) for link in (one, other) for _ in range(10)]
        assert await recv_many(one, len(messages)) == messages
        assert await recv_many(other, len(messages)) == messages
    for ping in pings:
        assert isinstance(ping.result(), float)
        assert math.isfinite(ping.result())
        assert ping.result() >= 0


async def ping_needs_no_reader(one: Link, other: Link) -> None:
    """A ping is answered though nobody receives, as long as the inbox has room."""
    await send_all(one, ["unread"] * 10)
    await one.ping()
    assert await recv_many(other, 10) == ["unread"] * 10


async def cancelled_ping_is_forgotten(one: Link, other: Link) -> None:
    """A ping whose waiter was cancelled disturbs no other."""
    first = asyncio.create_task(one.ping())
    await turns(1)
    first.cancel()
    await asyncio.wait([first])
    assert await one.ping() >= 0
    assert await other.ping() >= 0


async def ping_carries_a_payload(one: Link, other: Link) -> None:
    """A payload of the caller's, up to 125 bytes; no two pings under way may have the same one."""
    for payload in ("", "text: grüße", b"\x00\xff", b"x" * 125):
        assert await one.ping(payload) >= 0
    twins = [asyncio.create_task(other.ping("twin")) for _ in range(2)]
    assert await twins[0] >= 0
    await expect(ValueError, twins[1])
    await expect(ValueError, one.ping(b"x" * 126))
    await expect(ValueError, one.ping("é" * 63))
    await expect(TypeError, one.ping(7))  # type: ignore[arg-type]  # that is the point
    assert await one.ping("twin") >= 0


async def ping_is_told_of_the_end(one: Link, other: Link) -> None:
    """Who waits for a pong when the link ends is told."""
    pings = [asyncio.create_task(one.ping()) for _ in range(3)]
    await turns(1)
    one.abort()
    for ping in pings:
        if not ping.done() or ping.exception() is not None:
            await expect_closed(one, ping)
    await other.wait_closed()


ENDING_CHECKS: Final = (
    abort_is_at_once,
    abort_ends_a_close,
    closure_is_one,
    closure_counts,
    received_before_the_end,
    received_before_a_cut,
    iteration_ends_quietly,
    going_away_is_quiet_too,
    iteration_raises,
    iteration_raises_after_abort,
    ping_measures,
    ping_needs_no_reader,
    cancelled_ping_is_forgotten,
    ping_carries_a_payload,
    ping_is_told_of_the_end,
)
