"""Links through proxies: real sockets, each engine and loop, with and without TLS on either leg."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from longwire.errors import ConnectError, HandshakeRejected, ProxyError, TLSError
from longwire.link.dial import dial
from longwire.link.proxy import Proxy
from longwire.testing import NumberedFeed, openings
from tests.proxies import ProxyServer

if TYPE_CHECKING:
    import ssl

    from tests.proxies import Kind, Stage

NEVER = 600.0
SOON = 0.2
SECRET = "s3cr3t"
USER = "bob:s3cr3t@"
NAME = "feed.example"
HERE = {NAME: "127.0.0.1"}

WAYS: list[tuple[Kind, str]] = [
    ("http", "http"),
    ("http", "https"),
    ("socks4", "socks4"),
    ("socks4", "socks4a"),
    ("socks5", "socks5"),
    ("socks5", "socks5h"),
]
"""What the proxy speaks, and the scheme that asks for it."""


def server_for(kind: Kind, scheme: str, tls: ssl.SSLContext, **options: Any) -> ProxyServer:
    """A proxy, with TLS where the scheme wants it."""
    return ProxyServer(kind, tls=tls if scheme == "https" else None, hosts=HERE, **options)


def proxy_for(server: ProxyServer, scheme: str, tls: ssl.SSLContext, userinfo: str = "") -> Proxy:
    """How a client goes through it."""
    url = server.url(scheme, userinfo)
    return Proxy(url, tls=tls) if scheme == "https" else Proxy(url)


class Contexts(NamedTuple):
    """Of a server, and of a client that trusts it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


