"""The programs of the documentation do what they say, against a server that we did not write."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import ssl
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve, unix_serve
from websockets.exceptions import InvalidMessage

from tests.proxies import ProxyServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parent.parent
SHOWN = "wss://feed.example/ws"
DEADLINE = 30.0

pytestmark = [pytest.mark.timeout(60), pytest.mark.slow]


def programs(page: str) -> list[str]:
    """The programs of a page, in order."""
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)


README, *_ = programs("README.md")
INDEX, *_ = programs("docs/index.md")
RECEIVE, COUNT, WATCH, SERVE = programs("docs/first-steps.md")
(LOGGING,) = programs("docs/logging.md")
BLOCKING, COLLECT = programs("docs/sync.md")
PROXIED, UNIX, GIVEN, SECURE = programs("docs/connecting.md")
GRACEFUL, TLS, RENEW, HANDED_IN = programs("docs/serving.md")
(STREAMING,) = programs("docs/streaming.md")
(FORGETFUL,) = programs("docs/compression.md")
CUT, FAULTY = programs("docs/faults.md")
REPLAYED, RECORDED = programs("docs/recording.md")
EXAMPLE = (ROOT / "examples" / "receive.py").read_text()


class Feed:
    """Numbers over all links: three on the first, which it ends with 1012, two on each other."""

    def __init__(self) -> None:
        self.url = ""
        self.links = 0
        self.heard: list[str | bytes] = []
        self.code = 1012
        self.asked = False
        """It sends nothing before it has been subscribed to."""

    async def attend(self, link: Any) -> None:
        self.links += 1
        first = self.links == 1
        spoken = asyncio.Event()
        hearing = asyncio.create_task(self._hear(link, spoken))
        try:
            if self.asked:
                await spoken.wait()
            for number in range(3) if first else range(3, 5):
                await link.send(f"number {number}")
            if first:
                await link.close(self.code, "restarting")
            await link.wait_closed()
        finally:
            await hearing

    async def _hear(self, link: Any, spoken: asyncio.Event) -> None:
        async for message in link:
            self.heard.append(message)
            spoken.set()


@pytest.fixture
async def feed() -> AsyncIterator[Feed]:
    """A feed that listens."""
    made = Feed()
    async with serve(made.attend, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        made.url = f"ws://127.0.0.1:{port}/ws"
        yield made


class Running:
    """A program in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.signal = process.send_signal

    async def line(self) -> str:
        """The next line that it prints."""
        assert self._process.stdout is not None
        raw = await self._process.stdout.readline()
        if not raw:
            assert self._process.stderr is not None
            raise AssertionError((await self._process.stderr.read()).decode())
        return raw.decode().rstrip("\n")

    async def lines(self, count: int) -> list[str]:
        """So many lines."""
        return [await self.line() for _ in range(count)]

    async def ended(self) -> int:
        """The exit code of a program that ends by itself."""
        return await self._process.wait()


