"""From the read buffer into the inbox: what fits and no more, and nothing lost at the end.

The transport is a stand-in that counts pauses; bytes are handed in as a transport does. What
needs a real one is shown in test_link.py.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.chaos.frames import BINARY, CLOSE, CONT, PING, TEXT, frame
from longwire.client.policy import PolicyInbox
from longwire.core.liveness import Heartbeat, Liveness
from longwire.core.overflow import Inbox as InboxOptions
from longwire.core.overflow import size_of
from longwire.core.sequence import Gap
from longwire.errors import InboxFull, MessageTooBig, ProtocolError
from longwire.link.deflate import PORTION, Deflate, DeflateParameters
from longwire.link.flow import NOTHING
from longwire.link.inbox import Inbox
from longwire.link.lender import READ_BUFFER
from longwire.link.options import LinkOptions
from longwire.link.reader import Reader
from longwire.testing import run_autojump

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.link.base import Data


class Tap:
    """A transport that is opened and shut."""

    def __init__(self) -> None:
        self.reading = True
        self.pauses = 0

    def pause_reading(self) -> None:
        assert self.reading
        self.reading = False
        self.pauses += 1

    def resume_reading(self) -> None:
        assert not self.reading
        self.reading = True

    def is_closing(self) -> bool:
        return False


class Desk:
    """A reader, and what it said."""

    def __init__(
        self, inbox: Inbox | None = None, *, deflate: bool = False, **options: Any
    ) -> None:
        self.controls: list[tuple[int, bytes]] = []
        self.errors: list[Exception] = []
        self.tap = Tap()
        settings = LinkOptions(**options)
        self.inbox = inbox or Inbox(settings.inbox_messages, settings.inbox_bytes)
        self.reader = Reader(
            asyncio.get_running_loop(),
            settings,
            self.inbox,
            on_control=lambda opcode, payload: self.controls.append((opcode, payload)),
            on_error=self._on_error,
        )
        # All of a transport that a reader uses.
        transport = cast("asyncio.Transport", self.tap)
        codec = Deflate(DeflateParameters(remote_no_context_takeover=True)) if deflate else None
        self.reader.start(transport, masked=False, deflate=codec)

    def _on_error(self, error: Exception) -> None:
        self.errors.append(error)
        self.reader.place_rest()
        self.reader.stop()

    @property
    def open(self) -> bool:
        """Whether the tap is."""
        return self.tap.reading

    def receive(self, raw: bytes) -> None:
        """What a transport does, as long as it is not paused."""
        while raw:
            room = self.reader.parser.get_buffer()
            count = min(len(room), len(raw))
            room[:count] = raw[:count]
            raw = raw[count:]
            self.reader.buffer_updated(count)

    def drain(self) -> list[Any]:
        items: list[Any] = []
        while (item := self.inbox.pop()) is not NOTHING:
            items.append(item)
        return items


def packed(payload: bytes) -> bytes:
    """A compressed message."""
    packer = Deflate(DeflateParameters(local_no_context_takeover=True))
    return frame(BINARY, packer.compress(payload), rsv=4)


async def turns(count: int = 3) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def numbered(count: int) -> bytes:
    return b"".join(frame(TEXT, b"%d" % number) for number in range(count))


# ---------------------------------------------------------------- pausing


async def test_reading_stops_and_goes_on() -> None:
    """A full inbox shuts the tap; the low mark opens it, after what was read has been placed."""
    desk = Desk(inbox_messages=4)
    desk.receive(numbered(10))
    assert (desk.open, desk.inbox.queued()) == (False, 4)
    assert desk.reader.paused_since is not None
    assert [desk.inbox.pop(), desk.inbox.pop()] == ["0", "1"]
    await turns()
    # Four of the ten wait, four were taken or wait: there is no room yet for all that was read.
    assert (desk.open, desk.inbox.queued()) == (False, 4)
    got = 2
    while got < 10:
        got += len(desk.drain())
        await turns()
    assert got == 10
    assert desk.open
    assert desk.reader.paused_since is None
    assert desk.tap.pauses == 1
    assert desk.reader.messages == 10


async def test_a_message_larger_than_the_inbox_passes_alone() -> None:
    """It waits until nothing is queued."""
    desk = Desk(inbox_bytes=100)
    desk.receive(frame(BINARY, bytes(60)) + frame(BINARY, bytes(500)) + frame(BINARY, bytes(60)))
    sizes = []
    for _ in range(3):
        assert desk.inbox.queued() == 1
        sizes.append(len(desk.drain()[0]))
        await turns()
    assert sizes == [60, 500, 60]
    assert desk.open


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(1, 5), st.integers(1, 100))
def test_no_limit_stops_a_feed_for_good(sizes: list[int], messages: int, size: int) -> None:
    """Whatever the limits and the sizes: a consumer that goes on gets everything, in order."""

    async def work() -> None:
        desk = Desk(inbox_messages=messages, inbox_bytes=size)
        desk.receive(b"".join(frame(BINARY, bytes(one)) for one in sizes))
        got: list[int] = []
        while len(got) < len(sizes):
            assert desk.inbox.queued() <= messages
            assert desk.inbox.queued() <= 1 or desk.inbox.queued_bytes() <= size
            item: Any = desk.inbox.pop()
            assert item is not NOTHING
            got.append(len(item))
            await turns()
        assert got == sizes
        assert desk.open
        desk.reader.stop()

    asyncio.run(work())


async def test_room_may_be_offered_from_another_thread() -> None:
    """Trap 11: the consumer's; the tap is touched in the link's own thread only."""
    desk = Desk(inbox_messages=2)
    desk.receive(numbered(3))
    assert not desk.open
    got: list[Any] = []
    thread = threading.Thread(target=lambda: got.extend(desk.drain()))
    thread.start()
    await asyncio.to_thread(thread.join)
    await turns()
    assert desk.open
    assert [*got, *desk.drain()] == ["0", "1", "2"]


def test_room_offered_when_the_loop_is_gone() -> None:
    """Nobody is left to read; the consumer is not disturbed."""

    async def work() -> Desk:
        desk = Desk(inbox_messages=2)
        desk.receive(numbered(3))
        return desk

    desk = asyncio.run(work())
    assert desk.drain() == ["0", "1"]


async def test_the_pause_is_told() -> None:
    """To the owner and to the clocks, once per pause."""
    told: list[float | None] = []
    desk = Desk(inbox_messages=2)
    desk.reader.on_pause = lambda: told.append(desk.reader.paused_since)
    desk.reader.liveness = Liveness(Heartbeat(), asyncio.get_running_loop().time())
    desk.receive(numbered(3))
    assert told == [desk.reader.paused_since]
    assert desk.reader.liveness.paused_since == desk.reader.paused_since
    desk.drain()
    await turns()
    assert desk.reader.liveness.paused_since is None
    assert len(told) == 1


# ---------------------------------------------------------------- what comes with messages


async def test_control_frames_come_behind_the_messages_of_their_read() -> None:
    """All of them, also while reading is paused behind them."""
    desk = Desk(inbox_messages=2)
    desk.receive(frame(PING, b"1") + frame(TEXT, b"a") + frame(PING, b"2") + numbered(5))
    assert desk.controls == [(PING, b"1"), (PING, b"2")]
    assert desk.inbox.queued() == 2
    assert not desk.open
    desk.reader.stop()


async def test_an_error_comes_behind_the_messages() -> None:
    """What was received before it is in the inbox; nothing is read any more."""
    desk = Desk()
    desk.receive(frame(TEXT, b"good") + frame(3) + frame(TEXT, b"late"))
    (error,) = desk.errors
    assert isinstance(error, ProtocolError)
    desk.receive(frame(TEXT, b"later"))
    assert desk.drain() == ["good"]
    assert len(desk.errors) == 1
    # For the end of TCP.
    assert desk.open


async def test_replies_to_heartbeats_are_not_handed_over() -> None:
    """They count as pongs, not as data; a read of nothing else wakes nobody."""
    heartbeat = Heartbeat(message="ping", is_reply=lambda message: message == "pong")
    desk = Desk(heartbeat=heartbeat)
    desk.reader.liveness = Liveness(heartbeat, 0.0)
    desk.receive(frame(TEXT, b"pong"))
    liveness = desk.reader.liveness
    clocks = liveness.clocks
    assert (clocks.last_pong, desk.reader.last_data) == (desk.reader.last_byte, None)
    assert (desk.reader.messages, desk.inbox.received) == (0, 0)
    desk.receive(frame(TEXT, b"pong") + frame(TEXT, b"data") + frame(TEXT, b"pong"))
    assert desk.drain() == ["data"]
    assert (desk.reader.messages, desk.inbox.received_bytes) == (1, 4)
    assert desk.reader.last_data == desk.reader.last_byte


@pytest.mark.parametrize("which", ["is_reply", "inspect"])
async def test_a_function_of_the_users_that_fails(which: str) -> None:
    """It ends the link with its own error; the messages it was shown are not lost."""

    def fail(message: object) -> Any:
        raise RuntimeError("mine")

    heartbeat = Heartbeat(is_reply=fail) if which == "is_reply" else None
    desk = Desk(heartbeat=heartbeat)
    if which == "inspect":
        desk.reader.inspect = fail
    desk.receive(frame(TEXT, b"a") + frame(TEXT, b"b"))
    (error,) = desk.errors
    assert isinstance(error, RuntimeError)
    assert desk.drain() == ["a", "b"]


# ---------------------------------------------------------------- an inbox that says no


class Choosy(Inbox):
    """An inbox with a policy of its own: two messages at a time, whatever comes."""

    def room(self) -> int:
        return 1_000_000

    def room_bytes(self) -> int:
        return 1_000_000

    def store(self, fresh: list[Any], payload_bytes: int) -> int:
        taken = fresh[: max(0, 2 - self.queued())]
        super().store(list(taken), sum(map(size_of, taken)))
        return len(taken)


async def test_what_a_policy_refuses_is_offered_again() -> None:
    """In order, nothing doubled; the tap is shut meanwhile."""
    desk = Desk(Choosy(4, 1_000))
    desk.receive(numbered(7))
    got: list[Data] = []
    while len(got) < 7:
        assert desk.inbox.queued() <= 2
        got += desk.drain()
        await turns()
    assert got == [str(number) for number in range(7)]
    assert desk.reader.messages == 7


class Hasty(Choosy):
    """Its consumer, in another thread, takes everything in the very moment in which it says no."""

    hurry = False

    def room(self) -> int:
        return 4

    def stall(self, drained: bool = False) -> bool:
        if self.hurry:
            self.hurry = False
            self.taken = self.take()
        return super().stall(drained)


async def test_what_was_refused_stays_in_front() -> None:
    """Room that comes in that very moment is for what was refused, not for what follows."""
    inbox = Hasty(4, 1_000)
    desk = Desk(inbox)
    desk.receive(numbered(12))
    got = desk.drain()
    await turns()
    got += desk.drain()
    inbox.hurry = True
    await turns()
    got += inbox.taken or []
    for _ in range(12):
        got += desk.drain()
        await turns()
    assert got == [str(number) for number in range(12)]


async def test_a_policy_gets_inflated_messages_a_read_at_a_time() -> None:
    """They may be a thousand times as large as what was read, and most of them be dropped."""
    sizes: list[int] = []

    class Weighing(PolicyInbox):
        def store(self, fresh: list[Any], payload_bytes: int) -> int:
            sizes.append(sum(map(size_of, fresh)))
            return super().store(fresh, payload_bytes)

    inbox = Weighing(InboxOptions(bytes=10_000, when_full="drop-newest"))
    desk = Desk(inbox, deflate=True)
    desk.receive(packed(bytes(100_000)) * 50)
    await turns(10)
    assert (inbox.received, inbox.dropped, desk.open) == (50, 49, True)
    assert max(sizes) <= READ_BUFFER + 100_000


async def test_an_inbox_that_ended_ends_the_link() -> None:
    """With the inbox's own error."""
    inbox = Inbox(10, 100)
    inbox.end(lambda: InboxFull("full"))
    desk = Desk(inbox)
    desk.receive(frame(TEXT, b"x"))
    assert [type(error) for error in desk.errors] == [InboxFull]


