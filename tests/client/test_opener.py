"""Opening a link the way a client's settings ask for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import longwire
from longwire.client.carriage import Carriage
from longwire.client.opener import open_link
from longwire.link.inbox import Inbox
from longwire.testing import NumberedFeed, frames, openings

if TYPE_CHECKING:
    from longwire.client.watch import Watch


class Listener:
    """Writes down what it is told, in order."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.ended = asyncio.Event()

    def link_opened(self, watch: Watch) -> None:
        self.told.append("opened")

    def link_spoke(self, watch: Watch) -> None:
        self.told.append("spoke")

    def link_silent(self, watch: Watch) -> None:
        self.told.append("silent")

    def link_ended(self, watch: Watch, closure: longwire.Closure) -> None:
        self.told.append("ended")
        self.ended.set()

    def link_paused(self, watch: Watch) -> None:
        self.told.append("paused")

    def link_writable(self, watch: Watch) -> None:
        self.told.append("writable")


async def open_one(url: Any, listener: Listener, inbox: Inbox, **options: Any) -> Watch:
    """A link on the running loop."""
    settings = longwire.connect(url, isolate=False, **options)._settings
    carriage = Carriage(asyncio.get_running_loop(), isolated=False)
    return await open_link(settings, carriage, 0, inbox=inbox, listener=listener)


async def test_opened_is_told_once_and_first(within: Any) -> None:
    """Before the first message, though that and the end come with the handshake."""
    early = frames.frame(frames.TEXT, b"x") + frames.frame(frames.CLOSE)
    listener, inbox = Listener(), Inbox(10, 1000)
    async with NumberedFeed(opening=openings.accept_with({}, early=early)) as feed, within():
        watch = await open_one(feed.url, listener, inbox)
        await watch.link.wait_gone()
    assert listener.told == ["opened", "spoke", "ended"]
    assert inbox.take() == ["x"]


@pytest.mark.parametrize("way", ["slow", "raises", "times out", "wrong"])
async def test_a_subscribe_function_that_fails(within: Any, way: str) -> None:
    """Too slow, an exception, or no list: a ConnectError that says whose it is; no dial."""

    async def subscribe() -> Any:
        if way == "slow":
            await asyncio.Event().wait()
        if way == "raises":
            raise OSError("the token service is down")
        if way == "times out":
            raise TimeoutError("the token service is slow")
        return "one bare message"

    listener = Listener()
    async with NumberedFeed() as feed, within():
        with pytest.raises(longwire.ConnectError) as caught:
            await open_one(
                feed.url, listener, Inbox(10, 1000), subscribe=subscribe, open_timeout=0.1
            )
        assert feed.links == []
    assert caught.value.kind == "local"
    assert caught.value.retryable is (way != "wrong")
    assert "token" not in str(caught.value)
    assert ("within 0.1 s" in str(caught.value)) is (way == "slow")
    assert listener.told == []


async def test_turns_go_round_all_urls(within: Any) -> None:
    """The turn counts on for ever."""
    async with NumberedFeed() as one, NumberedFeed() as two, within():
        settings = longwire.connect([one.url, two.url], isolate=False)._settings
        carriage = Carriage(asyncio.get_running_loop(), isolated=False)
        for turn in range(4):
            watch = await open_link(
                settings, carriage, turn, inbox=Inbox(10, 1000), listener=Listener()
            )
            watch.link.abort()
            await watch.link.wait_gone()
        assert (len(one.links), len(two.links)) == (2, 2)
