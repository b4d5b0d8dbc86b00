"""``longwire listen``: what it prints where, what it makes of interruptions, its exit codes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from longwire.cli import main

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import trustme

    Serving = Callable[..., Any]

# Printing is what a command does, in its event loop too.
pytestmark = pytest.mark.blocking


def sending(*messages: str | bytes) -> Any:
    """A handler that sends messages and waits for the end."""

    async def handler(link: Any) -> None:
        for message in messages:
            await link.send(message)
        async for _ in link:
            pass

    return handler


def restarting(per_life: int, reason: str = "restarting") -> Any:
    """A handler that numbers messages over all lives, each of so many and ended with 1012."""
    count = 0

    async def handler(link: Any) -> None:
        nonlocal count
        for _ in range(per_life):
            count += 1
            await link.send(json.dumps({"seq": count}))
        await link.close(1012, reason)

    return handler


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_messages_are_printed_one_a_line_and_escaped(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a message contains can neither command the terminal nor break the line."""
    server = serving(sending("plain ünï", "two\nlines\x1b[2J\x9b31m\u202e", b"\x00\xff bin"))
    assert main(["listen", server.url, "--count", "3"]) == 0
    output = capsys.readouterr()
    assert output.out.splitlines() == [
        "plain ünï",
        "two\\nlines\\x1b[2J\\x9b31m\\u202e",
        "\\x00\\xff bin",
    ]
    assert "live after" in output.err
    assert "3 messages in" in output.err
    assert "over 1 connection\n" in output.err


