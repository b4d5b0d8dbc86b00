"""``longwire record``: what is kept, what is printed, how it ends."""

from __future__ import annotations

import base64
import errno
import gzip
import json
import signal
from typing import TYPE_CHECKING, Any

import pytest
from websockets.sync.client import connect

from longwire.chaos import Proxy, read_recording
from longwire.chaos.blocks import BlockFile
from longwire.chaos.recording import Asked, FrameSeen
from longwire.cli import main
from longwire.testing import FeedThread, ServerThread

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import trustme

    Serving = Callable[..., Any]

# Printing is what a command does, in its event loop too.
pytestmark = pytest.mark.blocking


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where there is nothing yet."""
    return tmp_path / "session.jsonl.gz"


def sending(*messages: str | bytes) -> Any:
    """A handler that sends messages and waits for the end."""

    async def handler(link: Any) -> None:
        for message in messages:
            await link.send(message)
        async for _ in link:
            pass

    return handler


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def texts(path: Path, direction: str) -> list[str | None]:
    """Of the text frames in one direction."""
    return [
        one.text
        for one in read_recording(path)
        if isinstance(one, FrameSeen) and one.direction == direction and one.opcode == 1
    ]


def test_a_session_is_kept(
    serving: Serving, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both directions; the messages themselves are not printed, but summed up."""
    server = serving(sending("one \x1b[2J", "two", b"three"))
    url = server.url + "?token=secret"
    code = main(["record", url, str(path), "--subscribe", "hello", "--count", "3"])
    assert code == 0
    assert texts(path, "s2c") == ["one \x1b[2J", "two"]
    assert texts(path, "c2s") == ["hello"]
    (asked,) = (one for one in read_recording(path) if isinstance(one, Asked))
    assert asked.url == f"{server.url}?token=…"
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "secret" not in printed.err
    assert "connection 1 is open" in printed.err
    assert " of 1 connection in " in printed.err
    assert "3 messages in " in printed.err
    assert path.stat().st_mode & 0o777 == 0o600