@contextlib.asynccontextmanager
async def running(
    program: str, *arguments: str, pass_fds: tuple[int, ...] = (), **environment: str
) -> AsyncIterator[Running]:
    """Run a program, and end it with Ctrl-C if it has not ended; all within a deadline."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        pass_fds=pass_fds,
    )
    try:
        async with asyncio.timeout(DEADLINE):
            yield Running(process)
            if process.returncode is None:
                process.send_signal(signal.SIGINT)
            _, error = await process.communicate()
        told = error.decode()
        # Interruptions are logged there, and a Ctrl-C ends in a traceback.
        assert "Traceback" not in told or told.rstrip().endswith("KeyboardInterrupt"), told
        assert "was never" not in told, told
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


NUMBERS = [f"number {count}" for count in range(5)]


@pytest.mark.parametrize(
    ("program", "subscribed"),
    [
        pytest.param(README, ['{"op": "subscribe", "ch": "trades"}'], id="README"),
        pytest.param(INDEX, [], id="index"),
        pytest.param(RECEIVE, ['{"op": "subscribe", "channel": "trades"}'], id="first-steps"),
        pytest.param(BLOCKING, ['{"op": "subscribe", "channel": "trades"}'], id="sync"),
    ],
)
async def test_programs_that_receive(feed: Feed, program: str, subscribed: list[str]) -> None:
    """They print what comes, over a restart of the server, and subscribe anew after it."""
    assert SHOWN in program
    async with running(program.replace(SHOWN, feed.url)) as process:
        assert await process.lines(5) == NUMBERS
    assert feed.links == 2
    assert feed.heard == subscribed * 2


async def test_the_program_that_logs(feed: Feed) -> None:
    """In front of another, it shows what happens between the messages."""
    # What comes before the subscription is out does not show that the link does its work again.
    feed.asked = True
    to_here = "import sys\nlogging.getLogger().handlers[0].setStream(sys.stdout)\n"
    async with running(LOGGING + to_here + README.replace(SHOWN, feed.url)) as process:
        lines = await process.lines(8)
    assert [line for line in lines if line.startswith("number")] == NUMBERS
    logged = [line for line in lines if not line.startswith("number")]
    assert [line.split(":")[0] for line in logged] == ["INFO", "WARNING", "INFO"]
    assert "interrupted: " in logged[1]
    assert "recovered: " in logged[2]


async def test_the_program_that_counts(feed: Feed) -> None:
    """In batches; made to end with the first link, for by default it never would."""
    program = COUNT.replace("longwire.connect(url)", "longwire.connect(url, retry=None)")
    assert program != COUNT
    feed.code = 1000
    driver = "\nimport asyncio, sys\nprint(asyncio.run(count(sys.argv[1])))\n"
    async with running(program + driver, feed.url) as process:
        assert await process.line() == "3"
        assert await process.ended() == 0


async def test_the_program_that_collects(feed: Feed) -> None:
    """In calls that block, until nothing comes any more."""
    driver = "\nimport sys\nprint(collect(sys.argv[1], 3.0))\n"
    async with running(COLLECT + driver, feed.url) as process:
        assert await process.line() == "5"
        assert await process.ended() == 0


async def test_the_program_that_watches(feed: Feed) -> None:
    """Interruption, remedy and recovery stand between the messages."""
    driver = "\nimport asyncio, sys\nasyncio.run(watch(sys.argv[1]))\n"
    async with running(WATCH + driver, feed.url) as process:
        lines = await process.lines(8)
    assert lines[:3] == NUMBERS[:3]
    assert lines[3] == "interrupted: The server was restarted or taken away"
    assert lines[4].startswith("what to do: ")
    assert re.fullmatch(r"recovered after \d+ attempts", lines[5])
    assert lines[6:] == NUMBERS[3:]


async def test_the_example(feed: Feed) -> None:
    """As it is, with the URL on its command line."""
    async with running(EXAMPLE, feed.url) as process:
        lines = await process.lines(7)
    assert [line for line in lines if line.startswith("number")] == NUMBERS
    assert lines[3] == "interrupted: The server was restarted or taken away"


@pytest.fixture
def ca(tmp_path: Path, certificate_authority: trustme.CA) -> str:
    """The file of the authority that the tests trust."""
    path = tmp_path / "ca.pem"
    certificate_authority.cert_pem.write_to_path(path)
    return str(path)


async def test_the_program_behind_a_proxy(feed: Feed, ca: str, server_tls: ssl.SSLContext) -> None:
    """One with TLS of its own, which only this authority vouches for."""
    async with ProxyServer(tls=server_tls) as proxy:
        async with running(PROXIED, feed.url, proxy.url(), ca) as process:
            assert await process.lines(5) == NUMBERS
        assert len(proxy.asked) == 2


async def test_the_program_on_a_unix_socket(feed: Feed, tmp_path: Path) -> None:
    """It comes back over it, too."""
    path = str(tmp_path / "feed.sock")
    async with unix_serve(feed.attend, path), running(UNIX, path) as process:
        assert await process.lines(5) == NUMBERS


async def test_the_program_that_connects_itself(feed: Feed) -> None:
    """It is asked for a socket for each link."""
    port = feed.url.rpartition(":")[2].partition("/")[0]
    async with running(GIVEN, port) as process:
        assert await process.lines(5) == NUMBERS


async def test_the_program_with_a_certificate(
    ca: str, tmp_path: Path, certificate_authority: trustme.CA, server_tls: ssl.SSLContext
) -> None:
    """To a server that wants one, by an address that its own certificate need not name."""
    client = tmp_path / "client.pem"
    certificate_authority.issue_cert("me.example").private_key_and_cert_chain_pem.write_to_path(
        client
    )
    certificate_authority.configure_trust(server_tls)
    server_tls.verify_mode = ssl.CERT_REQUIRED
    feed = Feed()
    async with serve(feed.attend, "127.0.0.1", 0, ssl=server_tls) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with running(SECURE, f"wss://127.0.0.1:{port}/ws", ca, str(client)) as process:
            assert await process.lines(5) == NUMBERS


async def test_the_program_that_serves() -> None:
    """An echo, on a port that the system chooses here."""
    program = SERVE.replace("8765", "0")
    assert program != SERVE
    async with running(program) as process:
        said = re.fullmatch(r"listening on port (\d+)", await process.line())
        assert said is not None
        async with connect(f"ws://127.0.0.1:{said[1]}/", proxy=None) as link:
            await link.send("hello")
            await link.send(b"\x00")
            assert [await link.recv(), await link.recv()] == ["hello", b"\x00"]


async def test_the_program_that_ends_gracefully() -> None:
    """On SIGTERM: its links go on, nobody new gets in, and it ends when the last one has gone."""
    program = GRACEFUL.replace("8765", "0")
    assert program != GRACEFUL
    async with running(program) as process:
        said = re.fullmatch(r"listening on port (\d+)", await process.line())
        assert said is not None
        async with connect(f"ws://127.0.0.1:{said[1]}/", proxy=None) as link:
            process.signal(signal.SIGTERM)
            await refused(int(said[1]))
            await link.send("still here")
            assert await link.recv() == "still here"
        assert await process.line() == "ended"
        assert await process.ended() == 0


async def refused(port: int) -> None:
    """Wait until nobody listens at a port any more."""
    with contextlib.suppress(ConnectionRefusedError):
        while True:
            # Reset, if the last listener is closed just after the system has taken us in for it.
            with contextlib.suppress(ConnectionResetError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                await writer.wait_closed()


CERTIFIED = """
import asyncio, sys
async def main():
    files, handler = sys.argv[1:], globals().get("greet")
    context = server_tls(*files[:3])
    async with longwire.serve(handler, "127.0.0.1", 0, tls=context) as server:
        print(server.port)
        await asyncio.Event().wait()
