"""The demonstration's feed: numbers that go on, strict pings, and what can be done to its links."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from longwire.cli.demo.feed import HOST, Feed, message_of, number_of
from longwire.link.dial import dial
from longwire.link.options import LinkOptions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from longwire.link.link import WireLink


@pytest.fixture
async def feed() -> AsyncIterator[Feed]:
    """A feed that counts quickly and pings rarely."""
    feed = Feed(rate=500, ping_every=60, ping_within=60)
    yield feed
    await feed.finish()
    await feed.stop()


async def subscribed(port: int) -> WireLink:
    link = await dial(f"ws://{HOST}:{port}/", options=LinkOptions(close_timeout=1))
    await link.send("numbers, please")
    return link


def test_messages_carry_their_number() -> None:
    """What is written can be read; a message without a number has none."""
    assert number_of(message_of(42)) == 42
    assert number_of(message_of(42).encode()) == 42
    assert number_of("{}") is None


async def test_numbers_start_with_the_first_subscription_and_go_on(feed: Feed) -> None:
    """From 1 on without a gap; what came while nobody listened is lost, the count says so."""
    port = await feed.start()
    link = await subscribed(port)
    assert [number_of(await link.recv(10)) for _ in range(20)] == list(range(1, 21))
    await link.close()
    reached = feed.head
    link = await subscribed(port)
    first = number_of(await link.recv(10))
    assert first is not None
    assert first > reached
    sent = await feed.finish()
    last = first
    while last < sent:
        last = number_of(await link.recv(10)) or 0
    assert last == sent == feed.head
    await link.close()


async def test_its_links_can_be_closed_and_its_server_started_anew(feed: Feed) -> None:
    """A close reaches every link with its code; after a restart the numbers have gone on."""
    link = await subscribed(await feed.start())
    first = number_of(await link.recv(10))
    await feed.close_links(1012, "restarting")
    closure = await link.wait_closed()
    assert closure.received_code == 1012
    await feed.stop()
    link = await subscribed(await feed.start())
    assert (number_of(await link.recv(10)) or 0) > (first or 0)
    await link.close()


async def test_mute_links_stay_mute_and_others_do_not(feed: Feed) -> None:
    """A mute link is sent no data but answers pings; a new one gets numbers."""
    port = await feed.start()
    deaf = await subscribed(port)
    await deaf.recv(10)
    feed.mute_links()
    await deaf.ping()
    received = deaf.received
    other = await subscribed(port)
    for _ in range(10):
        await other.recv(10)
    await deaf.ping()
    assert deaf.received == received
    await other.close()
    await deaf.close()


async def test_a_link_that_answers_no_ping_is_closed_with_1011() -> None:
    """The pings are strict; answered ones are timed."""
    feed = Feed(rate=500, ping_every=0.02, ping_within=0.1)
    link = await subscribed(await feed.start())
    try:
        while not feed.round_trips:
            await link.recv(10)
        # Our own end keeps the bytes, the ping among them, in the system's buffers.
        link._transport.pause_reading()
        while feed._links:
            await feed._grown.wait()
        link._transport.resume_reading()
        closure = await link.wait_closed()
        assert (closure.received_code, closure.received_reason) == (1011, "keepalive ping timeout")
    finally:
        link.abort()
        await link.wait_gone()
        await feed.finish()
        await feed.stop()