def test_every_event_as_json(
    serving: Serving, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An interruption, its recovery, what was recorded, and at last the end."""

    async def restarting(link: Any) -> None:
        await link.send("x")
        await link.close(1012, "restarting")

    server = serving(restarting)
    assert main(["record", server.url, str(path), "--count", "2", "--json"]) == 0
    told = records(capsys.readouterr().out)
    kinds = [one["event"] for one in told]
    assert kinds[0] == "opens"
    assert {"interrupted", "recovered"} <= set(kinds)
    assert kinds[-2:] == ["recorded", "end"]
    assert told[-2]["file"] == str(path)
    assert told[-2]["crossings_total"] == 2
    assert told[-2]["messages_total"] == 2
    assert told[-1]["received_total"] == 2
    assert told[-1]["causes"] == ["deploy-restart"]


def test_compression_as_is(serving: Serving, path: Path) -> None:
    """Frames are kept as client and server have agreed."""
    server = serving(sending("x" * 1000))
    arguments = ["record", server.url, str(path), "--compression", "as-is", "--count", "1"]
    assert main(arguments) == 0
    (seen,) = (
        one for one in read_recording(path) if isinstance(one, FrameSeen) and one.opcode == 1
    )
    assert seen.rsv == 4
    assert len(seen.payload) < 100


def test_a_redirect_leads_past_the_recording(
    serving: Serving, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The client follows it, and it is said that nothing of that was recorded."""
    elsewhere = serving(sending("x"))
    fault = f"reject-opening status=302 location={elsewhere.url}"
    with ServerThread(lambda: Proxy(elsewhere.url, [fault])) as redirecting:
        assert main(["record", redirecting.url, str(path), "--count", "1", "--json"]) == 1
    told = records(capsys.readouterr().out)
    (error,) = (one for one in told if one["event"] == "error")
    assert error["hint"] == "record the URL that it redirects to"
    assert told[-1]["received_total"] == 1
    assert texts(path, "s2c") == []


def test_secrets_reach_the_server_and_nobody_else(
    serving: Serving, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """User and password, headers, the query: not in what is printed, and not in the file."""
    heard: list[tuple[str, str, str]] = []

    async def handler(link: Any) -> None:
        headers = link.request.headers
        heard.append((headers["Authorization"], headers["X-Key"], link.request.path))
        await link.send("x")
        async for _ in link:
            pass

    url = serving(handler).url.replace("ws://", "ws://user:S3CRET%21@") + "?token=S3CRET"
    header = ["--header", "X-Key: S3CRET"]
    assert main(["record", url, str(path), *header, "--count", "1", "--json"]) == 0
    credentials = base64.b64encode(b"user:S3CRET!").decode()
    ((authorization, key, target),) = heard
    assert (authorization, key) == (f"Basic {credentials}", "S3CRET")
    assert target.endswith("token=S3CRET")
    printed = capsys.readouterr()
    told = printed.out + printed.err + gzip.decompress(path.read_bytes()).decode()
    assert "S3CRET" not in told
    assert credentials not in told


def test_tls(
    serving: Serving,
    kind: str,
    server_tls: ssl.SSLContext,
    certificate_authority: trustme.CA,
    path: Path,
) -> None:
    """The server's certificate is checked; what is recorded is what was said inside."""
    server = serving(sending("x"), **{"tls" if kind == "ours" else "ssl": server_tls})
    # Without a bound in time: what no attempt can change ends it.
    assert main(["record", server.url, str(path)]) == 3
    path.unlink()
    authority = str(path.with_name("ca.pem"))
    certificate_authority.cert_pem.write_to_path(authority)
    trusting = ["--ca", authority]
    assert main(["record", server.url, str(path), *trusting, "--count", "1"]) == 0
    assert texts(path, "s2c") == ["x"]
    path.unlink()
    assert main(["record", server.url, str(path), "--insecure", "--count", "1"]) == 0


def test_nothing_is_overwritten(
    serving: Serving, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is there stays as it is."""
    path.write_text("precious")
    assert main(["record", serving(sending("x")).url, str(path)]) == 1
    assert path.read_text() == "precious"
    assert "is there already" in capsys.readouterr().err


def test_a_full_disk(
    serving: Serving,
    path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It ends, and nothing is said to be recorded that is not in the file."""
    write = BlockFile.write

    def full(self: BlockFile, lines: Iterable[bytes]) -> None:
        kept = list(lines)
        if any(b'"record":"asked"' in line for line in kept):
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, kept)

    monkeypatch.setattr(BlockFile, "write", full)
    assert main(["record", serving(sending("x")).url, str(path)]) == 1
    told = capsys.readouterr().err
    assert "cannot be written: No space left on device" in told
    assert f"what was written until then is in {path} (" in told
    assert "recorded " not in told


def test_nobody_is_there(unused_url: str, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code says that there was no connection."""
    assert main(["record", unused_url, str(path), "--for", "0.3", "--json"]) == 3
    printed = capsys.readouterr()
    told = records(printed.out)
    assert told[0]["event"] == "unreachable"
    assert told[0]["error"] == "ConnectionRefusedError"
    assert told[-1]["event"] == "end"
    assert "no connection within" in printed.err
    # Not the 502 that the recording proxy answers in the server's place.
    assert "the connection was refused" in printed.err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--proxy", "http://127.0.0.1:1", "--unix", "/nowhere"],
        ["--server-name", "other.example"],
        ["--listen", "127.0.0.1:0", "--subscribe", "x"],
        ["--listen", "127.0.0.1:0", "--header", "a: b"],
        ["--listen", "nowhere"],
        ["--compression", "independent"],
    ],
)
def test_what_cannot_be_meant(wrong: list[str], path: Path) -> None:
    """It is refused, and no file is made."""
    assert main(["record", "ws://127.0.0.1:1/", str(path), *wrong]) == 2
    assert not path.exists()


def test_a_place_that_is_taken(
    serving: Serving, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said, and no empty file is in the way of the next attempt."""
    server = serving(sending())
    place = server.url.removeprefix("ws://").removesuffix("/")
    assert main(["record", server.url, str(path), "--listen", place]) == 3
    assert not path.exists()
    assert place in capsys.readouterr().err


def test_whoever_connects_is_recorded(path: Path, process: Callable[..., Any]) -> None:
    """With --listen it is a proxy for any program; Ctrl-C ends it, and sums it up."""
    with FeedThread() as feed:
        recording = process("record", feed.url, path, "--json", "--listen", "127.0.0.1:0")
        url = json.loads(recording.stdout.readline())["url"]
        with connect(url, proxy=None) as client:
            feed.wait(lambda feed: feed.link())
            feed.do(lambda feed: feed.emit(2))
            assert [client.recv(), client.recv()] == ["0 of the feed", "1 of the feed"]
        assert json.loads(recording.stdout.readline())["event"] == "opens"
        assert json.loads(recording.stdout.readline())["event"] == "over"
        recording.send_signal(signal.SIGINT)
        told = records(recording.stdout.read())
        assert recording.wait() == 0
    assert [one["event"] for one in told] == ["recorded", "end"]
    assert told[0]["messages_total"] == 2
    assert texts(path, "s2c") == ["0 of the feed", "1 of the feed"]


def test_a_proxy_ends_after_so_many_messages(path: Path, process: Callable[..., Any]) -> None:
    """--count counts the server's messages there, too."""
    with FeedThread() as feed:
        words = ("--json", "--listen", "127.0.0.1:0", "--count", "1")
        recording = process("record", feed.url, path, *words)
        url = json.loads(recording.stdout.readline())["url"]
        with connect(url, proxy=None):
            feed.wait(lambda feed: feed.link())
            feed.do(lambda feed: feed.emit(1))
            assert recording.wait() == 0
    assert texts(path, "s2c") == ["0 of the feed"]
