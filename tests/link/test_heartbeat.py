"""Heartbeats: what the pulse does and when, and the four ways in which others get it wrong.

The pulse itself is shown in virtual time, to the second; the four findings on real sockets.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from longwire.chaos.frames import BINARY, CLOSE, PING, PONG, TEXT, FrameReader, frame
from longwire.core.liveness import Heartbeat
from longwire.link.heartbeat import Pulse
from longwire.testing import Changes, run_autojump

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from longwire.link.link import WireLink

    Live = Callable[..., Awaitable[tuple[WireLink, Any]]]

SMALL = 4_096


# ---------------------------------------------------------------- the pulse, in virtual time


class Heart:
    """A pulse and what it did; the link around it is played by the test."""

    def __init__(self, heartbeat: Heartbeat, on_silent: Callable[[], None] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        self.pings: list[float] = []
        self.dead: list[float] = []
        self.silent: list[float] = []
        self.failed: list[Exception] = []
        self.written = 0
        self.gone: int | None = None
        self._then = on_silent
        self.pulse = Pulse(
            self.loop,
            heartbeat,
            send_ping=self._ping,
            on_dead=lambda: self.dead.append(self.loop.time()),
            on_silent=self._silent,
            progress=lambda: (self.written, self.written if self.gone is None else self.gone),
            on_failure=self.failed.append,
        )

    def _ping(self) -> None:
        self.pings.append(self.loop.time())
        self.written += 6

    def _silent(self) -> None:
        self.silent.append(self.loop.time())
        if self._then is not None:
            self._then()

    def byte(self) -> None:
        self.pulse.liveness.saw_bytes(self.loop.time())


def test_pings_keep_the_beat_while_bytes_come() -> None:
    """One every 20 s; any byte is life, also one that is no pong."""

    async def work() -> Heart:
        heart = Heart(Heartbeat(every=20, within=10))
        for _ in range(25):
            await asyncio.sleep(9)
            heart.byte()
        heart.pulse.stop()
        return heart

    heart = run_autojump(work())
    assert heart.pings == [20.0 * number for number in range(1, 12)]
    assert heart.dead == []


def test_death_comes_within_its_bound_and_once() -> None:
    """`every` and `within` after the last byte, no later; then there is nothing more."""

    async def work() -> Heart:
        heart = Heart(Heartbeat(every=20, within=10))
        await asyncio.sleep(1_000)
        return heart

    heart = run_autojump(work())
    assert heart.pings == [20]
    assert heart.dead == [30]


def test_bytes_that_lie_in_the_socket_are_read_before_the_verdict() -> None:
    """Trap 12: late ourselves, we read first and judge later."""

    async def work() -> Heart:
        heart = Heart(Heartbeat(every=20, within=10))
        await asyncio.sleep(25)
        # The loop stands still; what came meanwhile is seen by the first reading after it.
        advance: Any = heart.loop
        advance.advance(60)
        heart.loop.call_soon(heart.loop.call_soon, heart.byte)
        await asyncio.sleep(1)
        heart.pulse.stop()
        return heart

    assert run_autojump(work()).dead == []


def test_our_ping_may_be_slow_on_its_way_out() -> None:
    """Finding 2, a full write buffer: while bytes before it leave we wait, and then no more."""

    async def work() -> Heart:
        heart = Heart(Heartbeat(every=20, within=10))
        heart.written, heart.gone = 1_000_000, 0
        for _ in range(10):
            await asyncio.sleep(7)
            heart.gone += 10_000
        await asyncio.sleep(1_000)
        return heart

    heart = run_autojump(work())
    (dead,) = heart.dead
    assert 70 < dead <= 100


def test_data_in_front_of_a_ping_hides_nobody() -> None:
    """The peer's system takes it, its program is frozen: death comes a look later, not a bound."""

    async def work() -> Heart:
        heart = Heart(Heartbeat(every=20, within=10))
        heart.written, heart.gone = 1_000, 900
        await asyncio.sleep(20.5)
        heart.gone = heart.written
        await asyncio.sleep(1_000)
        return heart

    (dead,) = run_autojump(work()).dead
    assert 30 <= dead <= 31


def test_a_pulse_can_be_stopped_from_within_its_verdict() -> None:
    """No timer is left that would ping for ever."""

    async def work() -> Heart:
        def stop() -> None:
            heart.pulse.stop()

        heart = Heart(Heartbeat(every=20, within=10, silence=15), on_silent=stop)
        await asyncio.sleep(1_000)
        return heart

    heart = run_autojump(work())
    assert heart.silent == [15]
    assert heart.pings == []


def test_a_stopped_pulse_is_still() -> None:
    """Also one that was about to judge again."""

    async def work() -> Heart:
        heart = Heart(Heartbeat(every=20, within=10))
        await asyncio.sleep(30)
        heart.pulse.stop()
        await asyncio.sleep(1_000)
        return heart

    assert len(run_autojump(work()).pings) <= 1