def test_interruptions_are_told_with_their_cause(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    """It comes back by itself; on stderr stands why, how soon it was noticed, how soon over."""
    server = serving(restarting(2, "restarting \x1b]0;evil\x07"))
    assert main(["listen", server.url, "--count", "5"]) == 0
    output = capsys.readouterr()
    assert records(output.out) == [{"seq": number} for number in range(1, 6)]
    assert "\x1b" not in output.err
    assert "\x07" not in output.err
    interrupted = [line for line in output.err.splitlines() if "interrupted:" in line]
    assert len(interrupted) == 2
    assert "[deploy-restart], noticed after " in interrupted[0]
    assert "evil" in interrupted[0]
    assert output.err.count("recovered after ") == 2
    assert "2 interruptions (deploy-restart), down " in output.err


def test_json_is_one_object_for_every_event(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    """Messages, interruptions and recoveries in order, units in the names, an end."""
    server = serving(restarting(1))
    assert main(["listen", server.url, "--json", "--count", "2"]) == 0
    output = capsys.readouterr()
    first, interrupted, recovered, second, end = records(output.out)
    assert first["event"] == second["event"] == "message"
    assert json.loads(first["text"]) == {"seq": 1}
    assert interrupted["event"] == "interrupted"
    assert interrupted["cause"] == "deploy-restart"
    assert interrupted["blame"] == "peer"
    assert interrupted["reasons"]
    assert interrupted["noticed_after_ms"] >= 0
    assert recovered["event"] == "recovered"
    assert recovered["down_ms"] >= recovered["recovered_after_ms"] > 0
    assert end["event"] == "end"
    assert end["received_total"] == 2
    assert end["causes"] == ["deploy-restart"]
    assert output.err == ""


def test_json_of_odd_messages_is_printable(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    """Binary is base64; no control character gets through, and none is lost."""
    text = "\x1b[2J\x7f\x9b\u2028\nend"
    server = serving(sending(text, b"\x00\xff"))
    assert main(["listen", server.url, "--json", "--count", "2"]) == 0
    out = capsys.readouterr().out
    assert all(" " <= character <= "~" for character in out.replace("\n", ""))
    odd, binary, _ = records(out)
    assert odd["text"] == text
    assert binary["data_base64"] == "AP8="


def test_gaps_of_numbered_messages_are_told(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --number the numbers are followed, wherever they are in the message."""
    numbered = [json.dumps({"data": {"seq": number}}) for number in (1, 2, 5)]
    server = serving(sending(*numbered))
    command = ["listen", server.url, "--number", "data.seq", "--count", "3"]
    assert main([*command, "--json"]) == 0
    gap = next(one for one in records(capsys.readouterr().out) if one["event"] == "gap")
    assert (gap["first"], gap["last"], gap["count"]) == (3, 4, 2)
    assert main(command) == 0
    assert "gap: 2 messages are missing (sequence): 3 to 4" in capsys.readouterr().err


def test_messages_without_the_number_pass(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message that has no such field is printed all the same; odd ones are warned of once."""
    server = serving(sending('{"hello": 1}', "no json", '{"seq": "x"}', '{"seq": [', '{"seq": 1}'))
    assert main(["listen", server.url, "--number", "seq", "--count", "5"]) == 0
    output = capsys.readouterr()
    assert len(output.out.splitlines()) == 5
    assert output.err.count("warning: ") == 1


def test_a_field_that_no_message_has_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be a field's name is refused before anything is opened."""
    assert main(["listen", "ws://127.0.0.1:1/", "--number", "data..seq"]) == 2
    assert "names no field" in capsys.readouterr().err


def test_the_opening_says_what_was_asked_for(
    serving: Serving, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Headers, origin, subprotocol and subscriptions reach the server."""

    async def tell(link: Any) -> None:
        headers = link.request.headers
        chosen = link.request.subprotocol if kind == "ours" else link.subprotocol
        said = [await link.recv(), await link.recv()]
        told = [headers["X-Token"], headers["Origin"], chosen, *said]
        told.append("Sec-WebSocket-Extensions" in headers)
        await link.send(json.dumps(told))
        async for _ in link:
            pass

    server = serving(tell, subprotocols=["b"])
    command = [
        "listen",
        server.url,
        "--header",
        "X-Token:  s3cret",
        "--origin",
        "https://a.example",
    ]
    command += ["--subprotocol", "a", "--subprotocol", "b", "--no-compression"]
    command += ["--subscribe", "one", "--subscribe", "two", "--count", "1"]
    assert main(command) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == ["s3cret", "https://a.example", "b", "one", "two", False]


@pytest.mark.parametrize("inline", [True, False])
def test_stats_without_a_terminal_are_lines(
    serving: Serving, capsys: pytest.CaptureFixture[str], inline: bool
) -> None:
    """With --stats and no terminal a line comes regularly, beside the messages."""

    async def count(link: Any) -> None:
        number = 0
        while True:
            number += 1
            await link.send(str(number))
            await asyncio.sleep(0.002)

    server = serving(count)
    command = ["listen", server.url, "--stats", "--every", "0.05", "--for", "0.4"]
    command += ["--inline"] if inline else []
    assert main(command) == 0
    output = capsys.readouterr()
    assert output.out.startswith("1\n2\n")
    assert "live: " in output.err
    assert "round trip" in output.err
    assert main([*command, "--json"]) == 0
    stats = [one for one in records(capsys.readouterr().out) if one["event"] == "stats"]
    assert stats[-1]["state"] == "live"
    assert stats[-1]["received_total"] >= stats[-1]["delivered_total"] > 0
    assert stats[-1]["data_age_ms"] >= 0


@pytest.fixture
def rejecting() -> Iterator[Callable[[int], str]]:
    """Where every opening is answered with this HTTP status."""
    from longwire.testing import FeedThread, NumberedFeed, openings

    with contextlib.ExitStack() as feeds:

        def reject(status: int) -> str:
            feed = FeedThread(lambda: NumberedFeed(opening=openings.reject(status)))
            return feeds.enter_context(feed).url

        yield reject


@pytest.mark.parametrize(
    ("status", "words", "said"),
    [
        (401, [], "longwire: the server answered HTTP 401"),
        (404, [], "longwire: the server answered HTTP 404"),
        (503, ["--for", "0.3"], "longwire: no connection within 300 ms"),
    ],
)
def test_a_rejected_opening_is_3(
    rejecting: Callable[[int], str],
    capsys: pytest.CaptureFixture[str],
    status: int,
    words: list[str],
    said: str,
) -> None:
    """What no retry mends ends it at once, what one may mend at the end: a clear line, the sum."""
    assert main(["listen", rejecting(status), *words]) == 3
    output = capsys.readouterr()
    assert output.out == ""
    *_, problem, summary = output.err.splitlines()
    assert problem.startswith(said)
    assert summary.startswith("0 messages in ")
    assert "over 0 connections" in summary


@pytest.mark.parametrize(
    ("status", "words", "expected"),
    [(401, [], ("rejected", 401)), (503, ["--for", "0.3"], ("timeout", None))],
)
def test_json_tells_why_it_could_not_connect(
    rejecting: Callable[[int], str],
    capsys: pytest.CaptureFixture[str],
    status: int,
    words: list[str],
    expected: tuple[str, int | None],
) -> None:
    """An error record with what a program needs to decide, and then the end as ever."""
    url = rejecting(status)
    assert main(["listen", url, "--json", *words]) == 3
    *_, error, end = records(capsys.readouterr().out)
    assert error["event"] == "error"
    assert (error["kind"], error["status"]) == expected
    assert error["exit_code"] == 3
    assert error["what"]
    assert error["hint"]
    assert end["event"] == "end"
    assert (end["received_total"], end["links_total"]) == (0, 0)


def test_nothing_listens(unused_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What a retry may mend is retried; if it stays so to the end, that is 3, with the reason."""
    assert main(["listen", unused_url, "--for", "0.5"]) == 3
    error = capsys.readouterr().err
    assert "longwire: no connection within 500 ms. The connection was refused" in error


def test_awaited_messages_that_do_not_come_are_1(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    """No message, or fewer than were asked for, is a finding."""
    silent = serving(sending())
    assert main(["listen", silent.url, "--for", "0.3"]) == 1
    few = serving(sending("one"))
    assert main(["listen", few.url, "--for", "0.3", "--count", "2"]) == 1
    assert main(["listen", few.url, "--for", "0.3"]) == 0
    assert "0 messages in" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["http://127.0.0.1/"],
        ["ws://127.0.0.1/", "--header", "s3cret"],
        ["ws://127.0.0.1/", "--count", "0"],
        ["ws://127.0.0.1/", "--count", "x"],
        ["ws://127.0.0.1/", "--for", "-1"],
        ["ws://127.0.0.1/", "--for", "nan"],
        ["ws://127.0.0.1/", "--heartbeat", "0", "--silence", "3"],
        ["wss://127.0.0.1/", "--cafile", "/does/not/exist"],
        [],
    ],
)
def test_wrong_usage_is_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be meant is refused before anything is opened, and no secret is repeated."""
    assert main(["listen", *words, "--json"]) == 2
    output = capsys.readouterr()
    assert output.err
    assert "s3cret" not in output.out + output.err
    (record,) = records(output.out)
    assert (record["event"], record["exit_code"]) == ("error", 2)


def test_help_tells_what_ctrl_c_is_worth(capsys: pytest.CaptureFixture[str]) -> None:
    """It is the ordinary end of a command that runs for ever."""
    assert main(["listen", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Ctrl-C is the ordinary end: the exit code is 0 once there was a connection" in text


@pytest.fixture
def authority(certificate_authority: trustme.CA, tmp_path: Path) -> str:
    """The file with the authority that vouches for `server_tls`."""
    file = tmp_path / "authority.pem"
    certificate_authority.cert_pem.write_to_path(file)
    return str(file)


def test_tls(
    kind: str,
    server_tls: ssl.SSLContext,
    authority: str,
    serving: Serving,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An unknown authority is refused, --cafile makes it known, --insecure accepts anything."""
    server = serving(sending("secret"), **{"tls" if kind == "ours" else "ssl": server_tls})
    command = ["listen", server.url, "--count", "1"]
    assert main(command) == 3
    assert main([*command, "--cafile", authority]) == 0
    assert main([*command, "--insecure"]) == 0
    assert capsys.readouterr().out == "secret\nsecret\n"


def test_stats_in_a_terminal_need_rich(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where rich is not installed, the live view says what to install."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.delitem(sys.modules, "longwire.cli.dashboard", raising=False)
    assert main(["listen", "ws://127.0.0.1/", "--stats"]) == 2
    assert "longwire[cli]" in capsys.readouterr().err


def listen(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "longwire", "listen", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ctrl_c_ends_with_a_summary(serving: Serving) -> None:
    """Ctrl-C is the ordinary end: 0, one line that sums up, no traceback."""
    server = serving(sending("hello"))
    with listen(server.url) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "hello\n"
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=15)
    assert process.returncode == 0
    assert "Traceback" not in error
    assert error.splitlines()[-1].startswith("1 message in")


@pytest.mark.parametrize("inline", [True, False])
def test_a_reader_that_leaves_a_quiet_feed_is_noticed(serving: Serving, inline: bool) -> None:
    """No message comes that could fail to be printed: the statistics do, and end the command."""
    server = serving(sending())
    words = [server.url, "--json", "--stats", "--every", "0.1", *["--inline"] * inline]
    with listen(*words) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert '"stats"' in process.stdout.readline()
        process.stdout.close()
        try:
            assert process.wait(10) == 141
        finally:
            process.kill()
        assert process.stderr.read() == ""


def test_ctrl_c_without_a_connection_is_130(unused_url: str) -> None:
    """If there never was a connection, Ctrl-C is not fine."""
    with listen(unused_url) as process:
        assert process.stderr is not None
        assert "refused" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=15)
    assert process.returncode == 130
    assert "Traceback" not in error
    assert "0 messages in" in error
