"""One connection of a replay: what it says, when, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from typing import TYPE_CHECKING

import pytest

from longwire.chaos import Replay
from longwire.chaos.frames import BINARY, CLOSE, PING, PONG, TEXT, close_payload
from longwire.chaos.recording import FrameSeen, More
from longwire.testing import PATIENCE
from tests.chaos.rawclient import RawClient
from tests.chaos.recordings import MS, ended, opening, seen, write_recording

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from longwire.chaos.frames import Frame
    from longwire.chaos.recording import Record
    from longwire.chaos.tap import End


@contextlib.asynccontextmanager
async def playing(
    tmp_path: Path,
    *records: Record,
    speed: float = 1.0,
    offer: str = "",
    in_step: bool = False,
) -> AsyncIterator[RawClient]:
    """A client of a replay of these records."""
    path = await asyncio.to_thread(write_recording, tmp_path / "file", *records)
    async with Replay(path, speed=speed, in_step=in_step) as replay:
        async with RawClient(replay.url, offer=offer) as client:
            await client.open()
            yield client
            client.writer.close()
            async with asyncio.timeout(PATIENCE):
                await replay.finished()


async def test_messages_come_in_order_and_in_time(tmp_path: Path) -> None:
    """Never before their time, counted from the opening."""
    records = [seen(5 + 30 * number, TEXT, b"%d" % number) for number in range(4)]
    began = time.monotonic()
    async with playing(tmp_path, *opening(), *records) as client:
        assert client.head.startswith(b"HTTP/1.1 101 ")
        assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in client.head
        times = []
        for number in range(4):
            assert (await client.frame()).payload == b"%d" % number
            times.append(time.monotonic() - began)
    assert all(at >= 0.03 * number for number, at in enumerate(times))


async def test_times_are_scaled(tmp_path: Path) -> None:
    """An hour at a million times its speed; and none at all with max."""
    records = [*opening(), seen(3_600_000, TEXT, b"later")]
    for speed in (1e6, math.inf):
        (tmp_path / "file").unlink(missing_ok=True)
        async with playing(tmp_path, *records, speed=speed) as client:
            assert await client.texts(1) == ["later"]


@pytest.mark.both_loops
@pytest.mark.parametrize("how", ["fin", "reset"])
async def test_the_end_is_the_recorded_one(tmp_path: Path, how: End) -> None:
    """Behind everything that was sent, a flood too: a reset destroys nothing of it."""
    records = [seen(10, BINARY, bytes(1000)) for _ in range(500)]
    async with playing(tmp_path, *opening(), *records, ended(11, how), speed=math.inf) as client:
        got: list[Frame] = []
        while len(got) < 500:
            got.append(await client.frame())
        if how == "reset":
            asked = await client.frame()
            assert asked.opcode == PING
            client.send(asked.payload, PONG)
        assert await client.ending() == how
        assert client.rest() == []


async def test_a_close_frame_and_its_answer(tmp_path: Path) -> None:
    """The recorded code comes, and TCP ends."""
    records: list[Record] = [seen(10, CLOSE, close_payload(1012, "later")), ended(20, "fin")]
    async with playing(tmp_path, *opening(), *records) as client:
        assert (await client.frame()).payload == close_payload(1012, "later")
        client.send(close_payload(1012), CLOSE)
        assert await client.ending() == "fin"
        assert client.rest() == []


async def test_a_server_that_goes_on_behind_its_close_frame(tmp_path: Path) -> None:
    """It breaks the rules again, and the client's answer to the close frame does not end it."""
    records: list[Record] = [
        seen(6, CLOSE, close_payload(1000)),
        seen(100, TEXT, b"late"),
        ended(110, "fin"),
    ]
    async with playing(tmp_path, *opening(), *records) as client:
        assert (await client.frame()).opcode == CLOSE
        client.send(close_payload(1000), CLOSE)
        assert await client.texts(1) == ["late"]
        assert await client.ending() == "fin"


