"""Writing: joined, in order, bounded, and never stuck."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol, cast

import pytest

from longwire.errors import MessageTooBig
from longwire.link.encoder import Encoder
from longwire.link.writer import JOIN_LIMIT, Writer
from longwire.testing import run_autojump

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.link.link import WireLink

    class Live(Protocol):
        """The fixture: makes a live link and its peer, a bare socket."""

        encrypted: bool

        async def __call__(self, **options: Any) -> tuple[WireLink, Any]: ...


SMALL = 4_096


class Recorder:
    """Counts writes, and holds as many bytes as it is told to."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.held = 0
        self.high: int | None = None

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.high = high

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def get_write_buffer_size(self) -> int:
        return self.held

    def get_extra_info(self, name: str) -> None:
        """It is no socket."""


def make(
    transport: Recorder,
    *,
    timeout: float | None = None,
    on_stuck: Callable[[], None] | None = None,
) -> Writer:
    writer = Writer(
        asyncio.get_running_loop(),
        Encoder(masked=False, max_message_bytes=100_000),
        high=1_000,
        timeout=timeout,
        on_stuck=on_stuck or (lambda: None),
    )
    # All of a transport that a writer uses.
    writer.start(cast("asyncio.Transport", transport))
    return writer


async def turns(count: int = 3) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


# ---------------------------------------------------------------- joining


async def test_the_first_write_of_a_turn_goes_out_at_once() -> None:
    """The rest of the turn follows in one write at its end; the next turn begins anew."""
    transport = Recorder()
    writer = make(transport)
    assert transport.high == 1_000
    for frame in (b"a", b"b", b"c"):
        writer.write(frame)
    assert transport.writes == [b"a"]
    assert writer.buffered == 2
    await turns()
    assert transport.writes == [b"a", b"bc"]
    writer.write(b"d")
    assert transport.writes == [b"a", b"bc", b"d"]
    await turns()
    assert transport.writes == [b"a", b"bc", b"d"]
    assert writer.bytes_sent == 4


async def test_messages_are_framed_and_counted() -> None:
    """Those that cannot be sent are neither."""
    transport = Recorder()
    writer = make(transport)
    assert writer.post("a")
    assert writer.post_at_once(b"b")
    with pytest.raises(TypeError):
        writer.post(1)  # type: ignore[arg-type]
    with pytest.raises(MessageTooBig):
        writer.post_at_once(bytes(100_001))
    await turns()
    assert b"".join(transport.writes) == b"\x81\x01a\x82\x01b"
    assert writer.messages == 2
    writer.pause()
    assert not writer.post_at_once("c")
    assert writer.post("c")
    await turns()
    assert transport.writes[-1] == b"\x81\x01c"
    assert writer.messages == 3


async def test_nothing_follows_a_close_frame() -> None:
    """Whoever writes it: what was joined goes out in front of it, and with it."""
    transport = Recorder()
    writer = make(transport)
    for frame in (b"a", b"b"):
        writer.write(frame)
    writer.write_last(b"close")
    assert transport.writes == [b"a", b"bclose"]
    writer.write(b"ping")
    assert not writer.post("late")
    assert not writer.post_at_once("late")
    await turns()
    assert transport.writes == [b"a", b"bclose"]
    assert (writer.messages, writer.bytes_sent) == (0, 7)


