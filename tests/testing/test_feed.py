"""The feed behaves unless told otherwise, and remembers what it sent."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import socket
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import ConnectionClosedOK

from longwire.testing import NumberedFeed, json_message, number_of, text_message
from longwire.testing.misbehave import reset

if TYPE_CHECKING:
    from collections.abc import Callable

    from websockets.asyncio.client import connect

    Dial = Callable[[str], connect]


async def test_numbers_arrive_and_are_remembered(dial: Dial) -> None:
    """What was emitted is what came, in order, and the feed knows on which link."""
    async with NumberedFeed() as feed, dial(feed.url) as client:
        link = await feed.link()
        assert feed.emit(3) == range(3)
        assert [number_of(await client.recv()) for _ in range(3)] == [0, 1, 2]
        assert link.sent == [0, 1, 2]
        assert feed.sent() == [[0, 1, 2]]
        assert feed.next_number == 3


async def test_both_forms_have_their_number() -> None:
    """Text and JSON; an acknowledgement has none."""
    assert number_of(text_message(7)) == 7
    assert number_of(json_message(7)) == 7
    assert number_of(json_message(7).encode()) == 7
    assert number_of('{"ok": true}') is None
    assert number_of("hello") is None


async def test_one_numbering_over_all_links(dial: Dial) -> None:
    """What nobody hears is lost; the next link goes on from there."""
    async with NumberedFeed() as feed:
        async with dial(feed.url) as client:
            await feed.link(1)
            feed.emit(2)
            assert [number_of(await client.recv()) for _ in range(2)] == [0, 1]
        await (await feed.link(1)).wait_ended()
        feed.emit(2)
        async with dial(feed.url) as client:
            await feed.link(2)
            feed.emit(1)
            assert number_of(await client.recv()) == 4
        assert feed.sent() == [[0, 1], [4]]
        assert await feed.refill(2, 9) == [text_message(n) for n in (2, 3, 4)]


async def test_a_rate_counts_by_itself(dial: Dial) -> None:
    """Numbers come without anyone asking; the order has no hole."""
    async with NumberedFeed(rate=500) as feed, dial(feed.url) as client:
        got = [number_of(await client.recv()) for _ in range(50)]
        first = got[0]
        assert first is not None
        assert got == list(range(first, first + 50))


async def test_a_holding_feed_waits_for_a_listener(dial: Dial) -> None:
    """With ``while_away="hold"`` the first number a client sees is 0."""
    async with NumberedFeed(rate=1_000, while_away="hold") as feed, dial(feed.url) as client:
        assert [number_of(await client.recv()) for _ in range(3)] == [0, 1, 2]


async def test_a_flood_waits_for_its_reader(dial: Dial) -> None:
    """As fast as read: everything comes in order, and memory stays bounded."""
    async with NumberedFeed(rate=math.inf) as feed, dial(feed.url) as client:
        got = [number_of(await client.recv()) for _ in range(5_000)]
        assert got == list(range(5_000))
        link = await feed.link()
        await link.changes.until(lambda: not link.writable, what="back-pressure")


async def test_misbehaviour_comes_right_behind_its_number(dial: Dial) -> None:
    """Not before and not later: 0 to 4 arrive, 5 is never sent."""
    async with NumberedFeed() as feed, dial(feed.url) as client:
        link = await feed.link()
        feed.after(4, lambda link: link.send_close(4000, "enough"))
        feed.emit(10)
        assert [number_of(await client.recv()) for _ in range(5)] == [0, 1, 2, 3, 4]
        await client.wait_closed()
        assert client.close_code == 4000
        assert link.sent == [0, 1, 2, 3, 4]
        assert feed.next_number == 10


async def test_a_subscription_is_waited_for(dial: Dial) -> None:
    """No number before the subscription; acknowledged where that is asked for."""
    async with NumberedFeed(subscription="ack") as feed, dial(feed.url) as client:
        feed.emit(1)
        await client.send("trades")
        link = await feed.link()
        feed.emit(1)
        assert json.loads(await client.recv()) == {"ok": True, "of": "trades"}
        assert number_of(await client.recv()) == 1
        assert link.messages == ["trades"]


async def test_a_silent_subscription_has_no_answer(dial: Dial) -> None:
    """The first thing to come is a number."""
    async with NumberedFeed(subscription="silent") as feed, dial(feed.url) as client:
        await client.send("trades")
        await feed.link()
        feed.emit(1)
        assert number_of(await client.recv()) == 0


@pytest.mark.parametrize("subscription", ["refuse", "ack-then-mute", "ignore"])
async def test_a_subscription_that_brings_nothing(dial: Dial, subscription: str) -> None:
    """Refused, acknowledged and then mute, or ignored: no number comes, but pongs do."""
    async with NumberedFeed() as feed:
        feed.subscription = subscription  # type: ignore[assignment]  # parametrised strings
        async with dial(feed.url) as client:
            await client.send("trades")
            link = await feed.attempt()
            await link.wait_message()
            feed.emit(5)
            await (await client.ping())
            if subscription != "ignore":
                assert number_of(await client.recv()) is None
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.recv(), 0.01)


async def test_a_close_is_answered(dial: Dial) -> None:
    """The client's code is seen, echoed, and TCP ends."""
    async with NumberedFeed() as feed:
        async with dial(feed.url) as client:
            await client.close(4321, "bye")
            assert client.close_code == 4321
        link = await feed.attempt()
        await link.wait_ended()
        assert link.received_close == (4321, "bye")
        assert not link.live


