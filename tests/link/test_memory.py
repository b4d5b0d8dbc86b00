"""The reference link, beyond what every link must do: its bounds are exact, and so are its faults.

Time is virtual: a test of a minute takes a millisecond.
"""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any

import pytest

from longwire.core.liveness import Heartbeat
from longwire.errors import LinkClosed, LongwireError
from longwire.link.memory import MemoryLink, pair
from longwire.link.memory_inbox import MemoryInbox
from longwire.link.memory_wire import Close, Fin, Message, Ping, Wire, wire_size
from longwire.link.options import LinkOptions
from longwire.testing import run_autojump

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from longwire.link.base import Data

OPTIONS = LinkOptions(heartbeat=None)


def in_virtual_time(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run an asynchronous test where time jumps; nothing of it may be left."""

    @functools.wraps(test)
    def run() -> None:
        async def guarded() -> None:
            await test()
            await turns(3)
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left

        run_autojump(guarded(), start=1_000.0)

    # pytest would look through it, and find a coroutine function.
    del run.__wrapped__
    return run


async def turns(count: int = 3) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def sent_until_waiting(link: MemoryLink, message: Data) -> tuple[int, asyncio.Task[None]]:
    """Send until that must wait; how many were accepted, and the task that waits."""
    accepted = 0
    while True:
        task = asyncio.create_task(link.send(message))
        await turns()
        if not task.done():
            return accepted, task
        accepted += 1


async def end(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


# ---------------------------------------------------------------- bounds


@in_virtual_time
async def test_inbox_is_bounded_by_count() -> None:
    """Exactly so many messages are read; the next is left on its way until one is taken."""
    options = LinkOptions(inbox_messages=3, write_high=0, heartbeat=None)
    client, server = pair(options=options)
    # Three in the inbox, and one on its way, which is more than the bound of 0 bytes there.
    accepted, waiting = await sent_until_waiting(client, "x")
    assert accepted == 4
    assert await server.recv() == "x"
    await turns()
    assert waiting.done()
    another, waiting = await sent_until_waiting(client, "x")
    assert another == 0
    await end(waiting)


@in_virtual_time
async def test_inbox_is_bounded_by_bytes() -> None:
    """So many bytes are read, not one more; but a single larger message is, when it is alone."""
    options = LinkOptions(inbox_bytes=1_000, write_high=0, heartbeat=None)
    client, server = pair(options=options)
    accepted, waiting = await sent_until_waiting(client, b"x" * 400)
    assert accepted == 3
    await end(waiting)
    for _ in range(3):
        await server.recv()
    accepted, waiting = await sent_until_waiting(client, b"x" * 5_000)
    assert accepted == 2
    await end(waiting)


@in_virtual_time
async def test_way_is_bounded_by_bytes() -> None:
    """On the way there is room for ``write_high`` bytes, headers and masks included."""
    options = LinkOptions(inbox_messages=1, write_high=1_000, heartbeat=None)
    client, server = pair(options=options)
    # 100 bytes of payload, 2 of header and 4 of mask; one is in the inbox.
    accepted, waiting = await sent_until_waiting(client, b"x" * 100)
    assert accepted == 1 + 10
    await end(waiting)
    # Without a mask there is room for the same ten: 1,020 bytes.
    accepted, waiting = await sent_until_waiting(server, b"x" * 100)
    assert accepted == 1 + 10
    await end(waiting)


@in_virtual_time
async def test_no_heartbeat_follows_a_close() -> None:
    """The other side does not read, so it does not answer; the close is the last that it gets."""
    heartbeat = Heartbeat(every=0.5, within=60)
    client, server = pair(
        options=LinkOptions(heartbeat=heartbeat, close_timeout=5),
        server_options=LinkOptions(heartbeat=None, inbox_messages=1),
    )
    for _ in range(3):
        await client.send("x")
    closing = asyncio.create_task(client.close())
    await turns()
    put = client._out.bytes_put
    await asyncio.sleep(4)
    assert client._out.bytes_put == put
    await closing
    server.abort()


@in_virtual_time
async def test_pings_are_stuck_behind_data() -> None:
    """While one side does not read, the other's pings wait, and are answered when it does."""
    options = LinkOptions(inbox_messages=1, heartbeat=None)
    client, server = pair(options=options)
    for _ in range(3):
        await client.send("x")
    ping = asyncio.create_task(client.ping())
    await asyncio.sleep(60.0)
    assert not ping.done()
    for _ in range(2):
        await server.recv()
    assert await ping >= 0.0


@in_virtual_time
async def test_pongs_are_bounded() -> None:
    """To a peer that pings and does not read only the last pong is owed."""
    options = LinkOptions(inbox_messages=1, write_high=100, write_timeout=None, heartbeat=None)
    client, server = pair(options=options)
    _, waiting = await sent_until_waiting(server, b"x" * 50)
    pings = [asyncio.create_task(client.ping()) for _ in range(50)]
    await turns()
    assert server._out.waiting < 200
    received = [await client.recv() for _ in range(3)]
    await waiting
    assert len(received) == 3
    # The last pong answers all pings before it.
    for ping in pings:
        await ping


# ---------------------------------------------------------------- time limits


@in_virtual_time
async def test_write_timeout() -> None:
    """A peer that takes nothing for so long ends the link; any progress starts the time anew."""
    options = LinkOptions(inbox_messages=1, write_high=0, write_timeout=60.0, heartbeat=None)
    client, server = pair(options=options)
    _, waiting = await sent_until_waiting(client, "x")
    for _ in range(3):
        await asyncio.sleep(50.0)
        await server.recv()
        await waiting
        waiting = asyncio.create_task(client.send("x"))
    started = asyncio.get_running_loop().time()
    with pytest.raises(LinkClosed) as caught:
        await waiting
    assert asyncio.get_running_loop().time() - started == pytest.approx(60.0, abs=0.1)
    assert client.closure is caught.value.closure
    assert client.closure is not None
    assert (client.closure.end, client.closure.by) == ("write-timeout", "peer")
    assert client.closure.write_buffered > 0


@in_virtual_time
async def test_close_timeout() -> None:
    """A close that is not answered ends the link all the same, after its time limit."""
    client, _ = pair(options=LinkOptions(close_timeout=5.0, heartbeat=None))
    client.drop()
    started = asyncio.get_running_loop().time()
    await client.close(4000, "anyone?")
    assert asyncio.get_running_loop().time() - started == pytest.approx(5.0)
    closure = await client.wait_closed()
    assert (closure.end, closure.by) == ("close-sent", "local")
    assert (closure.sent_code, closure.received_code) == (4000, None)


@in_virtual_time
async def test_paused_link_ends_when_read() -> None:
    """A side that does not read finds the close behind the data, as on a real wire."""
    client, server = pair(options=LinkOptions(inbox_messages=2, close_timeout=5.0, heartbeat=None))
    for number in range(4):
        await client.send(f"{number}")
    await client.close()
    assert server.closure is None
    assert [await server.recv() for _ in range(4)] == ["0", "1", "2", "3"]
    closure = await server.wait_closed()
    assert (closure.end, closure.received_code) == ("close-received", 1000)


# ---------------------------------------------------------------- faults


@in_virtual_time
async def test_drop_tells_nobody() -> None:
    """After `drop` nothing arrives either way, nothing on its way either, and nobody is told."""
    client, server = pair(options=OPTIONS)
    await client.send("before")
    assert await server.recv() == "before"
    await client.send("on its way")
    server.drop()
    await server.send("lost")
    client_ping = asyncio.create_task(client.ping())
    with pytest.raises(TimeoutError):
        await client.recv(timeout=1_000.0)
    with pytest.raises(TimeoutError):
        await server.recv(timeout=1_000.0)
    assert [client.closure, server.closure] == [None, None]
    client.abort()
    with pytest.raises(LinkClosed):
        await client_ping
    await turns()
    assert server.closure is None
    assert client.closure is not None
    assert client.closure.write_buffered > 0
    assert client.closure.ping_unanswered_since is not None
    server.abort()


@in_virtual_time
async def test_drop_is_found_by_heartbeat() -> None:
    """With a heartbeat both sides find out, each within its bounds."""
    options = LinkOptions(heartbeat=Heartbeat(every=20.0, within=10.0))
    client, server = pair(options=options)
    await asyncio.sleep(70.0)
    assert client.closure is None
    client.drop()
    started = asyncio.get_running_loop().time()
    for link in (client, server):
        closure = await link.wait_closed()
        assert (closure.end, closure.by) == ("heartbeat-timeout", "network")
        assert closure.ended - started <= 30.1
        assert closure.last_pong is not None
        assert closure.ping_unanswered_since is not None
        assert closure.last_byte <= started


@in_virtual_time
async def test_pause_is_no_death() -> None:
    """While one's own inbox is full the heartbeat gives no verdict, and the pause is recorded."""
    options = LinkOptions(inbox_messages=1, heartbeat=Heartbeat(every=1.0, within=1.0))
    client, server = pair(options=LinkOptions(heartbeat=None), server_options=options)
    for _ in range(3):
        await client.send("x")
    await turns()
    paused = asyncio.get_running_loop().time()
    await asyncio.sleep(100.0)
    assert server.closure is None
    server.abort()
    closure = await server.wait_closed()
    assert closure.paused_since == pytest.approx(paused, abs=0.01)


@in_virtual_time
async def test_application_heartbeat() -> None:
    """A heartbeat may be a message; what `is_reply` recognises is a pong, and no data."""
    heartbeat = Heartbeat(every=10.0, within=5.0, message="ping", is_reply=lambda m: m == "pong")
    client, server = pair(
        options=LinkOptions(heartbeat=heartbeat), server_options=LinkOptions(heartbeat=None)
    )
    for _ in range(5):
        assert await server.recv(timeout=11.0) == "ping"
        await server.send("pong")
    await server.send("data")
    assert await client.recv() == "data"
    client.abort()
    closure = await client.wait_closed()
    assert closure.messages_received == 1
    assert closure.last_pong is not None


@in_virtual_time
async def test_failing_is_reply() -> None:
    """A user's `is_reply` that raises ends the link as our own fault; nothing hangs."""

    def fail(message: Data) -> bool:
        raise LookupError("as asked")

    client, server = pair(
        options=LinkOptions(heartbeat=Heartbeat(is_reply=fail)), server_options=OPTIONS
    )
    await server.send("data")
    closure = await client.wait_closed()
    assert (closure.end, closure.by) == ("local-error", "local")
    with pytest.raises(LinkClosed) as caught:
        await client.recv()
    assert isinstance(caught.value.__cause__, LookupError)
    assert (await server.wait_closed()).end == "eof"


@in_virtual_time
async def test_reset() -> None:
    """Both sides are told of a reset; what was received stays, what was on its way is lost."""
    client, server = pair(options=OPTIONS)
    await client.send("received")
    await turns()
    await client.send("on its way")
    server.reset()
    server.reset()
    for link in (client, server):
        closure = await link.wait_closed()
        assert (closure.end, closure.by) == ("reset", "unknown")
        assert isinstance(closure.error, LongwireError)
        assert isinstance(closure.error.__cause__, ConnectionResetError)
        assert (closure.sent_code, closure.received_code) == (None, None)
    assert await server.recv() == "received"
    with pytest.raises(LinkClosed) as caught:
        await server.recv()
    assert isinstance(caught.value.__cause__, LongwireError)


@in_virtual_time
async def test_empty_close() -> None:
    """A close without a code reads as 1005, is answered without a code, and is not normal."""
    client, server = pair(options=OPTIONS)
    client.close_without_code()
    closure = await server.wait_closed()
    assert (closure.end, closure.received_code, closure.sent_code) == ("close-received", 1005, None)
    assert not closure.normal
    closure = await client.wait_closed()
    assert (closure.end, closure.received_code, closure.sent_code) == ("close-sent", 1005, None)


@in_virtual_time
async def test_eof_behind_data() -> None:
    """Everything sent before an abort arrives before the end is seen."""
    client, server = pair(options=LinkOptions(inbox_messages=1, heartbeat=None))
    for number in range(5):
        await client.send(f"{number}")
    client.abort()
    assert [await server.recv() for _ in range(5)] == ["0", "1", "2", "3", "4"]
    assert (await server.wait_closed()).end == "eof"


# ---------------------------------------------------------------- its parts


@in_virtual_time
async def test_request() -> None:
    """Both sides have the request that the pair was made with."""
    client, server = pair(path="/feed?x=1", subprotocol="v1")
    for link in (client, server):
        assert (link.request.path, link.request.subprotocol) == ("/feed?x=1", "v1")
    assert client.other is server
    client.abort()
    server.abort()


@pytest.mark.parametrize(
    ("size", "header"), [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)]
)
def test_frame_sizes(size: int, header: int) -> None:
    """A frame has the size that RFC 6455 gives it; the client's has a mask as well."""
    message = Message(bytes(size), size)
    assert wire_size(message, masked=False) == header + size
    assert wire_size(message, masked=True) == header + 4 + size


