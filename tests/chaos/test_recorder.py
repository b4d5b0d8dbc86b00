"""A recorder keeps what passes: all of it, safely, and without secrets."""

from __future__ import annotations

import asyncio
import errno
import gzip
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from longwire.chaos import Proxy, Recorder, read_recording
from longwire.chaos.blocks import BlockFile
from longwire.chaos.frames import CLOSE, PING, PONG, TEXT, close_payload
from longwire.chaos.recording import Answered, Asked, Ended, FrameSeen
from longwire.errors import RecordingError
from longwire.testing import PATIENCE, FeedThread
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from longwire.chaos.recording import Record
    from longwire.testing import NumberedFeed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where there is nothing yet."""
    return tmp_path / "session.jsonl.gz"


async def read(path: Path) -> list[Record]:
    """All records, read where nothing is blocked by it."""
    return await asyncio.to_thread(lambda: list(read_recording(path)))


def told(record: Record) -> tuple[object, ...]:
    """A record without its time."""
    match record:
        case Asked():
            return ("asked", record.crossing, record.url.rpartition("/")[2])
        case Answered():
            return ("answered", record.crossing, record.status)
        case Ended():
            return ("ended", record.crossing, record.direction, record.how)
        case FrameSeen():
            return (record.direction, record.opcode, record.payload)
        case _:
            return ("more", record.direction, record.data)


async def test_everything_is_kept(feed: NumberedFeed, path: Path) -> None:
    """Both directions, control frames too, the ends, and times that never go back."""
    async with Recorder(path) as recorder:
        async with Proxy(feed.url, tap=recorder) as proxy:
            async with RawClient(proxy.url) as client:
                await client.open()
                link = await feed.link()
                client.send(b"hello")
                client.send(b"?", PING)
                assert (await client.frame()).opcode == PONG
                feed.emit(1)
                link.send_close(1001, "bye")
                assert [one.opcode for one in await client.frames(2)] == [TEXT, CLOSE]
                client.send(close_payload(1001), CLOSE)
                assert await client.ending() == "fin"
                client.writer.close()
                await proxy.journal.until("over")
    assert (recorder.frames, recorder.messages, recorder.crossings) == (6, 1, 1)
    records = await read(path)
    assert [told(one) for one in records[:2]] == [("asked", 1, "feed"), ("answered", 1, 101)]
    assert [told(one) for one in records if told(one)[0] == "c2s"] == [
        ("c2s", TEXT, b"hello"),
        ("c2s", PING, b"?"),
        ("c2s", CLOSE, close_payload(1001)),
    ]
    assert [told(one) for one in records if told(one)[0] == "s2c"] == [
        ("s2c", PONG, b"?"),
        ("s2c", TEXT, b"0 of the feed"),
        ("s2c", CLOSE, close_payload(1001, "bye")),
    ]
    assert {told(one)[2:] for one in records if isinstance(one, Ended)} == {
        ("s2c", "fin"),
        ("c2s", "fin"),
    }
    times = [one.at for one in records]
    assert times == sorted(times)


async def test_no_secret_is_kept(feed: NumberedFeed, path: Path) -> None:
    """Neither of the URL's query, nor of any header."""
    async with Recorder(path) as recorder, Proxy(feed.url, tap=recorder) as proxy:
        secret = "s3cr3t-of-somebody"
        offer = f"Authorization: Bearer {secret}\r\nCookie: id={secret}\r\n"
        async with RawClient(f"{proxy.url}?token={secret}", offer=offer) as client:
            await client.open()
            await feed.link()
    content = gzip.decompress(await asyncio.to_thread(path.read_bytes))
    assert secret.encode() not in content
    assert b"token=" in content


async def test_what_was_agreed_is_kept(path: Path) -> None:
    """The subprotocol and the extensions, as the server chose them."""
    from websockets.asyncio.server import serve

    async def handler(connection: Any) -> None:
        await connection.wait_closed()

    async with serve(handler, "127.0.0.1", 0, subprotocols=["b", "a"]) as server:  # type: ignore[list-item]  # a NewType
        port = next(iter(server.sockets)).getsockname()[1]
        async with Recorder(path) as recorder:
            to = f"ws://127.0.0.1:{port}/"
            async with Proxy(to, tap=recorder, compression="as-is") as proxy:
                offer = (
                    "Sec-WebSocket-Protocol: a, b\r\n"
                    "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n"
                )
                async with RawClient(proxy.url, offer=offer) as client:
                    await client.open()
    (answered,) = (one for one in await read(path) if isinstance(one, Answered))
    assert answered.subprotocol in {"a", "b"}
    assert answered.extensions is not None
    assert answered.extensions.startswith("permessage-deflate; server_no_context_takeover")


