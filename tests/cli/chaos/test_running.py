"""``longwire chaos`` as it runs: in this process, and as a program in a terminal."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from longwire.chaos import Proxy
from longwire.chaos.kernel import KernelPath, why_not
from longwire.cli import main
from longwire.cli.chaos import running
from longwire.testing import PATIENCE, FeedThread, NumberedFeed

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    import trustme

termios = pytest.importorskip("termios")
pty = pytest.importorskip("pty")

# Printing is what a command does, in its event loop too.
pytestmark = [pytest.mark.blocking, pytest.mark.timeout(60)]


@pytest.fixture
def feed() -> Iterator[FeedThread]:
    """Sends without an end."""
    with FeedThread(lambda: NumberedFeed(rate=200)) as thread:
        yield thread


class Program:
    """``longwire chaos --json`` in a process of its own.

    Args:
        stdin: What it reads keys from.
        options: Of the command.
    """

    def __init__(self, *options: str, stdin: int = subprocess.DEVNULL, **popen: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "longwire", "chaos", "--json", *options],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **popen,
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.out: IO[str] = self.process.stdout
        self.err: IO[str] = self.process.stderr

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def record(self, action: str, **fields: object) -> dict[str, Any]:
        """Read its journal up to a record of this action with these fields."""
        for line in self.out:
            record: dict[str, Any] = json.loads(line)
            if {"action": action, **fields}.items() <= record.items():
                return record
        raise AssertionError(f"it ended without {action}: {self.err.read()}")

    def end(self) -> int:
        """Its exit code, once it has ended by itself."""
        return self.process.wait(PATIENCE)


def test_it_says_where_it_is_and_ends_in_time(
    feed: FeedThread, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """URL and seed are told before all that strikes, in the log, too; --for is an ordinary end."""
    log = tmp_path / "chaos.log"
    command = ["chaos", "--to", feed.url, "--seed", "5", "--for", "0.05", "--log", str(log)]
    assert main([*command, "--fault", "mute"]) == 0
    first = capsys.readouterr().out.splitlines()[1]
    assert first.startswith("    0.0")
    assert "ws://127.0.0.1:" in first
    assert first.endswith(f"/ -> {feed.url}, seed 5")
    record = json.loads(log.read_text().splitlines()[1])
    assert (record["action"], record["to"], record["seed"]) == ("starts", feed.url, 5)
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[1])["action"] == "starts"
    assert log.read_text().count('"starts"') == 2


def test_faults_strike(feed: FeedThread) -> None:
    """A client behind it meets what was ordered, and the journal tells it."""
    with Program("--to", feed.url, "--fault", "close code=4000 after='3 messages'") as program:
        url = program.record("starts")["url"]
        with connect(url, proxy=None) as client:
            with contextlib.suppress(ConnectionClosedError):
                for _ in range(1_000):
                    client.recv(PATIENCE)
            assert client.close_code == 4000
        program.record("strikes", fault="close", crossing=1)
        program.process.send_signal(signal.SIGINT)
        assert program.end() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_are_ordinary_ends(feed: FeedThread, tmp_path: Path, number: int) -> None:
    """Exit code 0, and the socket for orders is taken away, although a client is connected."""
    path = tmp_path / "control"
    with Program("--to", feed.url, "--control", f"unix:{path}") as program:
        url = program.record("starts")["url"]
        program.record("controls")
        with connect(url, proxy=None) as client:
            client.recv(PATIENCE)
            assert path.exists()
            program.process.send_signal(number)
            assert program.end() == 0
    assert not path.exists()


def test_a_scenario_plays_as_fast_as_told(feed: FeedThread) -> None:
    """Ten seconds of a deploy in a tenth of one."""
    options = ("--scenario", "deploy", "--speed", "100", "--for", "30")
    with Program("--to", feed.url, *options) as program:
        assert program.record("begins")["scenario"] == "deploy"
        assert program.record("ends", fault="refuse")["t"] < 30


def test_the_seed_of_a_scenario_counts_where_none_is_given(tmp_path: Path) -> None:
    """And the one that was given, else."""
    file = tmp_path / "mine.toml"
    file.write_text('seed = 9\n[[fault]]\nname = "mute"\n')
    arguments = ["--to", "ws://x/", "--scenario", str(file)]
    assert running.plan_of(parsed(*arguments)).proxy["seed"] == 9
    assert running.plan_of(parsed(*arguments, "--seed", "3")).proxy["seed"] == 3


def parsed(*options: str) -> Any:
    import argparse

    from longwire.cli import chaos

    parser = argparse.ArgumentParser()
    chaos.add_arguments(parser)
    return parser.parse_args(options)


def test_orders_are_taken(feed: FeedThread) -> None:
    """With the token that stands on stderr, and nowhere else."""
    with Program("--to", feed.url, "--control", "127.0.0.1:0") as program:
        where = program.record("controls")["where"]
        name, _, value = program.err.readline().strip().partition(": ")
        assert (name, value[:7]) == ("Authorization", "Bearer ")
        request = urllib.request.Request(
            f"{where}/strikes", b'{"fault": "refuse"}', {name: value}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            assert json.load(response) == {"id": 1}
        program.record("strikes", fault="refuse")
        program.process.send_signal(signal.SIGINT)
        out, err = program.process.communicate(timeout=PATIENCE)
        assert value.removeprefix("Bearer ") not in out + err


def test_a_token_that_is_given_is_not_shown(feed: FeedThread) -> None:
    """It comes from the environment, and is printed nowhere."""
    environment = {**os.environ, running.TOKEN: "sesame-42"}
    options = ("--to", feed.url, "--control", "0")
    with Program(*options, env=environment) as program:
        where = program.record("controls")["where"]
        headers = {"Authorization": "Bearer sesame-42"}
        request = urllib.request.Request(f"{where}/strikes", headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            assert json.load(response) == []
        program.process.send_signal(signal.SIGINT)
        out, err = program.process.communicate(timeout=PATIENCE)
        assert "sesame" not in out + err


@pytest.mark.parametrize("token", ["hunter2 ", "\udcffhunter2"])
def test_a_token_that_no_request_can_bring(
    token: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong usage, said before anything listens, without it."""
    monkeypatch.setenv(running.TOKEN, token)
    assert main(["chaos", "--to", "ws://x/", "--control", "0"]) == 2
    told = capsys.readouterr().err
    assert f"{running.TOKEN}: a token is printable ASCII" in told
    assert "hunter" not in told