@pytest.fixture
def contexts(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> Contexts:
    """Both sides of TLS."""
    return Contexts(server_tls, client_tls)


async def failure(url: str, **options: Any) -> ConnectError:
    """What a dial fails with."""
    with pytest.raises(ConnectError) as caught:
        await dial(url, **options)
    return caught.value


async def problem(server: ProxyServer, scheme: str | None = None, **options: Any) -> ProxyError:
    """What a dial through a proxy fails with, after its connection has ended."""
    error = await failure(f"ws://127.0.0.1:1/?token={SECRET}", proxy=server.url(scheme), **options)
    assert isinstance(error, ProxyError)
    assert error.proxy == server.url(scheme)
    assert error.kind == "proxy"
    assert error.proxy in error.what
    assert error.where == "ws://127.0.0.1:1/?token=…"
    await server.all_ended()
    return error


@pytest.mark.both_loops
@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize(("kind", "scheme"), WAYS)
async def test_messages_flow_through_a_proxy(
    engine: str,
    kind: Kind,
    scheme: str,
    secure: bool,
    contexts: Contexts,
) -> None:
    """Through each kind, plain and encrypted, also when the proxy itself is spoken to with TLS."""
    async with (
        server_for(kind, scheme, contexts.server) as server,
        NumberedFeed(tls=contexts.server if secure else None) as feed,
    ):
        link = await dial(
            feed.url, tls=contexts.client, proxy=proxy_for(server, scheme, contexts.client)
        )
        assert server.asked == [("127.0.0.1", feed.port)]
        await feed.link()
        feed.emit(2_000)
        for number in range(2_000):
            assert await link.recv() == f"{number} of the feed"
        big = b"x" * 1_000_000
        await link.send(big)
        assert await feed.links[0].wait_message() == big
        await link.close()
        assert link.closure is not None
        assert link.closure.normal
        await server.all_ended()


@pytest.mark.both_loops
@pytest.mark.parametrize(("kind", "scheme"), [("http", "http"), ("http", "https")])
async def test_a_link_behind_a_proxy_that_goes_away(
    engine: str, kind: Kind, scheme: str, contexts: Contexts
) -> None:
    """The end of the tunnel is the end of the link, and leaves no socket behind."""
    async with server_for(kind, scheme, contexts.server) as server:
        async with NumberedFeed(tls=contexts.server) as feed:
            link = await dial(
                feed.url, tls=contexts.client, proxy=proxy_for(server, scheme, contexts.client)
            )
            raw = await feed.link()
            raw.drop()
            assert (await link.wait_closed()).end in {"eof", "reset"}
            await link.wait_gone()
        await server.all_ended()
    gc.collect()


@pytest.mark.parametrize(
    ("kind", "scheme", "by_name"),
    [
        ("http", "http", True),
        ("socks4", "socks4a", True),
        ("socks4", "socks4", False),
        ("socks5", "socks5h", True),
        ("socks5", "socks5", False),
    ],
)
async def test_where_the_name_is_resolved(kind: Kind, scheme: str, by_name: bool) -> None:
    """By the proxy, unless the scheme says that it is done here."""
    async with ProxyServer(kind, hosts=HERE) as server, NumberedFeed() as feed:
        url = f"ws://{NAME}:{feed.port}/"
        if by_name:
            link = await dial(url, proxy=server.url(scheme))
            assert server.asked == [(NAME, feed.port)]
            await link.close()
        else:
            error = await failure(f"ws://nowhere.invalid:{feed.port}/", proxy=server.url(scheme))
            assert error.kind == "dns"
            assert server.asked == []
            url = f"ws://localhost:{feed.port}/"
            link = await dial(url, proxy=server.url(scheme))
            assert server.asked in ([("127.0.0.1", feed.port)], [("::1", feed.port)])
            await link.close()


async def test_tls_checks_the_servers_name_not_the_proxys(
    contexts: Contexts,
) -> None:
    """What is behind the tunnel must be who the URL names."""
    async with (
        ProxyServer("socks5", hosts=HERE) as server,
        NumberedFeed(tls=contexts.server) as feed,
    ):
        url = f"wss://{NAME}:{feed.port}/"
        error = await failure(url, tls=contexts.client, proxy=server.url("socks5h"))
        assert isinstance(error, TLSError)
        assert error.problem == "wrong-name"
        await server.all_ended()


@pytest.mark.parametrize(("kind", "scheme"), WAYS)
async def test_credentials(kind: Kind, scheme: str, contexts: Contexts) -> None:
    """They are taken from the URL; without or with wrong ones there is no way, and no retry."""
    async with (
        server_for(kind, scheme, contexts.server, userinfo=("bob", SECRET)) as server,
        NumberedFeed() as feed,
    ):
        link = await dial(feed.url, proxy=proxy_for(server, scheme, contexts.client, USER))
        await link.close()
        for wrong in ("", "eve:x@"):
            error = await failure(feed.url, proxy=proxy_for(server, scheme, contexts.client, wrong))
            assert isinstance(error, ProxyError)
            assert (error.problem, error.retryable, error.blame) == ("credentials", False, "local")
            assert error.status == (407 if kind == "http" else None)
        await server.all_ended()
    assert all(SECRET not in head for head in server.heads)


async def test_what_an_http_proxy_is_told() -> None:
    """Host and port of the server, who we are, and none of the fields that are the server's."""
    async with ProxyServer() as server, NumberedFeed() as feed:
        for agent in ("me/1", None):
            key = {"X-Api-Key": SECRET}
            link = await dial(feed.url, proxy=server.url(), headers=key, user_agent=agent)
            await link.close()
        first, second = server.heads
        target = f"127.0.0.1:{feed.port}"
        assert first.startswith(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n")
        assert "User-Agent: me/1\r\n" in first
        assert "User-Agent" not in second
        assert SECRET not in first


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 204 \r\nContent-Length: 7\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nVia: x\r\n\r\n",
    ],
)
async def test_ways_to_say_yes(head: bytes) -> None:
    """Every 2xx is one (RFC 9110, 9.3.6); its length means nothing, hints before it are none."""
    async with ProxyServer(head=head) as server, NumberedFeed() as feed:
        await (await dial(feed.url, proxy=server.url())).close()


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("status", "problem_", "retryable"),
    [
        (403, "denied", False),
        (407, "credentials", False),
        (404, "denied", False),
        (429, "denied", True),
        (302, "denied", False),
        (500, "target-unreachable", True),
        (502, "target-unreachable", True),
        (503, "target-unreachable", True),
        (504, "target-unreachable", True),
    ],
)
async def test_refusals_of_an_http_proxy(status: int, problem_: str, retryable: bool) -> None:
    """It is the proxy that is named, with what its status means; its Retry-After is kept."""
    async with ProxyServer(refuse=status) as server:
        error = await problem(server)
        assert (error.problem, error.retryable) == (problem_, retryable)
        assert (error.status, error.retry_after) == (status, 3.0)
        assert f"HTTP {status}" in error.what
        assert not isinstance(error, HandshakeRejected)


