"""Checks of receiving: singly or in batches, by one or many, cancelled or not, without loss."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from longwire.errors import LinkClosed
from longwire.testing.conformance.expect import arrived, expect, recv_many, send_all, turns

if TYPE_CHECKING:
    from longwire.link.base import Data, Link


def numbered(count: int) -> list[Data]:
    """So many messages that differ."""
    return [f"{number}" for number in range(count)]


async def timeout_loses_nothing(one: Link, other: Link) -> None:
    """`recv` with a timeout raises TimeoutError, and the message that comes later is there."""
    for timeout in (0, 0.001, 0.02):
        await expect(TimeoutError, one.recv(timeout=timeout))
    await other.send("late")
    assert await one.recv(timeout=10) == "late"


async def zero_timeout_takes_what_is_there(one: Link, other: Link) -> None:
    """`recv` with a timeout of 0 asks: it hands over what waits, and raises when nothing does."""
    await send_all(other, numbered(3))
    await arrived(other)
    assert [await one.recv(timeout=0) for _ in range(3)] == numbered(3)
    await expect(TimeoutError, one.recv(timeout=0))


async def cancelled_recv_loses_nothing(one: Link, other: Link) -> None:
    """A hundred receivers cancelled at every moment: what they did not get the next one does."""
    messages = numbered(200)
    received: list[Data] = []
    sending = asyncio.create_task(_send_slowly(other, messages))
    for round_ in range(100):
        receiving = asyncio.ensure_future(one.recv())
        await turns(round_ % 5)
        receiving.cancel()
        await asyncio.wait([receiving])
        if not receiving.cancelled():
            received.append(receiving.result())
    await sending
    received += await recv_many(one, len(messages) - len(received))
    assert received == messages


async def _send_slowly(link: Link, messages: list[Data]) -> None:
    """Send one message per turn of the loop."""
    for message in messages:
        await link.send(message)
        await asyncio.sleep(0)


async def cancelled_step_loses_nothing(one: Link, other: Link) -> None:
    """A step of an iteration that is cancelled does not end the iteration."""
    messages, batches = aiter(one), aiter(one.batches())
    for _ in range(3):
        for step in (anext(messages), anext(batches)):
            waiting = asyncio.ensure_future(step)
            await turns(2)
            waiting.cancel()
            await asyncio.wait([waiting])
            assert waiting.cancelled()
    await other.send("single")
    assert await anext(messages) == "single"
    await other.send("batch")
    assert await anext(batches) == ["batch"]


async def receivers_share_without_loss(one: Link, other: Link) -> None:
    """Several receivers: every message goes to exactly one of them, to each in order."""
    messages: list[Data] = [f"{number:04}" for number in range(1_000)]

    async def receive() -> list[Data]:
        mine: list[Data] = []
        try:
            while True:
                mine.append(await one.recv())
        except LinkClosed:
            return mine

    receivers = [asyncio.create_task(receive()) for _ in range(3)]
    await _send_slowly(other, messages[:500])
    await send_all(other, messages[500:])
    await other.close()
    shares = await asyncio.gather(*receivers)
    for share in shares:
        assert share == sorted(share, key=str)
    assert sorted((data for share in shares for data in share), key=str) == messages


async def turn_of_cancelled_receiver_passes_on(one: Link, other: Link) -> None:
    """The message that woke a receiver just cancelled goes to one who still waits."""
    for round_ in range(30):
        first, second = (asyncio.ensure_future(one.recv()) for _ in range(2))
        await turns(2)
        await other.send(f"{round_}")
        # Somewhere in here the message arrives, and wakes the first.
        await turns(round_ % 6)
        first.cancel()
        await asyncio.wait([first])
        if first.cancelled():
            assert await second == f"{round_}"
        else:
            assert first.result() == f"{round_}"
            second.cancel()
            await asyncio.wait([second])
            assert second.cancelled()


async def batches_bring_the_same(one: Link, other: Link) -> None:
    """Batches hold every message, in order, and are never empty."""
    messages = numbered(3_000)
    sending = asyncio.create_task(send_all(other, messages))
    received: list[Data] = []
    async for batch in one.batches():
        assert type(batch) is list
        assert batch, "an empty batch"
        received += batch
        if len(received) == len(messages):
            break
    await sending
    assert received == messages


async def ways_to_receive_mix(one: Link, other: Link) -> None:
    """One may receive singly, in batches and by iteration in turn."""
    messages = numbered(10)
    await send_all(other, messages)
    received: list[Data] = [await one.recv()]
    async for message in one:
        received.append(message)
        break
    # A batch is what is there, and on a busy machine that need not be all.
    async for batch in one.batches():
        received += batch
        if len(received) >= len(messages):
            break
    assert received == messages
    await other.send("more")
    assert await one.recv(timeout=10) == "more"


async def recv_may_be_left_alone(one: Link, other: Link) -> None:
    """What `recv` returned may be dropped before it was awaited, and takes no message along."""
    await other.send("here")
    await arrived(other)
    unawaited = one.recv()
    close = getattr(unawaited, "close", None)
    if close is not None:
        # A coroutine that is dropped without it warns, and rightly so.
        close()
    assert await one.recv() == "here"


RECEIVING_CHECKS: Final = (
    timeout_loses_nothing,
    zero_timeout_takes_what_is_there,
    cancelled_recv_loses_nothing,
    cancelled_step_loses_nothing,
    receivers_share_without_loss,
    turn_of_cancelled_receiver_passes_on,
    batches_bring_the_same,
    ways_to_receive_mix,
    recv_may_be_left_alone,
)