# ---------------------------------------------------------------- turns of the loop


async def test_a_long_message_takes_a_turn_for_each_portion() -> None:
    """The tap is shut meanwhile; what follows it comes behind it."""
    desk = Desk(deflate=True)
    desk.receive(frame(TEXT, b"first") + packed(bytes(4 * PORTION)) + frame(PING) + numbered(1))
    assert desk.drain() == ["first"]
    for _ in range(3):
        assert (desk.controls, desk.inbox.queued(), desk.open) == ([], 0, False)
        assert desk.reader.paused_since is None
        await turns(1)
    assert [len(item) for item in desk.drain()] == [4 * PORTION]
    assert (desk.controls, desk.open) == ([(PING, b"")], False)
    await turns(1)
    assert desk.drain() == ["0"]
    assert (desk.reader.messages, desk.open) == (3, True)


@pytest.mark.parametrize("limit", [64 * PORTION, 1_000])
async def test_an_inbox_that_fills_while_a_long_message_is_inflated(limit: int) -> None:
    """Its other links', say: the message waits for room, and then comes whole."""
    inbox = Inbox(2, limit)
    desk, other = Desk(inbox, deflate=True), Desk(inbox)
    desk.receive(packed(bytes(4 * PORTION)))
    other.receive(numbered(2))
    inbox.on_room = desk.reader.offer_room
    await turns(6)
    assert (desk.open, desk.reader.paused_since is None) == (False, False)
    assert desk.drain() == ["0", "1"]
    await turns(8)
    assert [len(item) for item in desk.drain()] == [4 * PORTION]
    assert (desk.open, desk.reader.paused_since) == (True, None)


