"""Every link keeps the same promises: the reference, and the real one on every engine."""

from __future__ import annotations

import asyncio
import importlib.util
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import pytest

from longwire.link.dial import dial
from longwire.link.listen import serve
from longwire.link.memory import pair
from longwire.link.options import LinkOptions
from longwire.testing.conformance import (
    CHECKS,
    LIMIT_CHECKS,
    STREAM_CHECKS,
    run_check,
    run_limit_check,
    run_stream_check,
)
from longwire.testing.conformance.closing import close_is_bounded, waiting_send_is_told
from longwire.testing.conformance.messages import (
    cancelled_send_harms_nobody,
    sender_waits_for_reader,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    import trustme
    from _pytest.mark import ParameterSet

    from longwire.link.base import Link
    from longwire.testing.conformance import Check

# Small bounds, so that a flood stalls soon; the kernel's buffers come on top of them.
OPTIONS = LinkOptions(
    inbox_messages=4_096, inbox_bytes=2**20, write_high=2**18, close_timeout=0.2, heartbeat=None
)


@dataclass(frozen=True)
class Kind:
    """A kind of link, and what it runs on."""

    transport: Literal["memory", "asyncio", "aiofastnet"]
    loop: Literal["asyncio", "uvloop"]
    tls: bool = False
    compression: Literal["deflate"] | None = None

    def __str__(self) -> str:
        return "-".join(
            [
                self.transport,
                f"{self.loop} loop",
                *(["tls"] if self.tls else []),
                *([self.compression] if self.compression else []),
            ]
        )

    @property
    def missing(self) -> str | None:
        """The library that it needs and that is not installed."""
        for name in {self.transport, self.loop} - {"memory", "asyncio"}:
            if importlib.util.find_spec(name) is None:
                return name
        return None

    def new_loop(self) -> asyncio.AbstractEventLoop:
        if self.loop == "asyncio":
            return asyncio.new_event_loop()
        import uvloop

        loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
        return loop


KINDS = [
    Kind("memory", "asyncio"),
    Kind("memory", "uvloop"),
    Kind("asyncio", "asyncio"),
    Kind("asyncio", "asyncio", tls=True),
    Kind("asyncio", "asyncio", compression="deflate"),
    Kind("asyncio", "asyncio", tls=True, compression="deflate"),
    Kind("asyncio", "uvloop"),
    Kind("asyncio", "uvloop", tls=True),
    Kind("aiofastnet", "asyncio"),
    Kind("aiofastnet", "asyncio", compression="deflate"),
    Kind("aiofastnet", "asyncio", tls=True),
    Kind("aiofastnet", "asyncio", tls=True, compression="deflate"),
    Kind("aiofastnet", "uvloop"),
    Kind("aiofastnet", "uvloop", tls=True),
    Kind("aiofastnet", "uvloop", tls=True, compression="deflate"),
]


class Maker:
    """Makes pairs of one kind."""

    def __init__(
        self, kind: Kind, server_tls: ssl.SSLContext | None, client_tls: ssl.SSLContext | None
    ) -> None:
        self._kind = kind
        self._server_tls = server_tls
        self._client_tls = client_tls

    @asynccontextmanager
    async def pair(self, server_options: LinkOptions = OPTIONS) -> AsyncIterator[tuple[Link, Link]]:
        if self._kind.transport == "memory":
            client, server = pair(options=OPTIONS, server_options=server_options, path="/feed?x=1")
            try:
                yield client, server
            finally:
                client.abort()
                server.abort()
            return
        async with self._wire(server_options) as links:
            yield links

    @asynccontextmanager
    async def _wire(self, server_options: LinkOptions) -> AsyncIterator[tuple[Link, Link]]:
        accepted: asyncio.Future[Link] = asyncio.get_running_loop().create_future()

        async def handler(link: Link) -> None:
            accepted.set_result(link)
            await link.wait_closed()

        async with serve(
            handler,
            "127.0.0.1",
            tls=self._server_tls,
            compression=self._kind.compression,
            options=server_options,
        ) as server:
            scheme = "ws" if self._server_tls is None else "wss"
            client = await dial(
                f"{scheme}://127.0.0.1:{server.port}/feed?x=1",
                tls=self._client_tls,
                compression=self._kind.compression,
                options=OPTIONS,
            )
            link = await accepted
            try:
                yield client, link
            finally:
                client.abort()
                link.abort()
                await client.wait_gone()

    @asynccontextmanager
    async def limited(self, limit: int) -> AsyncIterator[tuple[Link, Link]]:
        """The server's side is the limited one."""
        async with self.pair(replace(OPTIONS, max_message_bytes=limit)) as links:
            yield links

    @asynccontextmanager
    async def streaming(self) -> AsyncIterator[tuple[Link, Link]]:
        """The server's side has streaming."""
        async with self.pair(replace(OPTIONS, stream=True)) as links:
            yield links


@pytest.fixture(params=KINDS, ids=str)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kind:
    kind: Kind = request.param
    if kind.missing is not None:
        pytest.skip(f"{kind.missing} is not installed")
    if kind.transport != "memory":
        monkeypatch.setenv("LONGWIRE_TRANSPORT", kind.transport)
    return kind


@pytest.fixture(scope="session")
def tls_contexts(certificate_authority: trustme.CA) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's and the client's; one certificate for all these tests."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate_authority.issue_cert("127.0.0.1").configure_cert(server)
    client = ssl.create_default_context()
    certificate_authority.configure_trust(client)
    return server, client


@pytest.fixture
def maker(kind: Kind, request: pytest.FixtureRequest) -> Maker:
    if kind.tls:
        return Maker(kind, *request.getfixturevalue("tls_contexts"))
    return Maker(kind, None, None)


def run(kind: Kind, work: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run on the loop of the kind; no task may be left, and the loop have no error to report."""

    async def guarded() -> None:
        errors: list[str] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: errors.append(str(context)))
        await work()
        for _ in range(3):
            await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"tasks left behind: {left}"
        assert not errors

    with asyncio.Runner(loop_factory=kind.new_loop) as runner:
        runner.run(guarded())


SLOW = {
    sender_waits_for_reader,
    cancelled_send_harms_nobody,
    close_is_bounded,
    waiting_send_is_told,
}
"""Checks that fill the buffers of the operating system, or wait for a time limit."""


def with_marks(check: Check) -> ParameterSet:
    marks = [pytest.mark.slow] if check in SLOW else []
    return pytest.param(check, id=check.__name__, marks=marks)


@pytest.mark.parametrize("check", [with_marks(check) for check in CHECKS])
def test_link(check: Check, kind: Kind, maker: Maker) -> None:
    """Every link does what `Link` promises, as client and as server."""
    run(kind, lambda: run_check(check, maker.pair))


@pytest.mark.parametrize("check", [with_marks(check) for check in LIMIT_CHECKS])
def test_limits(check: Check, kind: Kind, maker: Maker) -> None:
    """Every link keeps its limit exactly."""
    run(kind, lambda: run_limit_check(check, maker.limited))


@pytest.mark.parametrize("check", [with_marks(check) for check in STREAM_CHECKS])
def test_streaming(check: Check, kind: Kind, maker: Maker) -> None:
    """Every link hands messages over while they come, where it is asked to."""
    run(kind, lambda: run_stream_check(check, maker.streaming))