def test_a_failing_function_is_told_and_ends_the_pulse() -> None:
    """A pulse whose timer died with an error would watch nothing, without a word."""

    async def work() -> Heart:
        def fail() -> None:
            raise RuntimeError("mine")

        heart = Heart(Heartbeat(every=20, within=10, silence=15), on_silent=fail)
        await asyncio.sleep(1_000)
        return heart

    heart = run_autojump(work())
    assert [str(error) for error in heart.failed] == ["mine"]
    assert heart.silent == [15]
    assert heart.pings == []


# ---------------------------------------------------------------- on real sockets

QUICK = Heartbeat(every=0.1, within=0.2)
BLOCKED = 0.6
"""Seconds for which a loop is blocked: more than `QUICK` gives the peer."""


async def answer(peer: Any, count: int = 1) -> None:
    """Be a peer that lives: answer so many pings."""
    while count:
        got = await peer.frame()
        if got.opcode == PING:
            count -= 1
            await peer.send(frame(PONG, got.payload))


@pytest.mark.both_loops
async def test_a_live_peer_stays(live: Live) -> None:
    """Its pongs are seen, and bring the round trip."""
    link, peer = await live(heartbeat=QUICK)
    await answer(peer, 5)
    assert link.closure is None
    assert link.rtt is not None
    clocks = link.clocks()
    assert clocks is not None
    assert clocks.last_pong is not None


@pytest.mark.both_loops
async def test_a_dead_peer_is_noticed(live: Live) -> None:
    """It is the network's end, and says since when nothing answered."""
    link, _ = await live(heartbeat=QUICK)
    with pytest.raises(Exception, match="heartbeat-timeout"):
        await link.recv()
    closure = await link.wait_closed()
    assert (closure.end, closure.by) == ("heartbeat-timeout", "network")
    assert closure.ping_unanswered_since is not None
    # uvloop's clock has milliseconds.
    assert round(closure.ended - closure.opened, 3) >= round(QUICK.every + QUICK.within, 3)


@pytest.mark.both_loops
async def test_a_dead_peer_is_noticed_behind_a_full_write_buffer(live: Live) -> None:
    """Finding 2, first: our ping cannot leave; the peer is found dead all the same, in time."""
    link, _ = await live(heartbeat=QUICK, buffers=SMALL, write_high=8_192, write_timeout=None)
    while link.writable:
        await link.send(bytes(5_000))
    waiting = asyncio.ensure_future(link.send("waits"))
    closure = await link.wait_closed()
    assert closure.end == "heartbeat-timeout"
    assert closure.write_buffered > 0
    with pytest.raises(Exception, match="heartbeat-timeout"):
        await waiting
    await link.wait_gone()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel does not say it")
@pytest.mark.both_loops
async def test_a_slow_reader_is_no_dead_peer(live: Live) -> None:
    """Our ping waits in the kernel, behind data for many times the bound; the peer reads on."""
    link, peer = await live(heartbeat=Heartbeat(every=0.1, within=0.5), buffers=32_768)
    sock = link._transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**21)
    size, bound = 1_200_000, 4 * 0.5
    link.post(bytes(size))
    await asyncio.sleep(0)
    frames: list[Any] = []
    reader = FrameReader()
    while not any(one.opcode == PING for one in frames):
        frames += reader.feed(await peer.read(16_384))
        await asyncio.sleep(bound / (size / 16_384))  # slow, but steady
    assert link.closure is None
    await peer.send(frame(PONG, frames[-1].payload))
    await peer.send(frame(TEXT, b"seen"))
    assert await link.recv() == "seen"


@pytest.mark.both_loops
async def test_a_slow_consumer_is_no_dead_peer(live: Live) -> None:
    """Finding 2, second: reading is paused, so the pong cannot be seen; nobody is condemned."""
    link, peer = await live(heartbeat=QUICK, inbox_messages=2)
    await peer.send(frame(TEXT, b"x") * 5)
    changes = Changes()
    link.on_pause = changes.notify
    await changes.until(lambda: link.paused_since is not None, what="a pause")
    await asyncio.sleep(2 * (QUICK.every + QUICK.within))  # far beyond the bound
    assert link.closure is None
    # It takes its messages at last; the waiting starts anew, and pongs count again.
    answering = asyncio.ensure_future(answer(peer, 8))
    assert [await link.recv() for _ in range(5)] == ["x"] * 5
    await answering
    assert link.closure is None
    assert link.paused_since is None