async def test_room_that_is_offered_halfway_through_a_long_message() -> None:
    """It does not hurry it on, and reading waits for its end."""
    desk = Desk(deflate=True, inbox_messages=2)
    desk.receive(numbered(2) + packed(bytes(3 * PORTION)) + numbered(2))
    await turns()
    assert (desk.open, desk.reader.paused_since is None) == (False, False)
    got = [len(item) for item in desk.drain()]
    await turns(1)
    desk.reader.go_on()
    assert (desk.inbox.queued(), desk.open, desk.reader.paused_since) == (0, False, None)
    while len(got) < 5:
        await turns(1)
        got += [len(item) for item in desk.drain()]
    await turns()
    assert got == [1, 1, 3 * PORTION, 1, 1]
    assert desk.open


@pytest.mark.parametrize("size", [4 * PORTION, 100])
async def test_a_policy_is_no_way_around_the_turns(size: int) -> None:
    """What it drops is inflated, too: a portion in each turn."""
    inbox = PolicyInbox(InboxOptions(bytes=1_000, when_full="drop-newest"))
    desk = Desk(inbox, deflate=True)
    count = 10 if size > PORTION else 3 * PORTION // size
    desk.receive(packed(bytes(size)) * count)
    seen = [inbox.received]
    while seen[-1] < count:
        await turns(1)
        seen.append(inbox.received)
    most = PORTION // size + READ_BUFFER // size + 1
    assert max(later - earlier for earlier, later in itertools.pairwise([0, *seen])) <= most
    await turns()
    assert desk.open


