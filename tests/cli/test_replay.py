"""``longwire replay``: serves what was recorded, and says so."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from longwire.chaos.frames import CLOSE, TEXT, close_payload
from longwire.cli import main
from tests.chaos.recordings import ended, opening, seen, write_recording

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from pathlib import Path

    import trustme

# Printing is what a command does, in its event loop too.
pytestmark = pytest.mark.blocking


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two crossings: one is closed with 1012, the other sends an hour later."""
    records = [
        *opening(1),
        seen(10, TEXT, b"one"),
        seen(11, CLOSE, close_payload(1012)),
        ended(12, "fin"),
        *opening(2, at=20),
        seen(3_600_000, TEXT, b"two", crossing=2),
        ended(3_600_001, "reset", crossing=2),
    ]
    return write_recording(tmp_path / "session", *records)


def line(running: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(running.stdout.readline())
    return told


def receive(url: str) -> tuple[str | bytes, int | None]:
    """One message, and the close code."""
    with connect(url, proxy=None) as client:
        message = client.recv()
        with pytest.raises(ConnectionClosedError) as caught:
            client.recv()
    closed = caught.value.rcvd
    return message, None if closed is None else closed.code


def test_a_recording_is_served(path: Path, process: Callable[..., Any]) -> None:
    """One crossing after the other, as fast as was asked for; then the command ends."""
    replay = process("replay", path, "--json", "--speed", "max")
    listening = line(replay)
    assert (listening["event"], listening["crossings_total"]) == ("listening", 2)
    assert listening["messages_total"] == 2
    assert receive(listening["url"]) == ("one", 1012)
    told = [line(replay) for _ in range(3)]
    assert receive(listening["url"]) == ("two", None)
    told += [json.loads(one) for one in replay.stdout.read().splitlines()]
    assert replay.wait() == 0
    assert [one["event"] for one in told] == ["accepts", "plays", "over"] * 2 + ["end"]
    assert [one["crossing"] for one in told if one["event"] == "plays"] == [1, 2]


def test_a_person_is_told(path: Path, process: Callable[..., Any]) -> None:
    """Where to connect, and what became of it."""
    replay = process("replay", path, "--crossing", "1")
    first = replay.stdout.readline()
    assert first.startswith(f"replaying 1 crossing of {path} at ws://127.0.0.1:")
    assert receive(first.split()[-1]) == ("one", 1012)
    assert replay.wait() == 0
    assert "connection 1 gets the recorded crossing 1\n" in replay.stdout.read()


def test_over_tls(
    path: Path,
    tmp_path: Path,
    process: Callable[..., Any],
    certificate_authority: trustme.CA,
    client_tls: ssl.SSLContext,
) -> None:
    """A client of a recorded wss:// can be given one."""
    issued = certificate_authority.issue_cert("127.0.0.1")
    issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    words = ("--json", "--crossing", "1", "--tls-cert", tmp_path / "both.pem")
    replay = process("replay", path, *words)
    url = line(replay)["url"]
    assert url.startswith("wss://127.0.0.1:")
    with connect(url, proxy=None, ssl=client_tls) as client:
        assert client.recv() == "one"
    assert replay.wait() == 0


def test_in_step(tmp_path: Path, process: Callable[..., Any]) -> None:
    """The answer comes behind the question."""
    asked = seen(10, TEXT, b"?", by="c2s")
    path = write_recording(tmp_path / "asked", *opening(), asked, seen(11, TEXT, b"!"))
    replay = process("replay", path, "--json", "--speed", "max", "--in-step")
    with connect(line(replay)["url"], proxy=None) as client:
        with pytest.raises(TimeoutError):
            client.recv(timeout=0.05)
        client.send("?")
        assert client.recv() == "!"
    assert replay.wait() == 0


def test_with_loop_it_goes_on(path: Path, process: Callable[..., Any]) -> None:
    """Until Ctrl-C, which is an ordinary end."""
    replay = process("replay", path, "--json", "--crossing", "1", "--loop")
    url = line(replay)["url"]
    assert [receive(url), receive(url)] == [("one", 1012)] * 2
    replay.send_signal(signal.SIGINT)
    told = [json.loads(one)["event"] for one in replay.stdout.read().splitlines()]
    assert replay.wait() == 0
    assert told[-1] == "end"


def test_a_tail_that_is_cut_off_is_reported(path: Path, process: Callable[..., Any]) -> None:
    """What is whole is served all the same."""
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:20])
    replay = process("replay", path)
    url = replay.stdout.readline().split()[-1]
    assert "is cut off behind its first" in replay.stdout.readline()
    assert receive(url) == ("one", 1012)


def test_what_cannot_be_served(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No file, a foreign one, a crossing that is not there: one line each, and exit code 1."""
    (tmp_path / "foreign").write_text("hello\n")
    wrong = {
        "No such file": [str(tmp_path / "none")],
        "is no recording of longwire's": [str(tmp_path / "foreign")],
        "has no crossing 3": [str(path), "--crossing", "3"],
    }
    for said, words in wrong.items():
        assert main(["replay", *words, "--json"]) == 1
        printed = capsys.readouterr()
        assert said in printed.err
        assert len(printed.err.splitlines()) == 1
        assert json.loads(printed.out.splitlines()[0])["kind"] == "recording-error"


@pytest.mark.parametrize(
    "wrong",
    [
        ["--speed", "0"],
        ["--speed", "fast"],
        ["--crossing", "0"],
        ["--tls-key", "key.pem"],
        ["--tls-cert", "missing.pem"],
    ],
)
def test_wrong_usage(path: Path, wrong: list[str]) -> None:
    """It is refused before anything begins."""
    assert main(["replay", str(path), *wrong]) == 2