def test_control_frame_sizes() -> None:
    """The same for control frames; the end of the bytes has none."""
    assert wire_size(Ping(b"1234"), masked=False) == 6
    assert wire_size(Close(None), masked=False) == 2
    assert wire_size(Close(1000, "é"), masked=True) == 2 + 4 + 2 + 2
    assert wire_size(Fin(), masked=True) == 0


def test_abandoned_wire_takes_everything() -> None:
    """What is sent to a side that is gone waits nowhere."""
    wire = Wire(masked=False)
    wire.put(Ping(b"1234"))
    assert wire.waiting == 6
    wire.abandon()
    assert wire.waiting == 0
    wire.put(Ping(b"1234"))
    assert wire.waiting == 0
    assert wire.peek() is None
    assert wire.bytes_put == 12


@in_virtual_time
async def test_counts_are_the_real_ones() -> None:
    """A pair's byte counts are those of frames on a wire."""
    client, server = pair(options=OPTIONS)
    await client.send("hello")
    await server.send(b"x" * 200)
    await client.close(1000, "bye")
    mine, theirs = await client.wait_closed(), await server.wait_closed()
    assert mine.bytes_sent == theirs.bytes_received == (2 + 4 + 5) + (2 + 4 + 5)
    assert theirs.bytes_sent == mine.bytes_received == (4 + 200) + (2 + 2)


@in_virtual_time
async def test_inbox_wakes_one_receiver_per_message() -> None:
    """Receivers are served in the order in which they came."""
    inbox = MemoryInbox(10, 1_000, lambda: None)
    waiting = [asyncio.create_task(inbox.next_message()) for _ in range(3)]
    await turns()
    for number in range(3):
        inbox.put(f"{number}", 1)
    assert [await task for task in waiting] == ["0", "1", "2"]