@pytest.mark.blocking
@pytest.mark.both_loops
@pytest.mark.parametrize("front", [0, 1_200_000])
async def test_our_own_lateness_condemns_nobody(live: Live, front: int) -> None:
    """Finding 2, third, and trap 12: the pong lies in the socket, behind 1.2 MB of data or none."""
    link, peer = await live(heartbeat=QUICK)
    ping = await peer.frame()
    assert ping.opcode == PING
    # As much of the data as the kernel takes; the rest follows while the loop reads.
    sending = asyncio.ensure_future(
        peer.send(frame(BINARY, bytes(1_000)) * (front // 1_000), frame(PONG, ping.payload))
    )
    await asyncio.sleep(0)
    time.sleep(BLOCKED)  # noqa: ASYNC251 - the user's code blocks the loop, which is the point
    await sending
    for _ in range(front // 1_000):
        assert len(await link.recv()) == 1_000
    await answer(peer, 2)
    assert link.closure is None


@pytest.mark.both_loops
async def test_what_came_in_the_very_turn_of_the_verdict_is_read_first(live: Live) -> None:
    """Trap 12: the sockets were polled before it came, so they are polled once more."""
    link, peer = await live(heartbeat=Heartbeat(every=0.3, within=0.2))
    ping = await peer.frame()
    pulse = link._pulse
    assert pulse is not None
    # The loop wakes for both at once, and runs them in this order.
    link.loop.call_at(pulse.liveness.next_due() - 1e-6, peer.send_now, frame(PONG, ping.payload))
    await answer(peer)
    assert link.closure is None
    assert link.rtt is not None


@pytest.mark.both_loops
async def test_a_peer_that_stops_inside_a_frame_is_noticed(live: Live) -> None:
    """Finding 2, fourth: half a frame is no reason to wait for ever."""
    link, peer = await live(heartbeat=QUICK)
    await peer.send(frame(TEXT, b"whole"), frame(TEXT, b"x" * 10, length=100))
    assert await link.recv() == "whole"
    closure = await link.wait_closed()
    assert closure.end == "heartbeat-timeout"
    assert closure.partial_frame


@pytest.mark.both_loops
async def test_any_byte_is_life(live: Live) -> None:
    """A peer that never answers pings, but speaks: single bytes of one long frame are enough."""
    link, peer = await live(heartbeat=QUICK)
    raw = frame(TEXT, b"x" * 20)
    for at in range(len(raw)):
        await peer.send(raw[at : at + 1])
        await asyncio.sleep(QUICK.within / 4)  # slower than any frame, faster than death
    assert await link.recv() == "x" * 20
    assert link.closure is None


@pytest.mark.both_loops
async def test_a_heartbeat_in_the_servers_own_language(live: Live) -> None:
    """The message goes out as told; its replies count as pongs and are not handed over."""
    heartbeat = Heartbeat(
        every=0.05, within=5, message="ping", is_reply=lambda message: message == "pong"
    )
    link, peer = await live(heartbeat=heartbeat)
    for _ in range(3):
        got = await peer.frame()
        assert (got.opcode, got.payload) == (TEXT, b"ping")
        await peer.send(frame(TEXT, b"pong"))
    await peer.send(frame(TEXT, b"data"))
    assert await link.recv() == "data"
    assert link.received == 1
    clocks = link.clocks()
    assert clocks is not None
    assert clocks.last_pong is not None


@pytest.mark.both_loops
async def test_silence_is_told_and_kills_nobody(live: Live) -> None:
    """Pongs are fresh, data does not come: the owner is told, more than once, and decides."""
    told = Changes()
    count = 0

    def silent() -> None:
        nonlocal count
        count += 1
        told.notify()

    link, peer = await live(heartbeat=Heartbeat(every=0.05, within=5, silence=0.1))
    link.on_silence = silent
    answering = asyncio.ensure_future(answer(peer, 1_000))
    await told.until(lambda: count >= 2, what="silence, twice")
    assert link.closure is None
    answering.cancel()
    await asyncio.wait([answering])


@pytest.mark.both_loops
async def test_a_failing_heartbeat_ends_the_link(live: Live) -> None:
    """It is our own side's fault, and named; liveness is never off without a word."""

    def fail() -> None:
        raise RuntimeError("mine")

    link, _ = await live(heartbeat=Heartbeat(every=5, within=5, silence=0.05))
    link.on_silence = fail
    closure = await link.wait_closed()
    assert (closure.end, closure.by) == ("local-error", "local")
    assert str(closure.error) == "mine"
    await link.wait_gone()


@pytest.mark.both_loops
@pytest.mark.parametrize("message", [None, "ping"])
async def test_no_heartbeat_follows_our_close(live: Live, message: str | None) -> None:
    """The peer takes its time to answer, and a close frame is the last that it gets."""
    heartbeat = Heartbeat(every=0.05, within=5, message=message)
    link, peer = await live(heartbeat=heartbeat, close_timeout=0.4)
    assert (await peer.frame()).opcode == (PING if message is None else TEXT)
    ending = asyncio.ensure_future(link.close())
    opcodes = [one.opcode for one in await peer.rest()]
    await ending
    assert opcodes.index(CLOSE) == len(opcodes) - 1


async def test_without_a_heartbeat_nothing_is_sent(live: Live) -> None:
    """And there are no clocks to look at."""
    link, peer = await live(heartbeat=None)
    assert link.clocks() is None
    await link.send("only this")
    assert (await peer.frame()).payload == b"only this"
