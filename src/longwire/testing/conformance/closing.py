"""Checks of the close handshake: codes and reasons both ways, who closes when, and how long."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from longwire.errors import LinkClosed
from longwire.testing.conformance.expect import (
    both_closed,
    expect,
    expect_closed,
    recv_many,
    rest_of,
    send_all,
    turns,
)
from longwire.testing.conformance.messages import Flood

if TYPE_CHECKING:
    from longwire.link.base import Data, Link

UNSENDABLE: Final = (-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_536)
"""Close codes that must not be sent (RFC 6455, 7.4), or their ends."""


async def close_tells_code_and_reason(one: Link, other: Link) -> None:
    """Code and reason arrive, the code comes back, and both know who was first."""
    await one.close(4321, "good bye, grüße \U0001f44b")
    mine, theirs = await both_closed(one, other)
    assert (mine.end, mine.by) == ("close-sent", "local")
    assert (theirs.end, theirs.by) == ("close-received", "peer")
    assert (mine.sent_code, mine.sent_reason) == (4321, "good bye, grüße \U0001f44b")
    assert (theirs.received_code, theirs.received_reason) == (4321, "good bye, grüße \U0001f44b")
    assert mine.received_code == theirs.sent_code == 4321
    assert not mine.normal
    assert not theirs.normal


async def close_is_normal_by_default(one: Link, other: Link) -> None:
    """Without arguments it is 1000 and no reason, which counts as normal on both sides."""
    await one.close()
    mine, theirs = await both_closed(one, other)
    assert (mine.sent_code, mine.sent_reason, theirs.received_code) == (1000, "", 1000)
    assert mine.normal
    assert theirs.normal
    assert mine.error is None
    assert theirs.error is None


async def bad_closes_are_refused(one: Link, other: Link) -> None:
    """A code that must not be sent, or too long a reason, raises ValueError and ends nothing."""
    for code in UNSENDABLE:
        await expect(ValueError, one.close(code))
    for reason in ("x" * 124, "é" * 62, "\U0001f44b" * 31):
        await expect(ValueError, one.close(1000, reason))
    assert one.closure is None
    await one.send("still there")
    assert await other.recv() == "still there"


async def longest_reason_fits(one: Link, other: Link) -> None:
    """A reason may have 123 bytes of UTF-8 (RFC 6455, 5.5)."""
    reason = "é" * 61 + "x"
    await one.close(4000, reason)
    assert (await other.wait_closed()).received_reason == reason


async def close_is_safe_to_repeat(one: Link, other: Link) -> None:
    """Several closes at once and afterwards: the first one's code counts, all of them return."""
    await asyncio.gather(one.close(4001, "first"), one.close(4002), one.close())
    await one.close(4003, "late")
    await other.close(4004, "later")
    mine, theirs = await both_closed(one, other)
    assert (mine.sent_code, mine.sent_reason) == (4001, "first")
    assert theirs.received_code == 4001


async def both_may_close_at_once(one: Link, other: Link) -> None:
    """Close frames that cross: each side keeps its own code and learns the other's."""
    await asyncio.gather(one.close(4001, "one"), other.close(4002, "other"))
    mine, theirs = await both_closed(one, other)
    assert (mine.sent_code, mine.received_code) in {(4001, 4002), (4001, 4001), (4002, 4002)}
    assert (theirs.sent_code, theirs.received_code) in {(4002, 4001), (4001, 4001), (4002, 4002)}
    assert {mine.end, theirs.end} <= {"close-sent", "close-received"}


async def close_wakes_receivers(one: Link, other: Link) -> None:
    """Whoever waits for a message when either side closes is told, each with its closure."""
    waiting = [
        *((one, asyncio.ensure_future(one.recv())) for _ in range(3)),
        *((other, asyncio.ensure_future(other.recv())) for _ in range(3)),
    ]
    await turns(2)
    await one.close()
    for link, receiving in waiting:
        await expect_closed(link, receiving)


async def nothing_works_after_close(one: Link, other: Link) -> None:
    """After the end send, ping and recv raise LinkClosed, on both sides and every time."""
    await one.close(4000)
    await both_closed(one, other)
    for link in (one, other):
        for _ in range(2):
            await expect_closed(link, link.send("too late"))
            await expect_closed(link, link.ping())
            await expect_closed(link, link.recv())
            await expect_closed(link, link.recv(timeout=0.01))


async def nothing_is_sent_while_closing(one: Link, other: Link) -> None:
    """Once `close` was called nothing more can be sent, though the peer has not answered yet."""
    closing = asyncio.create_task(one.close())
    await turns(1)
    await expect(LinkClosed, one.send("too late"))
    await expect(LinkClosed, one.ping())
    await closing
    assert await rest_of(aiter(other)) == []


async def cancelled_close_closes(one: Link, other: Link) -> None:
    """Cancelling `close` ends the wait, not the closing."""
    closing = asyncio.create_task(one.close(4000))
    await turns(1)
    closing.cancel()
    await asyncio.wait([closing])
    mine, theirs = await both_closed(one, other)
    assert mine.sent_code == theirs.received_code == 4000


async def close_leaves_what_was_received(one: Link, other: Link) -> None:
    """Messages sent before a close arrive before it, and stay to be read after it, both ways."""
    messages: list[Data] = [f"{number}" for number in range(100)]
    await send_all(one, messages)
    await send_all(other, messages)
    await one.ping()
    await other.ping()
    await one.close(4000)
    await both_closed(one, other)
    for link in (one, other):
        assert await recv_many(link, len(messages)) == messages
        await expect_closed(link, link.recv())


async def close_is_bounded(one: Link, _other: Link) -> None:
    """A peer that does not read cannot keep a link from ending."""
    flood = Flood(one, "ab")
    await flood.stalled()
    await one.close()
    closure = await one.wait_closed()
    assert (closure.end, closure.by) == ("close-sent", "local")
    assert (closure.sent_code, closure.received_code) == (1000, None)
    for task in flood.tasks.values():
        await expect(LinkClosed, task)


async def waiting_send_is_told(one: Link, _other: Link) -> None:
    """A sender that waits for a peer who does not read is told when the link ends."""
    flood = Flood(one, "ab")
    await flood.stalled()
    one.abort()
    for task in flood.tasks.values():
        await expect_closed(one, task)


CLOSING_CHECKS: Final = (
    close_tells_code_and_reason,
    close_is_normal_by_default,
    bad_closes_are_refused,
    longest_reason_fits,
    close_is_safe_to_repeat,
    both_may_close_at_once,
    close_wakes_receivers,
    nothing_works_after_close,
    nothing_is_sent_while_closing,
    cancelled_close_closes,
    close_leaves_what_was_received,
    close_is_bounded,
    waiting_send_is_told,
)
