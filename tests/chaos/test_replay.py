"""A failing session becomes a test: what a client met while it was recorded, it meets again."""

from __future__ import annotations

import asyncio
import math
import os
import socket
import ssl
import struct
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.chaos import Proxy, Recorder, Replay
from longwire.chaos.frames import PONG, TEXT
from longwire.chaos.replay import parse_speed
from longwire.errors import RecordingError
from longwire.testing import PATIENCE, misbehave
from tests.chaos.rawclient import RawClient
from tests.chaos.recordings import ended, opening, seen, write_recording

if TYPE_CHECKING:
    from pathlib import Path

    from longwire.testing import NumberedFeed
    from longwire.testing.misbehave import Misbehaviour

QUICK = longwire.Retry(first=0.01, cap=0.05)


def told(event: Any) -> tuple[object, ...]:
    """An event, as far as it must be the same when it is replayed."""
    match event:
        case longwire.Message(data=data):
            return ("message", data)
        case longwire.Interrupted(interruption=one):
            code = None if one.closure is None else one.closure.received_code
            return ("interrupted", one.cause.id, one.cause.blame, code)
        case _:
            return (type(event).__name__,)


async def events(client: longwire.Client, number: int) -> list[tuple[object, ...]]:
    """So many events."""
    met: list[tuple[object, ...]] = []
    async with asyncio.timeout(PATIENCE):
        async for event in client.events():
            met.append(told(event))
            if len(met) == number:
                break
    return met


def connect(url: str, **options: Any) -> longwire.Client:
    return longwire.connect(url, retry=QUICK, proxy=None, **options)


ENDS = {
    "restart": misbehave.close_with(1012, "restart"),
    "too slow": misbehave.close_with(1008, "slow consumer"),
    "fin": misbehave.end,
    "reset": misbehave.reset,
    "half open": misbehave.freeze,
}


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("speed", [1.0, math.inf])
async def test_a_failing_session_becomes_a_test(
    feed: NumberedFeed, tmp_path: Path, how: str, speed: float
) -> None:
    """The same messages, and the same interruption by cause, blame and close code."""
    path = tmp_path / "session"
    heartbeat = longwire.Heartbeat()
    if how == "half open":
        heartbeat = longwire.Heartbeat(every=0.2, within=1.0)
    async with Recorder(path) as recorder:
        async with Proxy(feed.url, tap=recorder, compression="off") as proxy:
            async with connect(proxy.url, heartbeat=heartbeat) as client:
                recorded = await live_through(feed, client, ENDS[how])
    assert recorded[5][0] == "interrupted"
    async with Replay(path, speed=speed) as replay:
        assert [script.messages for script in replay.scripts] == [5, 3]
        async with connect(replay.url, heartbeat=heartbeat) as client:
            assert await events(client, len(recorded)) == recorded
        async with asyncio.timeout(PATIENCE):
            await replay.finished()


async def live_through(
    feed: NumberedFeed, client: longwire.Client, end: Misbehaviour
) -> list[tuple[object, ...]]:
    """Five messages, an interruption, three messages."""
    first = await feed.link()
    feed.emit(5)
    met = await events(client, 5)
    end(first)
    met += await events(client, 2)
    await feed.link(2)
    feed.emit(3)
    return met + await events(client, 3)


@pytest.mark.parametrize("compression", ["off", "independent", "as-is"])
async def test_messages_of_any_size_and_kind(compression: Any, tmp_path: Path) -> None:
    """Compressed or not, text or binary, in fragments, longer than what is recorded at once."""
    path = tmp_path / "session"
    messages: list[str | bytes] = [
        "",
        "ünï" * 1000,
        b"\x00\xff",
        b"ab" * 2**20,
        os.urandom(3 * 2**20),
    ]

    async def handler(link: longwire.Link) -> None:
        for message in messages:
            await link.send(message)
        await link.send_fragments(["in ", "fragments"])
        async for _ in link:
            pass

    async with longwire.serve(handler, "127.0.0.1") as server:
        url = f"ws://127.0.0.1:{server.port}/"
        async with Recorder(path) as recorder:
            async with Proxy(url, tap=recorder, compression=compression) as proxy:
                async with connect(proxy.url) as client:
                    got = [await client.recv(timeout=PATIENCE) for _ in range(6)]
    assert got == [*messages, "in fragments"]
    async with Replay(path, speed=math.inf) as replay, connect(replay.url) as client:
        assert [await client.recv(timeout=PATIENCE) for _ in range(6)] == got


async def test_each_connection_gets_the_next_crossing(tmp_path: Path) -> None:
    """At the same time, too; and when nothing is left, that is said."""
    records = [*opening(1), *opening(2), seen(9, TEXT, b"one"), seen(9, TEXT, b"two", crossing=2)]
    path = await asyncio.to_thread(write_recording, tmp_path / "file", *records)
    async with Replay(path) as replay:
        async with RawClient(replay.url) as one, RawClient(replay.url) as two:
            await one.open()
            await two.open()
            assert {*await one.texts(1), *await two.texts(1)} == {"one", "two"}
        async with RawClient(replay.url) as late:
            await late.open()
            assert late.head.startswith(b"HTTP/1.1 503 ")
        async with asyncio.timeout(PATIENCE):
            await replay.finished()
            await replay.journal.until("over", times=3)


