"""The proxy strikes as it is told, refuses and accepts again, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from longwire.chaos import Fault, Proxy
from longwire.chaos.frames import TEXT
from longwire.errors import AddressError
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos import Frame
    from longwire.chaos.lane import Lane
    from longwire.testing import NumberedFeed


def test_what_makes_no_sense_is_refused_at_once() -> None:
    """Before anything listens."""
    with pytest.raises(AddressError):
        Proxy("http://127.0.0.1")
    with pytest.raises(ValueError, match="no fault is called 'mte'"):
        Proxy("ws://127.0.0.1", ["mte"])


async def test_it_runs_once() -> None:
    """And before it does, it has no port, and nothing can strike."""
    proxy = Proxy("ws://127.0.0.1:9")
    with pytest.raises(RuntimeError, match="has no port yet"):
        assert proxy.url
    with pytest.raises(RuntimeError, match="does not run yet"):
        proxy.strike("refuse")
    async with proxy:
        assert proxy.url
    with pytest.raises(RuntimeError, match="entered once"):
        async with proxy:
            pass


async def test_a_strike_for_one_that_is_on_its_way(feed: NumberedFeed) -> None:
    """It was accepted, and the server is not reached yet: it is among those that are there."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as client:
        await proxy.journal.until("accepts", crossing=1)
        ended = proxy.strike("mute", only_now=True)
        proxy.strike("inject text=struck", only_now=True)
        proxy.end(ended)
        await client.open()
        await feed.live()
        feed.emit()
        assert await client.texts(2) == ["struck", "0 of the feed"]
        assert not proxy.journal.find("strikes", fault="mute")
        async with RawClient(proxy.url) as second:
            await second.open()
            await feed.live(2)
            feed.emit()
            assert await second.texts(1) == ["1 of the feed"]


async def test_strikes_come_and_go_while_it_runs(feed: NumberedFeed) -> None:
    """On connections that are there, and on those that come."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as first:
        await first.open()
        await feed.live()
        order = proxy.strike("drop-every n=1")
        feed.emit()
        async with RawClient(proxy.url) as second:
            await second.open()
            await feed.live(2)
            feed.emit()
            await proxy.journal.until("changes", times=3)
            assert list(proxy.strikes) == [order]
            proxy.end(order)
            feed.emit()
            assert await first.texts(1) == await second.texts(1) == ["2 of the feed"]
        assert proxy.strikes == {}
        with pytest.raises(KeyError):
            proxy.end(order)


async def test_a_strike_for_those_that_are_there(feed: NumberedFeed) -> None:
    """Later connections are spared."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as first:
        await first.open()
        await feed.live()
        order = proxy.strike("drop-every n=1", only_now=True)
        async with RawClient(proxy.url) as second:
            await second.open()
            await feed.live(2)
            feed.emit()
            assert await second.texts(1) == ["0 of the feed"]
            await proxy.journal.until("changes", crossing=1)
        proxy.end(order)
        feed.emit()
        assert await first.texts(1) == ["1 of the feed"]


async def test_several_strikes_at_once(feed: NumberedFeed) -> None:
    """Each sees what the one before it let through."""
    strikes = ["drop-every n=2", "duplicate n=2", "fin after='5 frames'"]
    async with Proxy(feed.url, strikes) as proxy, RawClient(proxy.url) as client:
        await client.open()
        await feed.live()
        feed.emit(20)
        assert await client.ending() == "fin"
        assert [one.payload[:2].strip() for one in client.rest()] == [b"0", b"2", b"2", b"4", b"6"]


async def test_nobody_listens_for_a_while(feed: NumberedFeed) -> None:
    """The system refuses, open connections live on, and then the port is the same."""
    async with Proxy(feed.url) as proxy, RawClient(proxy.url) as client:
        await client.open()
        await feed.live()
        port = proxy.port
        order = proxy.strike("refuse")
        await proxy.journal.until("refuses")
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        feed.emit()
        assert await client.texts(1) == ["0 of the feed"]
        proxy.end(order)
        await proxy.journal.until("listens", times=2)
        async with RawClient(proxy.url) as second:
            await second.open()
        assert proxy.port == port


async def test_chance_of_an_answer_is_drawn_for_each_connection(feed: NumberedFeed) -> None:
    """The same in every run with the same seed."""

    async def rejected() -> list[bool]:
        found = []
        async with Proxy(feed.url, ["reject-opening chance=0.5"], seed=9) as proxy:
            for _ in range(12):
                async with RawClient(proxy.url) as client:
                    await client.open()
                    found.append(b" 503 " in client.head)
        return found

    first = await rejected()
    assert {True, False} == set(first)
    assert await rejected() == first


async def test_it_ends_with_everything(feed: NumberedFeed) -> None:
    """Connections in any state: open, in their opening, ignored; timers; the listening socket."""
    async with Proxy(feed.url, ["ignore-opening crossings=2", "freeze crossings=3"]) as proxy:
        clients = [RawClient(proxy.url) for _ in range(3)]
        for client in clients:
            await client.__aenter__()
        _, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        await clients[0].open()
        await proxy.journal.until("ignores")
        await proxy.journal.until("accepts", times=4)
        proxy.later(1000, lambda: None)
        port = proxy.port
    for client in clients:
        await client.ending()
        await client.__aexit__(None, None, None)
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


@dataclass(kw_only=True)
class Faulty(Fault):
    """Fail itself."""

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """There is a mistake in it."""
        raise ZeroDivisionError


async def test_a_mistake_in_a_fault_is_not_silent(feed: NumberedFeed) -> None:
    """It ends the proxy, and comes out of it."""

    async def meet_it() -> None:
        async with Proxy(feed.url, [Faulty()]) as proxy, RawClient(proxy.url) as client:
            await client.open()
            await feed.live()
            feed.emit()
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as raised:
        await meet_it()
    assert raised.value.split(ZeroDivisionError)[1] is None


async def test_no_secret_is_written_down(
    feed: NumberedFeed, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither of a URL, nor of a field, nor of a message."""
    caplog.set_level(logging.DEBUG)
    strikes = ["duplicate n=1", "corrupt matching=hush1", "reset after='3 frames'"]
    async with Proxy(f"{feed.url}?token=hush2", strikes) as proxy:
        async with RawClient(f"{proxy.url}?key=hush3", offer="Cookie: hush4\r\n") as client:
            await client.open()
            link = await feed.live()
            for _ in range(3):
                link.send("hush1")
            assert await client.ending() == "reset"
        told = f"{list(proxy.journal)} {proxy.to!r} {caplog.text}"
    assert "hush" not in told


async def test_many_messages_pass_unharmed(feed: NumberedFeed) -> None:
    """Tens of thousands, through a fault that looks at each."""
    async with Proxy(feed.url, ["noop"]) as proxy, RawClient(proxy.url) as client:
        await client.open()
        await feed.live()
        feed.emit(20_000)
        frames = await client.frames(20_000)
        assert {one.opcode for one in frames} == {TEXT}
        assert frames[-1].payload == b"19999 of the feed"


async def test_an_error_inside_stays_what_it_is(feed: NumberedFeed) -> None:
    """It comes out of the block as it was raised, in no group."""
    with pytest.raises(ZeroDivisionError):
        async with Proxy(feed.url):
            raise ZeroDivisionError


async def test_refusing_again_and_again_without_a_pause(feed: NumberedFeed) -> None:
    """In the end it is as the last order was."""
    async with Proxy(feed.url) as proxy:
        for _ in range(5):
            proxy.end(proxy.strike("refuse"))
        async with RawClient(proxy.url) as client:
            await client.open()