async def test_much_is_not_held_back_until_the_end_of_the_turn() -> None:
    """What was joined goes out at a limit, in order."""
    transport = Recorder()
    writer = make(transport)
    frame = bytes(JOIN_LIMIT // 4)
    for _ in range(10):
        writer.write(frame)
    assert [len(one) // len(frame) for one in transport.writes] == [1, 4, 4]
    await turns()
    assert [len(one) // len(frame) for one in transport.writes] == [1, 4, 4, 1]
    assert writer.buffered == 0


async def test_flush_keeps_the_order() -> None:
    """Used where the end of the turn is too late."""
    transport = Recorder()
    writer = make(transport)
    for frame in (b"a", b"b"):
        writer.write(frame)
    writer.flush()
    writer.write(b"c")
    writer.flush()
    writer.flush()
    await turns()
    assert transport.writes == [b"a", b"b", b"c"]


async def test_nothing_is_written_before_the_start_or_after_the_end() -> None:
    """Neither what is written then, nor what was joined."""
    transport = Recorder()
    writer = Writer(
        asyncio.get_running_loop(),
        Encoder(masked=False),
        high=1,
        timeout=None,
        on_stuck=lambda: None,
    )
    writer.write(b"early")
    assert writer.buffered == 0
    writer.start(cast("asyncio.Transport", transport))
    writer.write(b"a")
    writer.write(b"b")
    writer.stop()
    writer.write(b"late")
    writer.flush()
    await turns()
    assert transport.writes == [b"a"]
    assert writer.buffered == 0


# ---------------------------------------------------------------- waiting


async def test_ready_waits_while_the_buffer_is_full() -> None:
    """And returns at once otherwise."""
    writer = make(Recorder())
    await writer.ready()
    writer.pause()
    waiting = asyncio.ensure_future(writer.ready())
    await turns()
    assert not waiting.done()
    writer.resume()
    await waiting


async def test_waiters_are_woken_one_by_one_in_order() -> None:
    """The buffer is full again after two of them: the others keep their places."""
    writer = make(Recorder())
    writer.pause()
    served: list[int] = []

    async def send(number: int) -> None:
        await writer.ready()
        served.append(number)
        if len(served) % 2 == 0:
            writer.pause()

    senders = [asyncio.ensure_future(send(number)) for number in range(7)]
    await turns()
    for count in (2, 4, 6, 7):
        writer.resume()
        await turns(20)
        assert len(served) == count
    await asyncio.gather(*senders)
    assert served == list(range(7))


@pytest.mark.parametrize("woken", [False, True])
async def test_a_cancelled_waiter_passes_its_turn_on(woken: bool) -> None:
    """Trap 13: before or after it was woken, even in the same turn of the loop."""
    writer = make(Recorder())
    writer.pause()
    waiters = [asyncio.ensure_future(writer.ready()) for _ in range(3)]
    await turns()
    if woken:
        writer.resume()
        waiters[0].cancel()
    else:
        waiters[0].cancel()
        await turns()
        writer.resume()
    await asyncio.gather(*waiters[1:])
    assert waiters[0].cancelled()


async def test_the_end_wakes_all_waiters() -> None:
    """They see for themselves that it has ended."""
    writer = make(Recorder())
    writer.pause()
    waiters = [asyncio.ensure_future(writer.ready()) for _ in range(3)]
    await turns()
    writer.stop()
    await asyncio.gather(*waiters)
    await writer.ready()


# ---------------------------------------------------------------- a peer that reads nothing


def test_no_progress_is_told_once() -> None:
    """After the time limit, not before; heartbeats that are written meanwhile are no progress."""

    async def work() -> list[float]:
        loop = asyncio.get_running_loop()
        stuck: list[float] = []
        transport = Recorder()
        writer = make(transport, timeout=10, on_stuck=lambda: stuck.append(loop.time()))
        transport.held = 5_000
        writer.bytes_sent = 5_000
        writer.pause()
        for _ in range(3):
            await asyncio.sleep(3)
            writer.write(b"ping")
            transport.held += 4
        await asyncio.sleep(100)
        return stuck

    assert run_autojump(work()) == [10]


def test_progress_gives_more_time() -> None:
    """However little, and although as much is written meanwhile; then its end counts from there."""

    async def work() -> list[float]:
        loop = asyncio.get_running_loop()
        stuck: list[float] = []
        transport = Recorder()
        writer = make(transport, timeout=10, on_stuck=lambda: stuck.append(loop.time()))
        transport.held = writer.bytes_sent = 5_000
        writer.pause()
        for _ in range(4):
            await asyncio.sleep(8)
            # One byte has left, four have come.
            writer.write(b"ping")
            transport.held += 3
        await asyncio.sleep(100)
        return stuck

    (told,) = run_autojump(work())
    assert 40 <= told <= 50


def test_nobody_is_stuck_for_our_own_lateness() -> None:
    """The loop stood still beyond the limit: the transport may write on before it is judged."""

    async def work() -> list[str]:
        stuck: list[str] = []
        transport = Recorder()
        writer = make(transport, timeout=10, on_stuck=lambda: stuck.append("late"))
        transport.held = writer.bytes_sent = 5_000
        writer.pause()
        await asyncio.sleep(1)
        loop: Any = asyncio.get_running_loop()
        loop.advance(60)

        def poll() -> None:
            transport.held = 1_000

        loop.call_soon(loop.call_soon, poll)
        await asyncio.sleep(2)
        writer.stop()
        return stuck

    assert run_autojump(work()) == []


def test_no_one_is_stuck_who_goes_on() -> None:
    """Resumed or stopped in time: nothing is told. Without a limit: never."""

    async def work() -> list[str]:
        stuck: list[str] = []
        resumed = make(Recorder(), timeout=10, on_stuck=lambda: stuck.append("resumed"))
        stopped = make(Recorder(), timeout=10, on_stuck=lambda: stuck.append("stopped"))
        patient = make(Recorder(), timeout=None, on_stuck=lambda: stuck.append("patient"))
        for writer in (resumed, stopped, patient):
            writer.pause()
        await asyncio.sleep(9)
        resumed.resume()
        stopped.stop()
        await asyncio.sleep(1_000)
        return stuck

    assert run_autojump(work()) == []


# ---------------------------------------------------------------- on real sockets


@pytest.mark.both_loops
async def test_a_peer_that_sends_but_never_reads_is_noticed(live: Live) -> None:
    """Every other clock stays fresh, as bytes come; the write limit ends it."""
    link, peer = await live(buffers=SMALL, write_high=8_192, write_timeout=0.2)
    while link.writable:
        await link.send(bytes(5_000))
    waiting = asyncio.ensure_future(link.send("waits"))
    started = time.monotonic()
    while link.closure is None:
        await peer.send(b"\x81\x01x")
        await asyncio.sleep(0.02)  # a peer that speaks now and then
        assert time.monotonic() - started < 10
    closure = await link.wait_closed()
    assert (closure.end, closure.by) == ("write-timeout", "peer")
    assert closure.write_buffered > 0
    with pytest.raises(Exception, match="write-timeout"):
        await waiting


@pytest.mark.both_loops
async def test_a_slow_reader_is_not_stuck(live: Live) -> None:
    """It takes many times the limit, but it goes on reading."""
    if live.encrypted and sys.platform != "linux":
        pytest.skip("what a TLS transport holds back does not show there")
    limit = 0.3
    link, peer = await live(client=False, buffers=SMALL, write_high=8_192, write_timeout=limit)
    sent = 0
    while link.writable:
        link.post(bytes(200_000))
        await asyncio.sleep(0)
        sent += 200_010
    started = time.monotonic()
    got = 0
    while got < sent:
        step = 8_192 if time.monotonic() - started < 3 * limit else 2**20
        data = await peer.read(step)
        assert data, link.closure
        got += len(data)
        if step == 8_192:
            await asyncio.sleep(limit / 10)  # slow, which is the point
    assert link.closure is None
