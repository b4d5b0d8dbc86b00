"""Answers to an opening handshake, seen by a client that is not ours."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidHandshake, InvalidStatus

from longwire.testing import NumberedFeed, frames, openings

if TYPE_CHECKING:
    from collections.abc import Callable

    from websockets.asyncio.client import connect

    from longwire.testing.rawlink import Opening

    Dial = Callable[[str], connect]


def test_the_key_of_the_rfc() -> None:
    """RFC 6455 1.3 gives this pair."""
    assert openings.accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


async def test_added_headers_and_early_bytes(dial: Dial) -> None:
    """The answer carries what it is told, and frames may come right behind it."""
    opening = openings.accept_with({"X-Feed": "7"}, early=frames.frame(frames.TEXT, b"early"))
    async with NumberedFeed(opening=opening) as feed, dial(feed.url) as client:
        assert client.response is not None
        assert client.response.headers["X-Feed"] == "7"
        assert await client.recv() == "early"


async def test_the_request_is_kept(dial: Dial) -> None:
    """A test can look at what the client asked."""
    async with NumberedFeed() as feed, dial(feed.url + "?x=1"):
        head = (await feed.link()).head
        assert head is not None
        assert head.target == "/feed?x=1"
        assert head.headers["upgrade"] == "websocket"


async def test_accept_then_close(dial: Dial) -> None:
    """101, then a close frame at once."""
    opening = openings.accept_then_close(1013, "later")
    async with NumberedFeed(opening=opening) as feed, dial(feed.url) as client:
        with pytest.raises(ConnectionClosedError):
            await client.recv()
        assert (client.close_code, client.close_reason) == (1013, "later")


async def test_reject(dial: Dial) -> None:
    """A status, its headers and its body."""
    opening = openings.reject(429, {"Retry-After": "7"}, b"slow down")
    async with NumberedFeed(opening=opening) as feed:
        with pytest.raises(InvalidStatus) as caught:
            await dial(feed.url)
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    assert caught.value.response.body == b"slow down"


async def test_redirect(dial: Dial) -> None:
    """The client is sent to another feed and takes it."""
    async with (
        NumberedFeed() as there,
        NumberedFeed(opening=openings.redirect(there.url)) as here,
        dial(here.url),
    ):
        await there.link()
        assert len(here.links) == 1


@pytest.mark.parametrize(
    "opening",
    [
        openings.wrong_accept_key,
        openings.garbage(),
        openings.garbage(b"HTTP/1.1 101 OK\r\n\r\n"),
        openings.end_of_file,
        openings.end_inside_answer,
        openings.reset_instead,
    ],
    ids=["wrong-key", "garbage", "bare-101", "eof", "eof-inside", "reset"],
)
async def test_no_answer_to_trust(dial: Dial, opening: Opening) -> None:
    """None of these is a handshake."""
    async with NumberedFeed(opening=opening) as feed:
        with pytest.raises((InvalidHandshake, OSError)):
            await dial(feed.url)


async def test_never_answered(dial: Dial) -> None:
    """The client waits as long as it likes."""
    async with NumberedFeed(opening=openings.never_answer) as feed:

        async def forever() -> None:
            await dial(feed.url)

        dialing = asyncio.create_task(forever())
        link = await feed.attempt()
        await link.read_head(timeout=10)
        assert not dialing.done()
        dialing.cancel()
        await link.wait_ended()


async def test_dripped(dial: Dial) -> None:
    """Byte by byte, and correct in the end."""
    async with NumberedFeed(opening=openings.drip(0)) as feed, dial(feed.url) as client:
        await feed.link()
        feed.emit(1)
        assert await client.recv() == "0 of the feed"


async def test_accepted_when_the_gate_opens(dial: Dial) -> None:
    """The moment of the answer is the test's to choose."""
    gate = asyncio.Event()
    async with NumberedFeed(opening=openings.accept_after(gate)) as feed:

        async def release() -> None:
            await (await feed.attempt()).read_head(timeout=10)
            gate.set()

        async with asyncio.TaskGroup() as group:
            group.create_task(release())
            async with dial(feed.url):
                assert gate.is_set()


async def test_once_and_then_as_ever(dial: Dial) -> None:
    """``openings_once`` is for the next connections only."""
    async with NumberedFeed() as feed:
        feed.openings_once.append(openings.reject(404))
        with pytest.raises(InvalidStatus):
            await dial(feed.url)
        async with dial(feed.url):
            assert (await feed.link()).index == 1