async def test_a_client_that_closes_first_is_answered(tmp_path: Path) -> None:
    """With its own code, and nothing of the script comes any more."""
    async with playing(tmp_path, *opening(), seen(3_600_000, TEXT, b"later")) as client:
        client.send(close_payload(4000), CLOSE)
        assert (await client.frame()).payload == close_payload(4000)
        assert await client.ending() == "fin"
        assert client.rest() == []


async def test_pings_are_answered(tmp_path: Path) -> None:
    """By the replay itself: the recorded pongs belong to other pings."""
    records = [seen(6, PING, b"p", by="c2s"), seen(7, PONG, b"p"), seen(8, TEXT, b"x")]
    async with playing(tmp_path, *opening(), *records) as client:
        assert (await client.frame()).opcode == TEXT
        client.send(b"mine", PING)
        pong = await client.frame()
        assert (pong.opcode, pong.payload) == (PONG, b"mine")


async def test_a_server_that_was_deaf_is_deaf(tmp_path: Path) -> None:
    """From the moment on when it stopped to answer; its data still comes."""
    records: list[Record] = [
        seen(6, PING, b"p", by="c2s"),
        seen(20, TEXT, b"x"),
        seen(40, TEXT, b"y"),
        ended(90, "reset", by="c2s"),
    ]
    async with playing(tmp_path, *opening(), *records, speed=math.inf) as client:
        client.send(b"mine", PING)
        assert await client.texts(2) == ["x", "y"]
        client.send(close_payload(1000), CLOSE)
        # The answer to this, and none to the ping before it.
        assert (await client.frame()).opcode == CLOSE


async def test_a_frame_that_was_cut_off_is_cut_off(tmp_path: Path) -> None:
    """In the middle, and no pong gets into it."""
    records: list[Record] = [
        FrameSeen(at=6 * MS, crossing=1, direction="s2c", opcode=BINARY, size=1000, data=b"abc"),
        More(at=7 * MS, crossing=1, direction="s2c", data=b"def"),
        ended(8, "fin"),
    ]
    async with playing(tmp_path, *opening(), *records) as client:
        client.send(b"mine", PING)
        assert await client.ending() == "fin"
        assert client.partial
        # The ping may have been there before the frame.
        assert {one.opcode for one in client.rest()} <= {PONG}


async def test_a_pong_waits_for_the_frame_that_is_under_way(tmp_path: Path) -> None:
    """What comes in pieces comes in one piece after all."""
    records: list[Record] = [
        FrameSeen(at=6 * MS, crossing=1, direction="s2c", opcode=TEXT, size=6, data=b"abc"),
        More(at=100 * MS, crossing=1, direction="s2c", data=b"def"),
    ]
    async with playing(tmp_path, *opening(), *records) as client:
        client.send(b"mine", PING)
        frames = await client.frames(2)
        assert {(one.opcode, one.payload) for one in frames} == {(TEXT, b"abcdef"), (PONG, b"mine")}


async def test_an_opening_that_was_refused_is_refused(tmp_path: Path) -> None:
    """With the recorded status."""
    async with playing(tmp_path, *opening(status=429), ended(8, "fin")) as client:
        assert client.head.startswith(b"HTTP/1.1 429 ")


async def test_an_opening_without_an_answer(tmp_path: Path) -> None:
    """The server ended instead."""
    path = tmp_path / "file"
    await asyncio.to_thread(write_recording, path, opening()[0], ended(8, "fin"))
    async with Replay(path) as replay, RawClient(replay.url) as client:
        assert await client.ending() == "fin"


async def test_subprotocol_and_compression(tmp_path: Path) -> None:
    """What was agreed then is agreed again, if it is offered."""
    records = opening(subprotocol="b", extensions="permessage-deflate; server_no_context_takeover")
    offer = "Sec-WebSocket-Protocol: a, b\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
    async with playing(tmp_path, *records, offer=offer) as client:
        assert b"\r\nSec-WebSocket-Protocol: b\r\n" in client.head
        assert b"\r\nSec-WebSocket-Extensions: permessage-deflate; server_no" in client.head