@pytest.mark.parametrize(
    ("kind", "code", "problem_", "retryable", "blame"),
    [
        ("socks5", 1, "target-unreachable", True, "unknown"),
        ("socks5", 2, "denied", False, "network"),
        ("socks5", 3, "target-unreachable", True, "network"),
        ("socks5", 4, "target-unreachable", True, "network"),
        ("socks5", 5, "target-refused", True, "peer"),
        ("socks5", 6, "target-unreachable", True, "network"),
        ("socks5", 7, "denied", False, "network"),
        ("socks5", 8, "denied", False, "network"),
        ("socks5", 9, "protocol", False, "unknown"),
        ("socks4", 0x5B, "target-unreachable", True, "unknown"),
        ("socks4", 0x5C, "credentials", False, "local"),
        ("socks4", 0x5D, "credentials", False, "local"),
        ("socks4", 0x5E, "protocol", False, "unknown"),
    ],
)
async def test_refusals_of_a_socks_proxy(
    kind: Kind, code: int, problem_: str, retryable: bool, blame: str
) -> None:
    """Each code of RFC 1928, 6 and of SOCKS4 has its meaning."""
    async with ProxyServer(kind, refuse=code) as server:
        error = await problem(server)
        assert (error.problem, error.retryable, error.blame) == (problem_, retryable, blame)


@pytest.mark.parametrize(("kind", "scheme"), [("http", "http"), ("socks5", "socks5")])
async def test_a_server_that_the_proxy_cannot_reach(kind: Kind, scheme: str) -> None:
    """A real refusal behind the proxy is told as one."""
    async with ProxyServer(kind) as server:
        error = await problem(server, scheme)
        assert error.problem in {"target-refused", "target-unreachable"}
        assert error.retryable


@pytest.mark.parametrize("scheme", ["http", "https", "socks4", "socks5h"])
async def test_a_proxy_that_is_not_there(scheme: str) -> None:
    """Refused, and by whom."""
    error = await failure("ws://127.0.0.1:9/", proxy=f"{scheme}://{USER}127.0.0.1:1")
    assert isinstance(error, ProxyError)
    assert (error.problem, error.retryable, error.blame) == ("unreachable", True, "network")
    assert f"the proxy {scheme}://127.0.0.1:1 cannot be used: the connection was refused" in str(
        error
    )
    assert SECRET not in repr(error) + str(error)


async def test_a_proxy_whose_name_does_not_resolve() -> None:
    """It is the proxy's name that is at fault, and said to be."""
    error = await failure("ws://127.0.0.1:1/", proxy="http://nowhere.invalid:3128")
    assert isinstance(error, ProxyError)
    assert (error.problem, error.retryable) == ("unreachable", True)
    assert "does not resolve" in error.what


async def test_a_proxy_whose_certificate_nobody_trusts(server_tls: ssl.SSLContext) -> None:
    """Told apart from the server's, with the option that gives a proxy trust."""
    async with ProxyServer(tls=server_tls) as server:
        error = await problem(server)
        assert (error.problem, error.retryable) == ("tls", False)
        assert "longwire.Proxy(" in error.hint


@pytest.mark.parametrize(
    ("kind", "raw", "problem_"),
    [
        ("http", b"", "unreachable"),
        ("http", b"HTTP/1.1 2", "unreachable"),
        ("http", b"\x05\x00", "protocol"),
        ("http", b"220 smtp.example ESMTP\r\n", "protocol"),
        ("http", b"HTTP/1.1 two hundred\r\n\r\n", "protocol"),
        ("http", b"HTTP/1.1 200 OK\r\nbroken\r\n\r\n", "protocol"),
        ("http", b"HTTP/1.1 200 OK\r\n\r\nmore", "protocol"),
        ("http", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, "protocol"),
        ("socks4", b"", "unreachable"),
        ("socks4", b"HTTP/1.1 400 Bad Request\r\n\r\n", "protocol"),
        ("socks5", b"", "unreachable"),
        ("socks5", b"\x05", "unreachable"),
        ("socks5", b"HTTP/1.1 400 Bad Request\r\n\r\n", "protocol"),
        ("socks5", b"\x05\x00\x05\x00\x00\x09", "protocol"),
        ("socks5", b"\x05\x00\x05\x00\x07", "protocol"),
        ("socks5", b"\x05\x63", "protocol"),
        ("socks5", b"\x05\xff", "credentials"),
    ],
)
async def test_what_answers_is_no_proxy(kind: Kind, raw: bytes, problem_: str) -> None:
    """Whatever comes, it ends in this one error, at once."""
    async with ProxyServer(kind, raw=raw) as server:
        error = await problem(server, open_timeout=NEVER)
        assert error.problem == problem_
        assert error.retryable == (problem_ == "unreachable")