async def test_a_client_that_resets_harms_nobody_else(tmp_path: Path) -> None:
    """Its connection is over, and the next is served."""
    records = [*opening(1), seen(9, TEXT, b"x"), ended(3_600_000, "fin")]
    path = await asyncio.to_thread(write_recording, tmp_path / "file", *records)
    async with Replay(path, loop=True) as replay:
        for number in (1, 2):
            async with RawClient(replay.url) as client:
                await client.open()
                assert await client.texts(1) == ["x"]
                sock = client.writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            async with asyncio.timeout(PATIENCE):
                over = await replay.journal.until("over", connection=number)
            assert over[0]["how"] == "reset by the client"


async def test_a_probe_of_the_port_takes_no_crossing_away(tmp_path: Path) -> None:
    """Nor does a request that is no opening: the first client that asks gets the first crossing."""
    records = [*opening(1), seen(9, TEXT, b"one")]
    path = await asyncio.to_thread(write_recording, tmp_path / "file", *records)
    async with Replay(path) as replay, asyncio.timeout(PATIENCE):
        _, probe = await asyncio.open_connection(replay.host, replay.port)
        probe.close()
        (over,) = await replay.journal.until("over")
        assert over["how"] == "not asked for"
        reader, curl = await asyncio.open_connection(replay.host, replay.port)
        curl.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        curl.close()
        async with RawClient(replay.url) as client:
            await client.open()
            assert await client.texts(1) == ["one"]
        await replay.finished()
        (played,) = replay.journal.find("plays")
        assert (played["connection"], played["crossing"]) == (3, 1)


@pytest.mark.both_loops
@pytest.mark.parametrize("how", ["fin", "reset"])
async def test_over_tls(
    tmp_path: Path, how: Any, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """The same frames and the same end; who does not trust the certificate takes nothing away."""
    records = [*opening(1), seen(9, TEXT, b"one"), ended(10, how)]
    path = await asyncio.to_thread(write_recording, tmp_path / "file", *records)
    async with Replay(path, tls=server_tls) as replay, asyncio.timeout(PATIENCE):
        assert replay.url.startswith("wss://127.0.0.1:")
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection(
                replay.host, replay.port, ssl=ssl.create_default_context()
            )
        (over,) = await replay.journal.until("over")
        assert over["how"] in {"no TLS came about", "not asked for"}
        async with RawClient(replay.url, tls=client_tls) as client:
            await client.open()
            assert await client.texts(1) == ["one"]
            if how == "reset":
                client.send((await client.frame()).payload, PONG)
            assert await client.ending() == how
        await replay.finished()


async def test_a_file_that_is_taken_away_while_it_is_served(tmp_path: Path) -> None:
    """The client is not left waiting, and the journal says why."""
    path = await asyncio.to_thread(write_recording, tmp_path / "file", *opening(1))
    async with Replay(path, loop=True) as replay:
        await asyncio.to_thread(path.unlink)
        for number in (1, 2):
            async with RawClient(replay.url) as client:
                await client.open()
                assert await client.ending() == "reset"
            (over,) = await replay.journal.until("over", connection=number)
            assert over["how"].startswith("broken off: the file ")


async def test_one_crossing_again_and_again(tmp_path: Path) -> None:
    """With ``crossing`` only that, with ``loop`` as often as wanted."""
    records = [*opening(1), *opening(7), seen(9, TEXT, b"seven", crossing=7)]
    path = await asyncio.to_thread(write_recording, tmp_path / "file", *records)
    async with Replay(path, crossing=7, loop=True) as replay:
        for _ in range(3):
            async with RawClient(replay.url) as client:
                await client.open()
                assert await client.texts(1) == ["seven"]
        played = await replay.journal.until("plays", times=3)
        assert [one["crossing"] for one in played] == [7, 7, 7]


async def test_what_cannot_be_played_is_refused(tmp_path: Path) -> None:
    """A crossing that is not there, a file that is none, a speed that is none."""
    path = await asyncio.to_thread(write_recording, tmp_path / "file", *opening(1))
    with pytest.raises(RecordingError, match="has no crossing 2"):
        async with Replay(path, crossing=2):
            pass
    empty = await asyncio.to_thread(write_recording, tmp_path / "empty")
    with pytest.raises(RecordingError, match=r"has no crossing\.$"):
        async with Replay(empty):
            pass
    with pytest.raises(RecordingError, match="No such file"):
        async with Replay(tmp_path / "none"):
            pass
    with pytest.raises(ValueError, match="speed must be above 0"):
        Replay(path, speed=0)


async def test_leaving_ends_what_is_being_played(tmp_path: Path) -> None:
    """Connections that live are ended, and none is left."""
    records = [*opening(1), seen(9, TEXT, b"x"), ended(3_600_000, "fin")]
    path = await asyncio.to_thread(write_recording, tmp_path / "file", *records)
    async with Replay(path) as replay:
        client = await RawClient(replay.url).__aenter__()
        await client.open()
        assert await client.texts(1) == ["x"]
    assert await client.ending() in {"fin", "reset"}
    await client.__aexit__(None, None, None)


def test_speeds() -> None:
    """As people write them."""
    assert (parse_speed("2"), parse_speed("0.5"), parse_speed("max")) == (2.0, 0.5, math.inf)
    for wrong in ("0", "-1", "nan", "fast"):
        with pytest.raises(ValueError):
            parse_speed(wrong)