async def test_what_is_not_offered_is_not_agreed(tmp_path: Path) -> None:
    """A subprotocol is left out; compressed frames could not be understood."""
    async with playing(tmp_path, *opening(subprotocol="b")) as client:
        assert b"Sec-WebSocket-Protocol" not in client.head


async def test_a_compressed_recording_needs_a_client_that_inflates(tmp_path: Path) -> None:
    """Another one is refused, and told why."""
    async with playing(tmp_path, *opening(extensions="permessage-deflate")) as client:
        assert client.head.startswith(b"HTTP/1.1 400 ")
        assert (
            await client.reader.read() == b"the recording is compressed: offer permessage-deflate\n"
        )


ASKED_AND_ANSWERED: list[Record] = [
    seen(6, TEXT, b"hello"),
    seen(7, TEXT, b"first?", by="c2s"),
    seen(8, TEXT, b"first!"),
    seen(9, PING, b"", by="c2s"),
    seen(10, TEXT, b"second?", by="c2s"),
    seen(11, TEXT, b"second!"),
]


async def test_in_step_with_the_client(tmp_path: Path) -> None:
    """No answer comes before it was asked for, however fast it is played."""
    records = [*opening(), *ASKED_AND_ANSWERED]
    async with playing(tmp_path, *records, speed=math.inf, in_step=True) as client:
        for question, answered in ((b"1", "hello"), (b"2", "first!")):
            assert await client.texts(1) == [answered]
            client.send(b"ping", PING)
            # Nothing in between: the replay waits.
            assert (await client.frame()).opcode == PONG
            client.send(question)
        assert await client.texts(1) == ["second!"]


async def test_what_was_sent_ahead_is_not_waited_for(tmp_path: Path) -> None:
    """As many messages as were recorded have come already."""
    records = [*opening(), *ASKED_AND_ANSWERED]
    async with playing(tmp_path, *records, speed=math.inf, in_step=True) as client:
        client.send(b"1")
        client.send(b"2")
        assert await client.texts(3) == ["hello", "first!", "second!"]


async def test_what_follows_a_late_message_is_late(tmp_path: Path) -> None:
    """Its times are counted from that message, as they were."""
    records = [*opening(), seen(6, TEXT, b"?", by="c2s"), seen(56, TEXT, b"!")]
    async with playing(tmp_path, *records, in_step=True) as client:
        # Longer than the answer took from the opening on.
        opened = time.monotonic()
        while time.monotonic() - opened < 0.06:
            client.send(b"ping", PING)
            assert (await client.frame()).opcode == PONG
        asked = time.monotonic()
        client.send(b"?")
        assert await client.texts(1) == ["!"]
        assert time.monotonic() - asked >= 0.049


async def test_an_end_in_step(tmp_path: Path) -> None:
    """Behind the server's close frame nothing is waited for; a client that says less is told."""
    late: list[Record] = [
        seen(6, CLOSE, close_payload(1012)),
        seen(7, TEXT, b"?", by="c2s"),
        ended(8, "fin"),
    ]
    async with playing(tmp_path, *opening(), *late, speed=math.inf, in_step=True) as client:
        assert (await client.frame()).opcode == CLOSE
        assert await client.ending() == "fin"
    path = await asyncio.to_thread(
        write_recording, tmp_path / "other", *opening(), *ASKED_AND_ANSWERED
    )
    async with Replay(path, in_step=True) as replay, asyncio.timeout(PATIENCE):
        async with RawClient(replay.url) as client:
            await client.open()
            assert await client.texts(1) == ["hello"]
            client.writer.close()
            (over,) = await replay.journal.until("over")
        assert over["how"] == "left by the client: its message 1 was awaited"