async def test_what_has_come_is_in_the_file_soon(feed: NumberedFeed, path: Path) -> None:
    """While the recording goes on, another program can read what there is."""
    async with Recorder(path, flush_every=0.01) as recorder:
        async with Proxy(feed.url, tap=recorder) as proxy, RawClient(proxy.url) as client:
            await client.open()
            await feed.link()
            feed.emit(1)
            await recorder.until(1)
            await recorder.written()
            assert [type(one) for one in await read(path)] == [Asked, Answered, FrameSeen]


async def test_an_existing_file_is_left_alone(path: Path) -> None:
    """A recording overwrites nothing."""
    await asyncio.to_thread(path.write_text, "precious")
    with pytest.raises(RecordingError, match="is there already"):
        async with Recorder(path):
            pass
    assert await asyncio.to_thread(path.read_text) == "precious"


async def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    """What the system says is said."""
    with pytest.raises(RecordingError, match="No such file or directory"):
        async with Recorder(tmp_path / "none" / "file"):
            pass


class FullDisk(BlockFile):
    """No space is left for frames."""

    def write(self, lines: Iterable[bytes]) -> None:
        kept = list(lines)
        if has_frames(kept):
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write(kept)


def has_frames(lines: Iterable[bytes]) -> bool:
    return any(b'"record":"frame"' in line for line in lines)


async def test_a_full_disk_is_told_at_once(
    feed: NumberedFeed, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To who waits for it, and at the end; traffic goes on."""
    monkeypatch.setattr("longwire.chaos.recorder.BlockFile", FullDisk)
    recorder = await Recorder(path, flush_every=0.01).__aenter__()
    async with Proxy(feed.url, tap=recorder) as proxy, RawClient(proxy.url) as client:
        await client.open()
        await feed.link()
        feed.emit(1)
        await client.frame()
        with pytest.raises(RecordingError, match="No space left on device"):
            await recorder.failure()
        feed.emit(1)
        assert await client.texts(1) == ["1 of the feed"]
    with pytest.raises(RecordingError, match="No space left on device"):
        await recorder.__aexit__(None, None, None)


async def test_a_disk_that_is_full_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No empty file is left, which the next attempt would not overwrite."""

    def full(self: BlockFile, lines: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(BlockFile, "write", full)
    with pytest.raises(RecordingError, match="No space left on device"):
        async with Recorder(path):
            pass
    assert not await asyncio.to_thread(path.exists)


class SlowDisk(BlockFile):
    """Takes frames when it is told to."""

    go_on = threading.Event()

    def write(self, lines: Iterable[bytes]) -> None:
        kept = list(lines)
        assert not has_frames(kept) or self.go_on.wait(PATIENCE)
        super().write(kept)


async def test_a_slow_disk_holds_the_traffic(
    feed: NumberedFeed, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded: what cannot be kept is not read; and nothing is lost by that."""
    monkeypatch.setattr("longwire.chaos.recorder.BlockFile", SlowDisk)
    monkeypatch.setattr("longwire.chaos.recorder._MOST_PENDING", 100)
    SlowDisk.go_on.clear()
    async with Recorder(path, flush_every=0.01) as recorder:
        async with Proxy(feed.url, tap=recorder) as proxy, RawClient(proxy.url) as client:
            await client.open()
            await feed.link()
            feed.emit(50)
            await recorder.until(1)
            waiting = asyncio.create_task(recorder.ready())
            await asyncio.sleep(0)
            assert not waiting.done()
            SlowDisk.go_on.set()
            await waiting
            feed.emit(50)
            await client.frames(100)
    texts = [one.text for one in await read(path) if isinstance(one, FrameSeen)]
    assert texts == [f"{number} of the feed" for number in range(100)]


RECORDING_PROCESS = """
import asyncio, sys
from longwire.chaos import Proxy, Recorder

async def main():
    async with Recorder(sys.argv[2]) as recorder:
        async with Proxy(sys.argv[1], tap=recorder) as proxy:
            print(proxy.url, flush=True)
            while True:
                await recorder.until(recorder.messages + 1)
                if recorder.file_bytes > 20_000:
                    print("enough", flush=True)

asyncio.run(main())
"""


def test_what_was_there_survives_kill_9(path: Path) -> None:
    """In the midst of a flood: every message up to some point, and none beyond a whole block."""
    from websockets.sync.client import connect

    with FeedThread() as feed:
        command = [sys.executable, "-c", RECORDING_PROCESS, feed.url, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            with connect(url, proxy=None, compression=None) as client:
                feed.wait(lambda feed: feed.link())
                got = 0
                reading = threading.Thread(target=process.stdout.readline)
                reading.start()
                while reading.is_alive():
                    feed.do(lambda feed: feed.emit(500))
                    for _ in range(500):
                        assert client.recv() == f"{got} of the feed"
                        got += 1
                process.send_signal(signal.SIGKILL)
                reading.join()
    recording = read_recording(path)
    texts = [one.text for one in recording if isinstance(one, FrameSeen) and one.direction == "s2c"]
    assert len(texts) > 1000
    assert texts == [f"{number} of the feed" for number in range(len(texts))]
    assert recording.damage is None or recording.damage.startswith("is cut off")
