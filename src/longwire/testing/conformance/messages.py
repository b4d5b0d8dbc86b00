"""Checks of what is sent: it arrives whole, in order, as what it was, and not faster than read."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Final

from longwire.testing.conformance.expect import expect, recv_many, send_all

if TYPE_CHECKING:
    from longwire.link.base import Data, Link

SAMPLES: Final[tuple[Data, ...]] = (
    "text",
    b"binary",
    "",
    b"",
    "\x00",
    "grüße, 世界, \U0001f9ff, \U0010ffff",
    "\ufeffwith a byte order mark",
    bytes(range(256)),
    # Around the two steps of the length field (RFC 6455, 5.2).
    *(b"x" * size for size in (125, 126, 127, 65_535, 65_536)),
    *("y" * size for size in (125, 126, 127, 65_535, 65_536)),
    # Its UTF-8 is longer than its length says.
    "é" * 65_535,
    b"big" * 300_000,
    "ünd größer " * 50_000,
)
"""Messages of every kind and of the sizes at which something changes."""

STALL: Final = 0.5
"""Seconds without progress after which a sender counts as waiting: more than a busy machine takes
between two pieces."""

PIECE: Final = 65_536
"""Bytes of one message of a flood."""

MOST: Final = 3_000
"""Pieces of an unhindered flood: three times the bytes that the default bounds of a link let in."""


async def messages_arrive_as_they_were(one: Link, other: Link) -> None:
    """Text stays text, bytes stay bytes, empty and big ones included, in both directions."""
    for sender, receiver in ((one, other), (other, one)):
        sending = asyncio.create_task(send_all(sender, list(SAMPLES)))
        for sample in SAMPLES:
            message = await receiver.recv()
            assert type(message) is type(sample), f"{type(sample)} became {type(message)}"
            assert message == sample, f"a message of {len(sample)} was changed"
        await sending


async def order_is_kept_both_ways_at_once(one: Link, other: Link) -> None:
    """Many messages in both directions at the same time: each way in order, all of them."""
    count = 2_000
    messages: list[Data] = [f"message {number}" for number in range(count)]
    outcome = await asyncio.gather(
        send_all(one, messages),
        send_all(other, messages),
        recv_many(one, count),
        recv_many(other, count),
    )
    assert outcome[2] == messages
    assert outcome[3] == messages


async def wrong_types_are_refused(one: Link, other: Link) -> None:
    """What is neither text nor bytes raises TypeError and does the link no harm."""
    for wrong in (None, 7, 7.5, ["text"], {"op": "x"}, object()):
        await expect(TypeError, one.send(wrong))  # type: ignore[arg-type]  # that is the point
    await one.send("right")
    assert await other.recv() == "right"


async def unencodable_text_is_refused(one: Link, other: Link) -> None:
    """Text that has no UTF-8 raises ValueError and does the link no harm."""
    await expect(ValueError, one.send("half a pair: \ud83d"))
    await one.send("whole")
    assert await other.recv() == "whole"


async def buffers_are_copied(one: Link, other: Link) -> None:
    """A buffer may be reused after `send`; what was received does not change afterwards."""
    buffer = bytearray(b"first" * 1_000)
    await one.send(buffer)
    buffer[:] = b"other" * 1_000
    await one.send(memoryview(buffer))
    first = await other.recv()
    for _ in range(50):
        await one.send(b"later" * 1_000)
    assert await other.recv() == b"other" * 1_000
    assert await recv_many(other, 50) == [b"later" * 1_000] * 50
    assert type(first) is bytes
    assert first == b"first" * 1_000


async def concurrent_sends_stay_whole(one: Link, other: Link) -> None:
    """Messages of several senders are interleaved whole, and each sender's are in order."""

    def message(sender: int, number: int) -> str:
        return f"{sender} {number} " + chr(ord("a") + sender) * (number * number * 31)

    async def send(sender: int) -> None:
        for number in range(20):
            await one.send(message(sender, number))

    received: dict[int, list[Data]] = {sender: [] for sender in range(10)}
    async with asyncio.TaskGroup() as senders:
        for sender in received:
            senders.create_task(send(sender))
        for _ in range(20 * len(received)):
            data = await other.recv()
            received[int(str(data).split(" ", 1)[0])].append(data)
    for sender, messages in received.items():
        assert messages == [message(sender, number) for number in range(20)]


class Flood:
    """Sends pieces for as long as it is told to, and knows when it does not get on."""

    def __init__(self, link: Link, names: str) -> None:
        self._link = link
        self._progress = asyncio.Event()
        self._limit = MOST
        # Noise, which no compression makes smaller.
        self._filling = os.urandom(PIECE)
        self.sent = dict.fromkeys(names, 0)
        self.tasks = {name: asyncio.create_task(self._send(name)) for name in names}
        for task in self.tasks.values():
            # A check that fails early awaits none of them; its own failure is the one to report.
            task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())

    async def _send(self, name: str) -> None:
        while self.sent[name] < self._limit:
            head = f"{name} {self.sent[name]} ".encode()
            await self._link.send(head + self._filling[len(head) :])
            self.sent[name] += 1
            self._progress.set()

    async def stalled(self) -> None:
        """Wait until no sender got on for a while; from then on each sends a few pieces more."""
        try:
            while True:
                async with asyncio.timeout(STALL):
                    await self._progress.wait()
                self._progress.clear()
        except TimeoutError:
            pass
        done = [name for name, task in self.tasks.items() if task.done()]
        assert not done, f"everything was taken from {done}, though nobody read"
        self._limit = max(self.sent.values()) + 20

    async def read_by(self, link: Link, name: str) -> None:
        """Read until the last piece of one sender; every sender's must come in order."""
        numbers = dict.fromkeys(self.sent, 0)
        while numbers[name] < self._limit:
            piece = await link.recv()
            assert isinstance(piece, bytes)
            assert len(piece) == PIECE
            who, number, _ = piece[:32].split(b" ", 2)
            sender = who.decode()
            assert int(number) == numbers[sender], f"a piece of {sender} is not in its place"
            numbers[sender] += 1


async def sender_waits_for_reader(one: Link, other: Link) -> None:
    """Who sends to a peer that does not read waits in the end, and goes on when it reads."""
    flood = Flood(one, "a")
    await flood.stalled()
    await flood.read_by(other, "a")
    await flood.tasks["a"]
    assert one.closure is None
    assert other.closure is None


async def cancelled_send_harms_nobody(one: Link, other: Link) -> None:
    """A waiting send that is cancelled leaves whole messages only, and the other senders' all."""
    flood = Flood(one, "abc")
    await flood.stalled()
    for name in "ac":
        flood.tasks[name].cancel()
        await asyncio.wait([flood.tasks[name]])
        assert flood.tasks[name].cancelled()
    await flood.read_by(other, "b")
    await flood.tasks["b"]


async def request_is_the_same(one: Link, other: Link) -> None:
    """Both sides know what was asked for and agreed on."""
    assert one.request.path == other.request.path
    assert one.request.path.startswith("/")
    assert one.request.subprotocol == other.request.subprotocol


MESSAGE_CHECKS: Final = (
    messages_arrive_as_they_were,
    order_is_kept_both_ways_at_once,
    wrong_types_are_refused,
    unencodable_text_is_refused,
    buffers_are_copied,
    concurrent_sends_stay_whole,
    sender_waits_for_reader,
    cancelled_send_harms_nobody,
    request_is_the_same,
)