# ---------------------------------------------------------------- the end


@pytest.mark.parametrize("after", range(4))
async def test_a_link_that_ends_halfway_through_a_long_message(after: int) -> None:
    """It had arrived, so it is handed over, and what lay behind it; then no turn is taken."""
    desk = Desk(deflate=True)
    desk.receive(packed(bytes(5 * PORTION)) + numbered(2) + frame(CLOSE, b"\x03\xe8"))
    await turns(after)
    assert desk.inbox.queued() == 0
    assert desk.reader.place_rest() == b"\x03\xe8"
    desk.reader.stop()
    assert [len(item) for item in desk.drain()] == [5 * PORTION, 1, 1]
    assert (desk.reader.messages, desk.open, desk.reader.partial) == (3, True, False)
    await turns()
    assert desk.reader.messages == 3
    desk.receive(packed(bytes(5 * PORTION)))
    await turns()
    assert desk.drain() == []


async def test_a_long_message_without_a_place_at_the_end() -> None:
    """It is counted, and not inflated on."""
    desk = Desk(Choosy(4, 1_000), deflate=True)
    desk.receive(frame(BINARY, bytes(200_000)) * 5 + packed(bytes(4 * PORTION)))
    assert desk.inbox.queued() == 2
    desk.reader.place_rest()
    desk.reader.stop()
    assert {len(item) for item in desk.drain()} == {200_000}
    assert desk.reader.messages == 6
    assert desk.reader.dropped == desk.inbox.dropped >= 1