asyncio.run(main())
"""


async def test_the_program_that_asks_for_certificates(tmp_path: Path) -> None:
    """It greets a client by the name in its certificate, and takes no other."""
    authority = trustme.CA()
    files = write_certificate(authority.issue_cert("127.0.0.1"), tmp_path)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    async with running(TLS + CERTIFIED, *files, str(tmp_path / "authority.pem")) as process:
        url = f"wss://127.0.0.1:{await process.line()}/"
        with pytest.raises((InvalidMessage, OSError)):
            await connect(url, ssl=context, proxy=None)
        authority.issue_cert("alice@client.example", common_name="Alice").configure_cert(context)
        async with connect(url, ssl=context, proxy=None) as link:
            assert await link.recv() == "hello Alice, over TLSv1.3"


RENEWING = """
import sys
async def main():
    def make():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*sys.argv[1:])
        print("made")
        return context
    async with longwire.serve(print, "127.0.0.1", 0, tls=make()) as server:
        renew_on_sighup(server, make)
        print(server.port)
        await asyncio.Event().wait()
asyncio.run(main())
"""


async def test_the_program_that_renews_its_certificate(tmp_path: Path) -> None:
    """On SIGHUP; who connects from then on is shown the new one."""
    authority = trustme.CA()
    files = write_certificate(authority.issue_cert("127.0.0.1"), tmp_path)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    async with running(RENEW + RENEWING, *files) as process:
        made, port = await process.lines(2)
        assert made == "made"
        before = await serial_number(int(port), context)
        write_certificate(authority.issue_cert("127.0.0.1"), tmp_path)
        assert await serial_number(int(port), context) == before
        process.signal(signal.SIGHUP)
        assert await process.line() == "made"
        assert await serial_number(int(port), context) != before


def write_certificate(certificate: trustme.LeafCert, directory: Path) -> tuple[str, str]:
    """Write a certificate and its key to files; returns their names."""
    names = str(directory / "certificate.pem"), str(directory / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(names[0])
    certificate.private_key_pem.write_to_path(names[1])
    return names


async def serial_number(port: int, context: ssl.SSLContext) -> str:
    """That of the certificate which a new connection is shown."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    certificate: dict[str, Any] = writer.get_extra_info("peercert")
    writer.close()
    await writer.wait_closed()
    return str(certificate["serialNumber"])