def test_it_speaks_tls_on_both_sides(
    certificate_authority: trustme.CA, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext,
    tmp_path: Path,
) -> None:  # fmt: skip
    """wss:// to its clients with our certificate, wss:// to a server whose authority we know."""
    certificate = certificate_authority.issue_cert("127.0.0.1")
    for number, blob in enumerate(certificate.cert_chain_pems):
        blob.write_to_path(tmp_path / "cert.pem", append=number > 0)
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    certificate_authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    ours = ("--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem"))
    with FeedThread(lambda: NumberedFeed(rate=200, tls=server_tls)) as feed:
        for trust in (("--to-ca", str(tmp_path / "ca.pem")), ("--to-insecure",)):
            with Program("--to", feed.url, *ours, *trust) as program:
                url = program.record("starts")["url"]
                assert url.startswith("wss://")
                with connect(url, proxy=None, ssl=client_tls) as client:
                    assert "of the feed" in str(client.recv(PATIENCE))


def test_a_place_that_is_taken(feed: FeedThread, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["chaos", "--to", feed.url, "--listen", str(port), "--for", "5"]) == 1
        assert "cannot listen (EADDRINUSE)" in capsys.readouterr().err
        assert main(["chaos", "--to", feed.url, "--control", str(port), "--for", "5"]) == 1


def test_an_output_that_nobody_reads_ends_it(feed: FeedThread) -> None:
    """As every command: exit code 141, not a crash."""
    with Program("--to", feed.url) as program:
        url = program.record("starts")["url"]
        program.out.close()
        with contextlib.suppress(Exception), connect(url, proxy=None) as client:
            client.recv(PATIENCE)
        assert program.process.wait(PATIENCE) == 141
        program.process.stdout = None


FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no disk that is always full")


@needs_full
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_an_output_on_a_full_disk_ends_it(feed: FeedThread, options: tuple[str, ...]) -> None:
    """Exit code 1, and one line that says why."""
    command = [sys.executable, "-m", "longwire", "chaos", "--to", feed.url, *options]
    with FULL.open("wb") as full:
        run = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
    assert (run.returncode, run.stderr) == (
        1, "longwire: cannot write: No space left on device\n",
    )  # fmt: skip


