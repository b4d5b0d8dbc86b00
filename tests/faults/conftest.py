"""What every fault test uses: a client that is isolated or not, its books, and a look for leaks."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import re
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import trustme

import longwire
from longwire.client.isolation import IoThread, io_thread
from longwire.testing import check_cause, number_of
from longwire.testing.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from longwire.errors import Blame
    from longwire.testing import NumberedFeed

QUICK = longwire.Retry(first=0.01, cap=0.05)
"""Comes back within the time a test may take."""


@pytest.fixture(params=[True, False], ids=["isolated", "inline"])
def isolate(request: pytest.FixtureRequest) -> bool:
    """Every fault is met by both kinds of client."""
    return bool(request.param)


@pytest.fixture
def options(isolate: bool) -> dict[str, Any]:
    """The options of a client under test: quick to return, no heartbeat, and it counts."""
    return {
        "isolate": isolate,
        "retry": QUICK,
        "heartbeat": None,
        "sequence": longwire.Sequence(number_of),
    }


class Receive(Protocol):
    """Connect and keep the books; options override the fixture's."""

    def __call__(self, url: str, **options: Any) -> Ledger: ...


@pytest.fixture
def receive(options: dict[str, Any]) -> Receive:
    """``async with receive(feed.url) as ledger:``."""

    def start(url: str, **own: Any) -> Ledger:
        def tell(interruption: longwire.Interruption) -> None:
            ledger.tell(interruption)

        ledger = Ledger(
            longwire.connect(url, **{"on_interruption": tell, **options, **own}),
        )
        return ledger

    return start


class Survive(Protocol):
    """Run a feed through a fault and out of it again."""

    async def __call__(
        self,
        feed: NumberedFeed,
        ledger: Ledger,
        fault: Callable[[Any], object],
        *,
        cause: str,
        blame: Blame,
        because: str,
    ) -> longwire.Interruption: ...


@pytest.fixture
def survive() -> Survive:
    """Numbers, the fault right behind one of them, a new link, numbers again.

    The books are checked, and the cause, see `check_cause`.
    """

    async def run(
        feed: NumberedFeed,
        ledger: Ledger,
        fault: Callable[[Any], object],
        *,
        cause: str,
        blame: Blame,
        because: str,
    ) -> longwire.Interruption:
        await feed.link(1)
        feed.emit(5)
        feed.after(7, fault)
        feed.emit(4)
        await feed.link(2)
        feed.emit(5)
        await ledger.reached(13)
        ledger.check(feed)
        ledger.check_sum(0, 13)
        await ledger.until(lambda: bool(ledger.recovered), "Recovered")
        (interruption,) = ledger.client.interruptions
        check_cause(ledger.interrupted[0], cause, blame=blame, because=because)
        check_cause(interruption, cause, blame=blame, because=because)
        assert interruption.outcome == "recovered"
        assert interruption.obstacle is None, "the first attempt went well"
        assert interruption.attempts >= 1
        assert interruption.ended is not None
        assert interruption.started <= interruption.noticed <= interruption.ended
        return interruption

    return run


# ---------------------------------------------------------------- names


@pytest.fixture
async def names(
    io_lease: IoThread, isolate: bool, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """All names that resolve, and their addresses; empty at first.

    It stands in for the system's resolver, which may be slow, or say one thing today and another
    tomorrow: where the event loop asks it, on the loop that carries the links.
    """
    known: dict[str, str] = {}

    async def getaddrinfo(host: str, port: int, **_options: Any) -> list[Any]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (known[host], port))]

    if isolate:
        monkeypatch.setattr(io_lease.loop, "getaddrinfo", getaddrinfo)
    else:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return known


# ---------------------------------------------------------------- leaks


@pytest.fixture(scope="module")
def io_lease() -> Iterator[IoThread]:
    """Keeps the I/O thread from starting and ending with each test, and shows what runs on it."""
    with io_thread(grace=0.0) as lease:
        yield lease


@pytest.fixture(autouse=True)
def nothing_left_on_the_io_thread(io_lease: IoThread) -> Iterator[None]:
    """Fails a test that leaves a task there, or a timer where the loop shows its timers."""
    yield

    async def look() -> list[object]:
        loop = asyncio.get_running_loop()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        timers = [timer for timer in getattr(loop, "_scheduled", []) if not timer.cancelled()]
        return [*tasks, *timers]

    left = io_lease.submit(look()).result(10)
    assert not left, f"left behind on the I/O thread: {left}"


@pytest.fixture(autouse=True)
def no_sockets_left() -> Iterator[None]:
    """Fails a test that leaves a TCP socket open."""
    before = tcp_sockets()
    yield
    left = tcp_sockets() - before
    assert not left, f"sockets left behind: {left}"


def tcp_sockets() -> set[str]:
    """The inodes of this process's TCP sockets; empty where there is no /proc."""
    if not Path("/proc/self/fd").exists():
        return set()
    links = []
    for entry in Path("/proc/self/fd").iterdir():
        # The descriptor of this very listing is gone by now.
        with contextlib.suppress(FileNotFoundError):
            links.append(str(entry.readlink()))
    inodes = {found[1] for link in links if (found := re.match(r"socket:\[(\d+)\]", link))}
    tables = [Path(f"/proc/self/net/{name}").read_text() for name in ("tcp", "tcp6")]
    tcp = {line.split()[9] for table in tables for line in table.splitlines()[1:]}
    # A socket that is bound and does no more is in no table, and neither is a Unix socket.
    return inodes & tcp


# ---------------------------------------------------------------- TLS that goes wrong


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture
def expired_tls(certificate_authority: trustme.CA) -> ssl.SSLContext:
    """A server whose certificate ran out yesterday."""
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    return server_context(
        certificate_authority.issue_cert(
            "127.0.0.1",
            not_before=yesterday - dt.timedelta(days=30),
            not_after=yesterday,
        )
    )


@pytest.fixture
def wrong_name_tls(certificate_authority: trustme.CA) -> ssl.SSLContext:
    """A server whose certificate is for another host."""
    return server_context(certificate_authority.issue_cert("other.example", "192.0.2.7"))


@pytest.fixture
def unknown_issuer_tls() -> ssl.SSLContext:
    """A server whose certificate is from an authority that nobody here trusts."""
    return server_context(trustme.CA().issue_cert("127.0.0.1"))


@pytest.fixture
def self_signed_tls(tmp_path: Path) -> ssl.SSLContext:
    """A server that vouches for itself."""
    certificate, key = self_signed("127.0.0.1")
    pem = tmp_path / "self-signed.pem"
    pem.write_bytes(key + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def self_signed(address: str) -> tuple[bytes, bytes]:
    """Certificate and key in PEM; trustme always puts an authority above."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, address)])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return certificate.public_bytes(pem), key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


# ---------------------------------------------------------------- the machine


@pytest.fixture
async def lateness() -> AsyncIterator[Callable[[], float]]:
    """How late the test's own loop has been at worst, in seconds: the machine's share."""
    loop = asyncio.get_running_loop()
    worst = 0.0

    async def measure() -> None:
        nonlocal worst
        while True:
            due = loop.time() + 0.05
            await asyncio.sleep(0.05)
            worst = max(worst, loop.time() - due)

    task = asyncio.create_task(measure())
    yield lambda: worst
    task.cancel()
    await asyncio.wait([task])