async def test_the_program_that_is_given_its_socket() -> None:
    """As systemd starts a service: the socket is descriptor 3, and clients may be there first."""
    with socket.create_server(("127.0.0.1", 0)) as given:
        program = f"import os\nos.dup2({given.fileno()}, 3)\n" + HANDED_IN
        # The client is there before anybody accepts.
        early = asyncio.create_task(
            connect(f"ws://127.0.0.1:{given.getsockname()[1]}/", proxy=None).__aenter__()
        )
        async with running(program, LISTEN_FDS="1", pass_fds=(given.fileno(),)) as process:
            assert await process.line() == "serving on 1 socket"
            link = await early
            await link.send("hello")
            assert await link.recv() == "hello"
            await link.close()


async def test_the_program_that_streams() -> None:
    """What is sent while it is made is received while it comes, to the last character."""
    async with running(STREAMING) as process:
        assert await process.line() == "received 40000000"


async def test_the_program_that_chooses_its_compression() -> None:
    """Its terms are offered as they stand there."""
    program = FORGETFUL + "\nprint(client._settings.compression == forgetful)\n"
    async with running(program) as process:
        assert await process.line() == "True"
        assert await process.ended() == 0


async def test_the_program_over_a_reset(feed: Feed) -> None:
    """It goes on behind the cut, with what the second link brings."""
    async with running(CUT, feed.url) as process:
        assert await process.line() == "['number 0', 'number 1', 'number 3', 'number 4']"
        assert await process.ended() == 0


async def test_the_program_with_a_fault_of_its_own(feed: Feed) -> None:
    """Every second message is binary, on each connection."""
    async with running(FAULTY, feed.url) as process:
        assert await process.lines(5) == [
            "str number 0",
            "bytes b'number 1'",
            "str number 2",
            "str number 3",
            "bytes b'number 4'",
        ]


async def test_the_programs_that_record_and_replay(feed: Feed, tmp_path: Path) -> None:
    """What the one has recorded, a restart of the server, is what the other tests."""
    here = f"import os\nos.chdir({str(tmp_path)!r})\n"
    async with running(here + RECORDED.replace(SHOWN, feed.url)) as process:
        assert await process.lines(5) == NUMBERS
        assert await process.ended() == 0
    run = (
        "import pathlib, pytest, sys\n"
        f"pathlib.Path('test_march.py').write_text({REPLAYED!r})\n"
        "options = ['--asyncio-mode=auto', '-p', 'longwire.testing.pytest_plugin', '-q']\n"
        "print('passed' if pytest.main(['test_march.py', *options]) == 0 else 'failed')\n"
    )
    async with running(here + run) as process:
        lines = [await process.line()]
        while lines[-1] not in {"passed", "failed"}:
            lines.append(await process.line())
        assert await process.ended() == 0  # interrupted on its way out, it says more
    assert lines[-1] == "passed", lines


def test_no_program_is_left_out() -> None:
    """A new one needs a test above; test_docs.py only compiles it."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    there = {program for page in pages for program in programs(str(page.relative_to(ROOT)))}
    receiving = {README, INDEX, RECEIVE, COUNT, WATCH, LOGGING, BLOCKING, COLLECT}
    ways = {PROXIED, UNIX, GIVEN, SECURE, FORGETFUL, RECORDED, REPLAYED, CUT, FAULTY}
    assert there == receiving | ways | {SERVE, GRACEFUL, TLS, RENEW, HANDED_IN, STREAMING}
    assert [path.name for path in (ROOT / "examples").glob("*.py")] == ["receive.py"]