STAGES: list[Stage] = ["accepted", "asked", "half answered", "tunnelled"]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(("kind", "scheme"), WAYS)
async def test_a_proxy_that_hangs_runs_into_the_one_deadline(
    kind: Kind, scheme: str, stage: Stage, contexts: Contexts
) -> None:
    """It is told with whom the time was spent, and the connection is closed."""
    async with server_for(kind, scheme, contexts.server, hang_at=stage) as server:
        async with NumberedFeed() as feed:
            way = proxy_for(server, scheme, contexts.client)
            error = await failure(feed.url, proxy=way, open_timeout=SOON)
            assert error.kind == "timeout"
            assert (f"proxy {way}" in error.what) == (stage != "tunnelled")
        await server.all_ended()


@pytest.mark.both_loops
@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("scheme", ["http", "https", "socks5h"])
async def test_cancelled_at_each_stage(
    engine: str,
    scheme: str,
    stage: Stage,
    secure: bool,
    contexts: Contexts,
) -> None:
    """No socket, task or timer is left, however far it had come."""
    kind: Kind = "socks5" if scheme == "socks5h" else "http"
    async with server_for(kind, scheme, contexts.server, hang_at=stage) as server:
        async with NumberedFeed(tls=contexts.server if secure else None) as feed:
            dialling = asyncio.create_task(
                dial(
                    feed.url,
                    tls=contexts.client,
                    proxy=proxy_for(server, scheme, contexts.client),
                    open_timeout=NEVER,
                )
            )
            await server.at(stage)
            dialling.cancel()
            with pytest.raises(asyncio.CancelledError):
                await dialling
            await server.all_ended()
    gc.collect()


@pytest.mark.parametrize("scheme", ["http", "https", "socks5h"])
async def test_cancelled_in_any_turn(engine: str, scheme: str, contexts: Contexts) -> None:
    """Turn by turn of the loop, from the first to the link itself: everything is closed."""
    kind: Kind = "socks5" if scheme.startswith("socks") else "http"
    async with server_for(kind, scheme, contexts.server) as server:
        async with NumberedFeed(tls=contexts.server) as feed:
            # By its address, so that no thread of the resolver decides in which turn what happens.
            url = server.url(scheme).replace("localhost", "127.0.0.1")
            way = Proxy(url, tls=contexts.client if scheme == "https" else None)
            for turns in range(0, 40, 2):
                dialling = asyncio.create_task(dial(feed.url, tls=contexts.client, proxy=way))
                for _ in range(turns):
                    await asyncio.sleep(0)
                dialling.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await (await dialling).close()
            await server.all_ended()
    gc.collect()


async def test_redirects_go_through_the_proxy_too() -> None:
    """Each hop asks for its own tunnel."""
    async with ProxyServer() as server, NumberedFeed() as target:
        async with NumberedFeed(opening=openings.redirect(target.url)) as feed:
            link = await dial(feed.url, proxy=server.url())
            assert [port for _, port in server.asked] == [feed.port, target.port]
            await link.close()


@pytest.mark.parametrize("kind", ["http", "socks5", "socks4"])
async def test_no_secret_is_shown(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """The proxy's password is in no text, cause or record, whatever goes wrong."""
    caplog.set_level(logging.DEBUG)
    cases: list[dict[str, Any]] = [
        {"refuse": {"http": 502, "socks4": 0x5B, "socks5": 5}[kind]},
        {"raw": b"x"},
        {"raw": b""},
        {"userinfo": ("eve", "x")},
    ]
    for options in cases:
        async with ProxyServer(kind, **options) as server:
            error: BaseException | None = await failure(
                "ws://127.0.0.1:1/", proxy=server.url(kind, USER)
            )
            while error is not None:
                assert SECRET not in f"{error} {error!r} {error.args} {vars(error)}"
                error = error.__cause__ or error.__context__
    assert SECRET not in caplog.text