async def test_a_long_message_that_is_wrong() -> None:
    """It ends the link when it is found, behind what came before."""
    desk = Desk(deflate=True, max_message_bytes=3 * PORTION)
    desk.receive(frame(TEXT, b"first") + packed(bytes(4 * PORTION)) + frame(TEXT, b"late"))
    while not desk.errors:
        assert not desk.open
        await turns(1)
    assert [type(error) for error in desk.errors] == [MessageTooBig]
    assert desk.drain() == ["first"]
    await turns()
    assert (len(desk.errors), desk.open) == (1, True)


async def test_the_rest_is_placed_at_the_end() -> None:
    """All that had been read, above the limit; a close frame behind it is told."""
    desk = Desk(inbox_messages=2)
    desk.receive(numbered(9) + frame(CLOSE, b"\x03\xe8") + b"\xff\xff")
    assert desk.reader.place_rest() == b"\x03\xe8"
    desk.reader.stop()
    assert desk.reader.messages == 9
    assert desk.drain() == [str(number) for number in range(9)]
    assert desk.controls == []
    assert not desk.reader.partial
    assert desk.open
    # It is over: what comes is thrown away.
    desk.receive(numbered(1_000))
    assert desk.drain() == []
    assert desk.reader.messages == 9


async def test_what_inflates_at_the_end_has_a_place_as_far_as_the_bound() -> None:
    """What has none is counted, told, and not even inflated."""
    desk = Desk(inbox_bytes=1_000, deflate=True)
    raw = packed(bytes(100_000)) * 50 + frame(CLOSE, b"\x03\xe8")
    desk.receive(raw)
    assert (desk.inbox.queued(), desk.open) == (1, False)
    assert desk.reader.place_rest() == b"\x03\xe8"
    assert desk.inbox.queued_bytes() == 300_000
    assert (desk.reader.messages, desk.reader.dropped, desk.inbox.dropped) == (50, 47, 47)
    items = desk.inbox.take(marks=True) or []
    assert [item.count for item in items if isinstance(item, Gap)] == [47]
    assert isinstance(items[-1], Gap)


async def test_a_reply_at_the_end_is_no_message() -> None:
    """The rest is looked at as everything is."""
    heartbeat = Heartbeat(message="ping", is_reply=lambda message: message == "pong")
    desk = Desk(heartbeat=heartbeat, inbox_messages=1)
    desk.receive(b"".join(frame(TEXT, text) for text in (b"a", b"pong", b"b")))
    desk.reader.place_rest()
    assert desk.drain() == ["a", "b"]
    assert desk.reader.messages == 2


async def test_a_full_inbox_shuts_the_tap_of_a_new_link() -> None:
    """From its first byte; it opens when there is room."""
    inbox = Inbox(2, 1_000)
    Desk(inbox).receive(numbered(2))
    desk = Desk(inbox)
    desk.reader.begin(b"")
    assert (desk.open, desk.reader.paused_since is None) == (False, False)
    assert desk.drain() == ["0", "1"]
    await turns()
    assert (desk.open, desk.reader.paused_since) == (True, None)
    other = Desk(inbox)
    other.reader.begin(numbered(1))
    assert other.open
    assert desk.drain() == ["0"]


async def test_nothing_behind_a_violation_is_placed_at_the_end() -> None:
    """What came before it is."""
    desk = Desk(inbox_messages=1)
    desk.receive(numbered(3) + frame(3) + frame(TEXT, b"late") + frame(CLOSE))
    assert desk.reader.place_rest() is None
    desk.reader.stop()
    assert desk.drain() == ["0", "1", "2"]
    assert desk.errors == []