@needs_full
def test_a_log_on_a_full_disk_ends_it(feed: FeedThread, capsys: pytest.CaptureFixture[str]) -> None:
    """The same; it is the log that is named."""
    assert main(["chaos", "--to", feed.url, "--log", str(FULL)]) == 1
    told = capsys.readouterr().err
    assert told == "longwire: cannot write the log: No space left on device.\n"


def test_a_port_that_others_have_taken_meanwhile(feed: FeedThread) -> None:
    """Who refuses for a while may find its place taken behind it: exit code 1, and by whom."""
    with Program("--to", feed.url, "--fault", "refuse lasting=300ms") as program:
        port = program.record("refuses")["port"]
        with socket.create_server(("127.0.0.1", port)):
            assert program.end() == 1
        assert program.err.read().startswith("longwire: cannot listen (EADDRINUSE)")


def test_nohup_holds(feed: FeedThread) -> None:
    """A hang-up that is ignored ends nothing."""
    with Program(
        "--to", feed.url, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    ) as program:
        url = program.record("starts")["url"]
        program.process.send_signal(signal.SIGHUP)
        with connect(url, proxy=None) as client:
            client.recv(PATIENCE)
        program.record("opens")
        program.process.send_signal(signal.SIGTERM)
        assert program.end() == 0


def own_terminal() -> None:
    """Run by the child: the terminal on its stdin is the one that controls it."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.mark.parametrize("end", [b"q", b"\x03", signal.SIGTERM, signal.SIGHUP])
def test_keys_strike_in_a_terminal(feed: FeedThread, end: bytes | int) -> None:
    """Each key is done without Enter; however it ends, the terminal is as it was."""
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    with Program("--to", feed.url, stdin=theirs, preexec_fn=own_terminal) as program:
        url = program.record("starts")["url"]
        assert program.err.readline().startswith("keys: r reset")
        with connect(url, proxy=None) as client:
            client.recv(PATIENCE)
            os.write(ours, b"z")
            program.record("strikes", fault="mute", crossing=1)
            os.write(ours, b" ")
            program.record("ends", fault="mute", crossing=1)
        if isinstance(end, bytes):
            os.write(ours, end)
        else:
            program.process.send_signal(end)
        assert program.end() == 0
        assert termios.tcgetattr(theirs) == before
    os.close(ours)
    os.close(theirs)


def test_the_terminal_is_put_back_when_the_time_is_over(feed: FeedThread) -> None:
    """As at every other end."""
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    options = ("--to", feed.url, "--for", "0.05")
    with Program(*options, stdin=theirs, preexec_fn=own_terminal) as program:
        assert program.err.readline().startswith("keys: ")
        assert program.end() == 0
        assert termios.tcgetattr(theirs) == before
    os.close(ours)
    os.close(theirs)


def test_without_a_terminal_there_are_no_keys(feed: FeedThread) -> None:
    """A pipe is not read."""
    with Program("--to", feed.url, "--for", "0.05", stdin=subprocess.PIPE) as program:
        assert program.end() == 0
        assert program.err.read() == ""


async def test_the_proxy_gets_what_was_asked_for() -> None:
    """Every option that is the proxy's reaches it."""
    plan = running.plan_of(parsed("--to", "ws://x/", "--compression", "off", "--listen", "[::1]:7"))
    proxy = Proxy(**plan.proxy)
    assert (proxy.compression, proxy.host, proxy.port) == ("off", "::1", 7)


@pytest.mark.skipif(why_not() is not None, reason=f"needs netns: no namespace here: {why_not()}")
def test_it_listens_behind_a_path_of_the_kernel(feed: FeedThread) -> None:
    """In a namespace of its own, with an address of its own, on the port that was asked for."""
    with Program("--to", feed.url, "--kernel", "", "--listen", "9001") as program:
        url = program.record("starts")["url"]
        assert url.startswith("ws://198.1")
        assert url.endswith(":9001/")
        with connect(url, proxy=None) as client:
            assert "of the feed" in str(client.recv(PATIENCE))
        program.process.send_signal(signal.SIGTERM)
        assert program.end() == 0


def test_a_kernel_that_cannot_is_told(
    feed: FeedThread, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, with what the system says."""

    async def refuse(path: KernelPath) -> KernelPath:
        raise OSError("ip: Operation not permitted")

    monkeypatch.setattr(KernelPath, "__aenter__", refuse)
    assert main(["chaos", "--to", feed.url, "--kernel", "loss=5%"]) == 1
    told = capsys.readouterr().err
    assert "--kernel cannot be used here: ip: Operation not permitted" in told
