"""longwire on both ends of nginx and HAProxy, which end TLS, cut, reload and lose their server."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from tests.interop.digests import Digest, exchange
from tests.interop.meeting import kept_out, live_for_a_second
from tests.interop.needs import need
from tests.interop.process import PeerProcess
from tests.interop.proxies import PROXIES, Plan
from tests.interop.roster import PEERS
from tests.interop.toolchains import found

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    import trustme

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.blocking,  # aiofastnet takes a certificate apart by way of a file
]

DEADLINE = 90
COUNT = 100_000 if longwire.COMPILED else 2_000
"""As with the peers: the whole number for the compiled modules."""
QUICK = longwire.Retry(first=0.05, cap=0.2)


async def attend(link: longwire.Link) -> None:
    """An echo that counts, like the peers; ``/close`` closes at once."""
    if link.request.path == "/close":
        await link.close(4999, "čao")
        return
    digest = Digest()
    async for data in link:
        if data == "digest?":
            await link.send(digest.plain())
        else:
            digest.add(data)
            await link.send(data)


@dataclass(frozen=True)
class Way:
    """A way through a running proxy."""

    proxy: Any
    tls: ssl.SSLContext

    def urls(self) -> list[str]:
        return [f"ws://127.0.0.1:{self.proxy.plain}", f"wss://127.0.0.1:{self.proxy.tls}"]

    def connect(self, url: str, **options: Any) -> longwire.Client:
        return longwire.connect(url, tls=self.tls, **options)


@pytest.fixture(params=PROXIES)
def through(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    certificate_authority: trustme.CA,
    client_tls: ssl.SSLContext,
) -> Callable[..., contextlib.AbstractContextManager[Way]]:
    """``with through(backend_port, idle=...) as way:``."""
    need(lambda: found(request.param))
    certificate = certificate_authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "server.pem"))

    @contextlib.contextmanager
    def start(backend: int, **options: Any) -> Any:
        plan = Plan(home=tmp_path, backend=backend, **options)
        with PROXIES[request.param](plan) as proxy:
            yield Way(proxy, client_tls)

    return start


@contextlib.asynccontextmanager
async def server(port: int = 0) -> AsyncIterator[longwire.Server]:
    async with longwire.serve(attend, "127.0.0.1", port) as running:
        yield running


async def test_messages_and_closes(through: Any) -> None:
    """Messages of all kinds and sizes, pings and closes pass both ways, with TLS and without."""
    async with asyncio.timeout(DEADLINE), server() as backend:
        with through(backend.port) as way:
            for url in way.urls():
                async with way.connect(f"{url}/echo") as client:
                    for data in ("schöne Grüße 🦉", "", b"\x00\xff", bytes(16 * 2**20)):
                        await client.send(data)
                        assert await client.recv() == data
                    assert await client.ping() > 0
                ended: asyncio.Queue[longwire.Interruption] = asyncio.Queue()
                async with way.connect(f"{url}/close", on_interruption=ended.put_nowait):
                    closure = (await ended.get()).closure
                    assert closure is not None
                    assert (closure.received_code, closure.received_reason) == (4999, "čao")


@pytest.mark.slow
async def test_digests_agree(through: Any) -> None:
    """Many messages each way, with TLS and without: none lost, doubled, changed or displaced."""
    async with asyncio.timeout(DEADLINE), server() as backend:
        with through(backend.port) as way:
            for url in way.urls():
                async with way.connect(f"{url}/echo", compression=None) as client:
                    await exchange(client, COUNT)


async def test_an_idle_link_is_cut(through: Any) -> None:
    """Without a heartbeat the proxy's idle time is found out and named; with one nothing is cut."""
    named = asyncio.Event()

    def tell(interruption: longwire.Interruption) -> None:
        # A late machine makes a stretch of silence longer; three alike will come.
        if interruption.cause.id == "idle-timeout-intermediary":
            named.set()

    async with asyncio.timeout(DEADLINE), server() as backend:
        with through(backend.port, idle=2.0) as way:
            plain, tls = way.urls()
            options = {"heartbeat": None, "retry": QUICK, "on_interruption": tell}
            async with (
                way.connect(f"{tls}/echo", heartbeat=0.5) as lively,
                way.connect(f"{plain}/echo", **options) as idle,
            ):
                await named.wait()
                assert len(idle.interruptions) >= 3
                assert all(one.closure.end == "eof" for one in idle.interruptions)
                assert idle.interruptions[-1].cause.blame == "unknown"
                assert lively.interruptions == []
                await lively.send("alive")
                assert await lively.recv() == "alive"


async def test_the_server_behind_restarts(through: Any) -> None:
    """It says goodbye, and a gateway answers for it until it is back: the goodbye is the cause."""
    first = longwire.serve(attend, "127.0.0.1", 0)
    async with asyncio.timeout(DEADLINE), first:
        port = first.port
        with through(port) as way:
            async with way.connect(f"{way.urls()[1]}/echo", retry=QUICK) as client:
                await live_for_a_second(client)
                await first.close()
                interruption = await kept_out(client)
                assert interruption.cause.id == "deploy-restart"
                assert interruption.obstacle.evidence.http_status == way.proxy.ANSWERS
                async with server(port):
                    await client.send("after")
                    assert await client.recv() == "after"
                    assert [one.outcome for one in client.interruptions] == ["recovered"]


async def test_the_server_behind_is_killed(through: Any) -> None:
    """It says nothing: a 502 then proves that it is away; a 503 may have other reasons."""
    behind = PeerProcess(PEERS["websockets"].command())
    async with asyncio.timeout(DEADLINE):
        port = await behind.listening({})
        with through(port) as way:
            async with way.connect(f"{way.urls()[0]}/echo?id=1", retry=QUICK) as client:
                await live_for_a_second(client)
                behind.process.kill()
                interruption = await kept_out(client)
                assert interruption.closure.end == "eof"
                assert interruption.obstacle.evidence.http_status == way.proxy.ANSWERS
                proved = "deploy-restart" if way.proxy.ANSWERS == 502 else "unknown"
                assert interruption.cause.id == interruption.obstacle.cause.id == proved
                async with server(port):
                    await client.send("after")
                    assert await client.recv() == "after"
                    assert [one.outcome for one in client.interruptions] == ["recovered"]
    behind.end()


@pytest.mark.parametrize("through", ["nginx"], indirect=True)
async def test_the_proxy_reloads(through: Any) -> None:
    """It ends the links of before without a word: no cause is proved, and the client is back."""
    ended: asyncio.Queue[longwire.Interruption] = asyncio.Queue()
    async with asyncio.timeout(DEADLINE), server() as backend:
        with through(backend.port) as way:
            url = f"{way.urls()[1]}/echo"
            async with way.connect(url, retry=QUICK, on_interruption=ended.put_nowait) as client:
                await client.wait_live()
                way.proxy.reload()
                interruption = await ended.get()
                assert (interruption.closure.end, interruption.cause.id) == ("eof", "unknown")
                await client.send("after")
                assert await client.recv() == "after"
