"""The opening is answered with a status, and the server is not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from longwire.chaos import Proxy
from tests.chaos.faults.crossed import another, over, refuses
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    import ssl

    from longwire.testing import NumberedFeed


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("", b"503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0"),
        (
            "status=429 retry_after=7 body='slow down'",
            b"429 Too Many Requests\r\nRetry-After: 7\r\nConnection: close\r\nContent-Length: 9",
        ),
        (
            "status=302 location=wss://a.example/",
            b"302 Found\r\nLocation: wss://a.example/\r\nConnection: close\r\nContent-Length: 0",
        ),
        ("status=401", b"401 Unauthorized\r\nConnection: close\r\nContent-Length: 0"),
        ("status=599", b"599 Chaos\r\nConnection: close\r\nContent-Length: 0"),
    ],
)
async def test_its_answer(feed: NumberedFeed, line: str, answer: bytes) -> None:
    """To the byte, and then FIN."""
    async with Proxy(feed.url, [f"reject-opening {line}"]) as proxy, RawClient(proxy.url) as client:
        await client.open()
        assert client.head == b"HTTP/1.1 " + answer + b"\r\n\r\n"
        assert await client.reader.read() == (b"slow down" if "body" in line else b"")
        client.writer.close()
        await over(proxy)
        assert feed.links == []


async def test_some_are_let_in(feed: NumberedFeed) -> None:
    """By their number; and all, when it is over."""
    async with Proxy(feed.url, ["reject-opening crossings=1-2"]) as proxy:
        for _ in range(2):
            async with RawClient(proxy.url) as client:
                await client.open()
                assert client.head.startswith(b"HTTP/1.1 503 ")
        async with another(proxy, feed, 1) as (client, _):
            assert client.head.startswith(b"HTTP/1.1 101 ")
        order = proxy.strike("reject-opening status=403")
        async with RawClient(proxy.url) as client:
            await client.open()
            assert client.head.startswith(b"HTTP/1.1 403 ")
        proxy.end(order)
        async with another(proxy, feed, 2) as (client, _):
            assert client.head.startswith(b"HTTP/1.1 101 ")


async def test_chance_is_the_same_with_the_same_seed(feed: NumberedFeed) -> None:
    """About half of them, and the same ones in each run."""
    runs = []
    for _ in range(2):
        statuses = []
        async with Proxy(feed.url, ["reject-opening chance=0.5"], seed=7) as proxy:
            for _ in range(12):
                async with RawClient(proxy.url) as client:
                    await client.open()
                    statuses.append(client.head.split(b" ")[1])
        runs.append(statuses)
    assert runs[0] == runs[1]
    assert set(runs[0]) == {b"101", b"503"}


async def test_with_tls(
    feed: NumberedFeed, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """The answer comes whole, and then TLS is closed."""
    async with (
        Proxy(feed.url, ["reject-opening body=no"], tls=server_tls) as proxy,
        RawClient(proxy.url, tls=client_tls) as client,
    ):
        await client.open()
        assert await client.reader.read() == b"no"


def test_what_makes_no_sense() -> None:
    """A status that is none or lets the client in, a field that would be two."""
    refuses("reject-opening status=101", "status must be from 200 to 599")
    refuses("reject-opening status=600", "status must be from 200 to 599")
    refuses("reject-opening retry_after=-1", "retry_after must be at least 0")
    refuses("reject-opening 'location=a\r\nSet-Cookie: b'", "location must be printable ASCII")
