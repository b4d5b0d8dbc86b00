"""A connection crosses the proxy whole, and its two sides end together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from longwire.chaos import Proxy
from longwire.chaos.frames import PING, PONG
from longwire.testing import NumberedFeed, openings
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    import ssl


async def test_the_server_is_asked_for_what_the_proxy_was_told(feed: NumberedFeed) -> None:
    """Its own host and path, the client's query and fields."""
    async with Proxy(feed.url) as proxy:
        async with RawClient(f"{proxy.url}other?a=1", offer="X-Mine: 7\r\n") as client:
            await client.open()
            link = await feed.live()
    assert link.head is not None
    assert link.head.target == "/feed?a=1"
    assert link.head.headers["host"] == f"127.0.0.1:{feed.port}"
    assert link.head.headers["x-mine"] == "7"


async def test_a_server_that_is_not_there(unused_tcp_port: int) -> None:
    """The client is told with 502, as a reverse proxy does it."""
    async with Proxy(f"ws://127.0.0.1:{unused_tcp_port}") as proxy:
        async with RawClient(proxy.url) as client:
            await client.open()
            assert client.head.startswith(b"HTTP/1.1 502 ")
            assert await client.ending() == "fin"
        (record,) = await proxy.journal.until("unreachable", crossing=1)
        assert record["error"] == "ConnectionRefusedError"
        await proxy.journal.until("over", crossing=1)


async def test_a_request_that_is_too_long() -> None:
    """It is refused, and not kept."""
    async with Proxy("ws://127.0.0.1:1") as proxy:
        async with RawClient(proxy.url, offer=f"X: {'x' * 80_000}\r\n") as client:
            await client.open()
            assert client.head.startswith(b"HTTP/1.1 431 ")
        await proxy.journal.until("over", crossing=1)


async def test_a_request_that_is_far_too_long_is_answered() -> None:
    """What comes behind the answer is read: else a reset would overtake it."""
    async with (
        Proxy("ws://127.0.0.1:1") as proxy,
        RawClient(proxy.url, offer=f"X: {'x' * 2**20}\r\n") as client,
    ):
        await client.open()
        assert client.head.startswith(b"HTTP/1.1 431 ")
        assert await client.ending() == "fin"


async def test_half_a_request() -> None:
    """A client that goes in the midst of it leaves nothing behind."""
    async with Proxy("ws://127.0.0.1:1") as proxy:
        _, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"GET / HT")
        writer.close()
        await proxy.journal.until("over", crossing=1)
        assert proxy.crossings == []


async def test_an_answer_that_is_not_101_goes_on(feed: NumberedFeed) -> None:
    """With its body, and counts as no opening."""
    feed.opening = openings.reject(404, body=b"not here")
    async with Proxy(feed.url, ["reset after='1 frame'"]) as proxy:
        async with RawClient(proxy.url) as client:
            await client.open()
            assert client.head.startswith(b"HTTP/1.1 404 ")
            async with asyncio.timeout(10):
                assert await client.reader.readexactly(8) == b"not here"
        await proxy.journal.until("over", crossing=1)
        assert proxy.journal.find("declines", crossing=1, status=404)
        assert proxy.journal.find("opens") == []


async def test_both_sides_end_with_a_reset(feed: NumberedFeed) -> None:
    """Client and server see it, and the crossing is over."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as client:
        await client.open()
        link = await feed.live()
        proxy.crossings[0].reset()
        assert await client.ending() == "reset"
        await link.wait_ended()
        assert isinstance(link.error, ConnectionResetError)
        await proxy.journal.until("over", crossing=1)


async def test_both_sides_end_with_a_fin(feed: NumberedFeed) -> None:
    """Even where data comes that nobody reads any more."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as client:
        await client.open()
        link = await feed.live()
        proxy.crossings[0].close()
        feed.emit(3)
        client.send(b"too late")
        assert await client.ending() == "fin"
        assert client.rest() == []
        client.writer.close()
        await link.wait_ended()
        assert link.error is None
        await proxy.journal.until("over", crossing=1)


async def test_calls_for_later_end_with_the_crossing(feed: NumberedFeed) -> None:
    """No timer of it is left."""
    called: list[int] = []
    async with Proxy(feed.url) as proxy:
        async with RawClient(proxy.url) as client:
            await client.open()
            crossing = proxy.crossings[0]
            crossing.later(0.0, lambda: called.append(1))
            crossing.later(0.05, lambda: called.append(2))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        await proxy.journal.until("over", crossing=1)
        crossing.later(0.0, lambda: called.append(3))
        passed = asyncio.Event()
        proxy.later(0.1, passed.set)
        await passed.wait()
    assert called == [1]


async def test_tls_on_both_sides(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    """The proxy speaks TLS with its client, and with its server."""
    async with NumberedFeed(tls=server_tls) as feed:
        url = feed.url.replace("127.0.0.1", "localhost")
        async with (
            Proxy(url, host="localhost", tls=server_tls, to_tls=client_tls) as proxy,
            RawClient(proxy.url, tls=client_tls) as client,
        ):
            assert proxy.url.startswith("wss://localhost:")
            await client.open()
            await feed.live()
            feed.emit(2)
            assert await client.texts(2) == ["0 of the feed", "1 of the feed"]
            proxy.crossings[0].close()
            assert await client.ending() == "fin"


async def test_a_client_that_does_not_speak_tls(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """It fails alone: the next one is served."""
    async with (
        NumberedFeed() as feed,
        Proxy(feed.url, host="localhost", tls=server_tls) as proxy,
    ):
        _, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await proxy.journal.until("over", crossing=1)
        writer.close()
        assert proxy.journal.find("fails", crossing=1)
        async with RawClient(proxy.url, tls=client_tls) as client:
            await client.open()
            client.send(b"x", PING)
            assert (await client.frame()).payload == b"x"


async def test_tls_lets_one_message_after_the_other_pass(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """In both directions, each in a read of its own: none waits for the next."""
    async with NumberedFeed(tls=server_tls) as feed:
        url = feed.url.replace("127.0.0.1", "localhost")
        async with (
            Proxy(url, host="localhost", tls=server_tls, to_tls=client_tls) as proxy,
            RawClient(proxy.url, tls=client_tls) as client,
        ):
            await client.open()
            link = await feed.live()
            for number in range(5):
                feed.emit(1)
                assert await client.texts(1) == [f"{number} of the feed"]
                client.send(b"heard", PING)
                assert (await client.frame()).opcode == PONG
            assert link.sent == list(range(5))


async def test_an_ignored_connection_can_be_reset(feed: NumberedFeed) -> None:
    """One that is accepted and not read is a connection, too."""
    async with Proxy(feed.url, ["ignore-opening"]) as proxy, RawClient(proxy.url) as client:
        await proxy.journal.until("ignores")
        proxy.crossings[0].reset()
        assert await client.ending() == "reset"
        await proxy.journal.until("over", crossing=1)