async def test_a_ping_confirms_what_was_sent(dial: Dial) -> None:
    """`ping` returns when the client has read all before it, and fails when the link ends."""
    async with NumberedFeed() as feed, dial(feed.url):
        link = await feed.link()
        feed.emit(5)
        await link.ping()
        asyncio.get_running_loop().call_soon(reset, link)
        with pytest.raises(ConnectionError):
            await link.ping()


async def test_fragments_from_the_client_are_joined(dial: Dial) -> None:
    """A message in pieces is one message."""
    async with NumberedFeed() as feed, dial(feed.url) as client:
        await client.send(["in ", "three ", "parts"])
        await client.send(b"\x00\xff")
        link = await feed.link()
        assert await link.wait_message(1) == "in three parts"
        assert await link.wait_message(2) == b"\x00\xff"


async def test_stopping_ends_every_link(dial: Dial) -> None:
    """No link outlives the feed, even a frozen one; nor does a task."""
    before = asyncio.all_tasks()
    feed = NumberedFeed()
    await feed.start()
    async with dial(feed.url) as client:
        (await feed.link()).freeze()
        await feed.stop()
        await client.wait_closed()
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("turns", range(5))
async def test_stopping_ends_who_was_just_accepted(turns: int) -> None:
    """However far its acceptance had come: nobody is left with a connection that nobody owns."""
    feed = NumberedFeed()
    await feed.start()
    with socket.create_connection(("127.0.0.1", feed.port)) as caller:
        for _ in range(turns):
            await asyncio.sleep(0)
        await feed.stop()
        caller.setblocking(False)
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.wait_for(asyncio.get_running_loop().sock_recv(caller, 1), 5) == b""


async def test_a_failing_opening_is_told() -> None:
    """An error of the feed's own is raised by `stop`, not swallowed."""

    async def broken(link: object) -> None:
        raise RuntimeError("no opening")

    feed = NumberedFeed(opening=broken)
    await feed.start()
    _, writer = await asyncio.open_connection("127.0.0.1", feed.port)
    link = await feed.attempt()
    await asyncio.wait(link.tasks)
    with pytest.raises(ExceptionGroup, match="failed by itself"):
        await feed.stop()
    writer.close()


async def test_waiting_has_a_deadline() -> None:
    """A client that never comes is a `TimeoutError` that says so."""
    async with NumberedFeed() as feed:
        with pytest.raises(TimeoutError, match="ready link 1"):
            await feed.link(timeout=0.01)
        with pytest.raises(TimeoutError, match="number 5"):
            await feed.reached(5, timeout=0.01)


async def test_normal_end_for_the_client(dial: Dial) -> None:
    """The feed can end a link in good order."""
    async with NumberedFeed() as feed, dial(feed.url) as client:
        (await feed.link()).send_close(1000)
        with pytest.raises(ConnectionClosedOK):
            await client.recv()