async def test_a_stopped_reader_does_not_take_room_from_its_successor() -> None:
    """The inbox may belong to the next link already."""
    desk = Desk()
    successor: Callable[[], None] = turns_nothing
    desk.inbox.on_room = successor
    desk.reader.place_rest()
    desk.reader.stop()
    assert desk.inbox.on_room is successor
    other = Desk(desk.inbox)
    other.reader.stop()
    assert desk.inbox.on_room is None


def turns_nothing() -> None:
    """Stands for another link's."""


# ---------------------------------------------------------------- fragments


def fragment_ends(script: list[tuple[float, bytes]], **options: Any) -> list[float]:
    """When a fragmented message was given up; the script says what comes after how long."""

    async def work() -> list[float]:
        loop = asyncio.get_running_loop()
        desk = Desk(**options)
        ends: list[float] = []
        desk.reader.on_error = lambda _: ends.append(loop.time())
        for seconds, raw in script:
            await asyncio.sleep(seconds)
            desk.receive(raw)
        await asyncio.sleep(1_000)
        desk.reader.stop()
        return ends

    return run_autojump(work())


BEGIN = frame(TEXT, b"a", fin=False)
MORE = frame(CONT, b"b", fin=False)
END = frame(CONT, b"c")


def test_a_message_may_take_so_long() -> None:
    """From its first fragment, whatever follows (trap 10); a whole one ends the watch."""
    assert fragment_ends([(10, BEGIN)], fragment_timeout=60) == [70]
    assert fragment_ends([(10, BEGIN), (50, MORE + frame(PING))], fragment_timeout=60) == [70]
    assert fragment_ends([(10, BEGIN), (50, END)], fragment_timeout=60) == []
    assert fragment_ends([(10, BEGIN)], fragment_timeout=None) == []


def test_each_message_has_its_own_time() -> None:
    """Always one is incomplete at the end of a read, and none takes long."""
    busy = [(10.0, BEGIN), *[(50.0, END + BEGIN)] * 15]
    assert fragment_ends([*busy, (50.0, END)], fragment_timeout=60) == []
    assert fragment_ends(busy[:3], fragment_timeout=60) == [170]


def test_a_stream_may_take_for_ever() -> None:
    """With streaming the limit is one for the next byte, also within one large fragment."""
    byte_by_byte = [(50.0, frame(BINARY, b"", length=50))] + [(50.0, b"x")] * 50
    assert fragment_ends(byte_by_byte, fragment_timeout=60, stream=True) == []
    assert fragment_ends(byte_by_byte[:9], fragment_timeout=60, stream=True) == [510]
    assert fragment_ends(
        [(50.0, BEGIN), *[(50.0, MORE)] * 9], fragment_timeout=60, stream=True
    ) == [560]
    silent = [(10.0, BEGIN), (50.0, frame(PING)), (50.0, END)]
    assert fragment_ends(silent, fragment_timeout=60, stream=True) == [70]


async def test_compressed_messages_may_overshoot_once() -> None:
    """Their size is known when they are inflated; then nothing more is taken."""
    desk = Desk(inbox_bytes=1_000, deflate=True)
    desk.receive(packed(bytes(5_000)) * 4)
    assert desk.inbox.queued() == 1
    assert not desk.open
    got = 0
    while got < 4:
        got += len(desk.drain())
        await turns()
    assert desk.open


@pytest.mark.parametrize("name", ["pump", "place_rest", "feed_rest"])
async def test_a_reader_that_was_not_started_raises(name: str) -> None:
    """A mistake of ours is an error, compiled, too."""
    reader = Reader(
        asyncio.get_running_loop(),
        LinkOptions(),
        Inbox(10, 100),
        on_control=lambda opcode, payload: None,
        on_error=lambda error: None,
    )
    with pytest.raises(AttributeError):
        getattr(reader, name)()
    with pytest.raises(AttributeError):
        reader.get_buffer(-1)
    with pytest.raises(AttributeError):
        reader.buffer_updated(1)
