"""A client that reads slowly, or not at all."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import serve

from longwire.testing import NumberedFeed, SlowReader


async def test_who_reads_nothing_holds_the_server_up() -> None:
    """What is sent fills the buffers on the way, and then the server cannot write any more."""
    async with NumberedFeed(rate=math.inf, encode=lambda _: "x" * 10_000) as feed:
        async with SlowReader(feed.url) as reader:
            link = await feed.link()
            await link.changes.until(lambda: len(link.sent) > 10, what="ten messages")
            assert reader.received == 0
            with pytest.raises(TimeoutError):
                await reader.ended()


async def test_what_was_not_read_can_be_drained() -> None:
    """All of it comes, up to the end."""
    async with NumberedFeed() as feed:
        async with SlowReader(feed.url) as reader:
            link = await feed.link()
            feed.emit(10)
            await link.changes.until(lambda: len(link.sent) == 10, what="ten messages")
            await feed.stop()
            assert await reader.drain() in {"fin", "reset"}
            assert reader.received >= 10 * len("0 of the feed")


async def test_it_reads_at_its_rate_up_to_the_end() -> None:
    """Every byte is counted, and the end is found out."""
    text = "x" * 100

    async def handler(connection: Any) -> None:
        for _ in range(10):
            await connection.send(text)

    async with serve(handler, "127.0.0.1", 0, compression=None, close_timeout=0.05) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with SlowReader(f"ws://127.0.0.1:{port}/", rate=100_000) as reader:
            assert await reader.ended() in {"fin", "reset"}
            assert reader.received >= 10 * (2 + len(text))


async def test_an_opening_that_is_refused() -> None:
    """Is an error, and leaves no socket."""

    async def refuse(connection: Any, request: Any) -> Any:
        return connection.respond(HTTPStatus.FORBIDDEN, "no")

    async with serve(lambda _: None, "127.0.0.1", 0, process_request=refuse) as server:  # type: ignore[arg-type,return-value]
        port = next(iter(server.sockets)).getsockname()[1]
        with pytest.raises(ConnectionError, match="did not accept"):
            async with SlowReader(f"ws://127.0.0.1:{port}/"):
                pass


@pytest.mark.parametrize(
    ("url", "rate", "why"),
    [("wss://x/", 0, "TLS would read ahead"), ("ws://x/", -1, "must not be negative")],
)
def test_what_cannot_be_meant(url: str, rate: float, why: str) -> None:
    """Is refused at once."""
    with pytest.raises(ValueError, match=why):
        SlowReader(url, rate=rate)
