"""``longwire send``: what is sent, which answers are printed, what the end is worth."""

from __future__ import annotations

import io
import json
import queue
import sys
from typing import TYPE_CHECKING, Any

import pytest

from longwire.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Serving = Callable[..., Any]

# Printing is what a command does, in its event loop too.
pytestmark = pytest.mark.blocking


class Got(queue.Queue["str | bytes"]):
    """What the server got, which may be a moment after the command has ended."""

    def take(self, number: int) -> list[str | bytes]:
        """The next so many."""
        return [self.get(timeout=10) for _ in range(number)]


@pytest.fixture
def got() -> Got:
    """What the server got."""
    return Got()


@pytest.fixture
def echo(serving: Serving, got: Got) -> Any:
    """A server that notes and echoes."""

    async def handler(link: Any) -> None:
        async for message in link:
            got.put(message)
            await link.send(message)

    return serving(handler)


@pytest.fixture
def sink(serving: Serving, got: Got) -> Any:
    """A server that notes and says nothing."""

    async def handler(link: Any) -> None:
        async for message in link:
            got.put(message)

    return serving(handler)


def standard_input(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_messages_arrive_in_order_before_the_close(sink: Any, got: Got) -> None:
    """All of them are there when the command ends, for the peer has confirmed the close."""
    messages = [f"message {number}" for number in range(100)]
    assert main(["send", sink.url, *messages]) == 0
    assert got.take(100) == messages


def test_answers_are_printed_and_escaped(echo: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """As many answers as were asked for, one a line, none of which commands the terminal."""
    assert main(["send", echo.url, "hellö", "\x1b[2J\nx", "third", "--expect", "2"]) == 0
    assert capsys.readouterr().out.splitlines() == ["hellö", "\\x1b[2J\\nx"]


def test_binary(echo: Any, got: Got, capsys: pytest.CaptureFixture[str]) -> None:
    """--binary sends the same bytes as binary messages."""
    assert main(["send", echo.url, "hellö", "--binary", "--expect", "1", "--json"]) == 0
    assert got.take(1) == ["hellö".encode()]
    answer, end = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert answer == {"event": "message", "data_base64": "aGVsbMO2"}
    assert end["answers_total"] == end["sent_total"] == 1
    assert end["close_code"] == 1000


def test_lines_of_standard_input(sink: Any, got: Got, monkeypatch: pytest.MonkeyPatch) -> None:
    """- stands for the lines of standard input, without their ends."""
    standard_input(monkeypatch, "ä\n\r\nlast without an end".encode())
    assert main(["send", sink.url, "first", "-"]) == 0
    assert got.take(4) == ["first", "ä", "", "last without an end"]


def test_a_file_is_one_message(sink: Any, got: Got, tmp_path: Path) -> None:
    """A file's content goes as it is: text, or binary where that was asked for."""
    file = tmp_path / "message"
    file.write_bytes(b"two\nlines\n")
    assert main(["send", sink.url, "--file", str(file)]) == 0
    assert main(["send", sink.url, "--binary", "--file", str(file)]) == 0
    assert got.take(2) == ["two\nlines\n", b"two\nlines\n"]


def test_what_cannot_be_read_or_is_no_text_is_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is missing, or no UTF-8 without --binary; or nothing to send at all."""
    file = tmp_path / "message"
    file.write_bytes(b"\xff")
    url = "ws://127.0.0.1:9/"
    assert main(["send", url, "--file", str(tmp_path / "missing")]) == 2
    assert main(["send", url, "--file", str(file)]) == 2
    assert main(["send", url]) == 2
    assert main(["send", "http://127.0.0.1/", "x"]) == 2
    assert capsys.readouterr().err.count("\n") == 4


def test_answers_that_do_not_come_are_1(echo: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Fewer answers than awaited: those that came, a line that says how many are missing."""
    assert main(["send", echo.url, "only", "--expect", "2", "--timeout", "0.2"]) == 1
    output = capsys.readouterr()
    assert output.out == "only\n"
    assert output.err == "longwire send: 1 of 2 answers within 0.2 s\n"


def test_a_peer_that_closes_is_told_with_its_reason(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    """The code and the escaped reason are shown, and it is 1."""

    async def refuse(link: Any) -> None:
        await link.recv()
        await link.close(4403, "no \x1b[31m entry")

    assert main(["send", serving(refuse).url, "hello", "--expect", "1"]) == 1
    error = capsys.readouterr().err
    assert "0 of 1 answers: the peer closed with 4403 (private)" in error
    assert '"no \\x1b[31m entry"' in error


def test_json_tells_the_end(serving: Serving, capsys: pytest.CaptureFixture[str]) -> None:
    """The last object says what was sent, how it was closed, and what went wrong."""

    async def refuse(link: Any) -> None:
        await link.recv()
        await link.close(1008, "policy")

    url = serving(refuse).url
    assert main(["send", url, "hello", "--expect", "1", "--json"]) == 1
    (end,) = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert end["event"] == "end"
    assert end["close_code"] == 1008
    assert end["close_reason"] == "policy"
    assert end["problem"]


def test_json_tells_why_it_could_not_connect(
    unused_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error record, and then the end as ever: nothing was sent."""
    assert main(["send", unused_url, "hello", "--json"]) == 3
    error, end = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (error["event"], error["kind"], error["exit_code"]) == ("error", "refused", 3)
    assert (end["event"], end["sent_total"]) == ("end", 0)
    assert end["problem"] == error["what"]


@pytest.mark.parametrize(
    "words",
    [
        ["ws://127.0.0.1:9/"],
        ["http://127.0.0.1/", "x"],
        ["ws://127.0.0.1:9/", "--file", "/no/file"],
    ],
)
def test_json_tells_wrong_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """An error record alone: nothing had begun, so nothing ends."""
    assert main(["send", *words, "--json"]) == 2
    (error,) = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (error["event"], error["exit_code"], error["blame"]) == ("error", 2, "local")


def test_nothing_listens(unused_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No connection is 3 and one line; nothing is tried again."""
    assert main(["send", unused_url, "hello"]) == 3
    error = capsys.readouterr().err
    assert error.startswith("longwire: the connection was refused")
    assert error.count("\n") == 1
