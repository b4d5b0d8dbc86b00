"""With TLS on either side faults do what they do without: on frames, on bytes, and to the end."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from longwire.chaos import FAULTS, Proxy
from longwire.chaos.frames import CLOSE, PING, PONG, close_payload
from longwire.testing import PATIENCE, NumberedFeed
from tests.chaos.faults.crossed import crossed, over, ping, received, say, shown, until
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator
    from typing import Literal

    from tests.chaos.faults.crossed import Crossed

SAID = ["one", "two", "three", "four"]

PASSING = {
    "noop": SAID,
    "latency seconds=20ms jitter=5ms": SAID,
    "bandwidth rate=2kB": SAID,
    "slice size=1": SAID,
    "slice size=3 gap=1ms": SAID,
    "coalesce seconds=20ms": SAID,
    "freeze lasting=50ms": SAID,
    "early-frame wait=20ms": SAID,
    "trickle-opening size=50 gap=1ms": SAID,
    "old-session": SAID,
    "stale-subscription": SAID,
    "slow-close": SAID,
    "idle-kill": SAID,
    "age-cut": SAID,
    "late-pongs": SAID,
    "drop-pongs": SAID,
    "wrong-pongs": SAID,
    "mute after='1 message'": ["one"],
    "mute after='10 bytes'": ["one", "two"],
    "drop-every n=2": ["one", "three"],
    "lose-first n=2": ["three", "four"],
    "forget-subscriptions only=t": ["one", "four"],
    "lease-expiry seconds=0": [],
    "duplicate n=3": ["one", "two", "three", "three", "four"],
    "reorder n=1": ["two", "one", "four", "three"],
    "fragment size=3": ["one", "two", "thr", "ee", "fou", "r"],
    "stall-fragment after='1 message'": ["one", "tw"],
    "corrupt what=half": ["o", "two", "three", "four"],
    "corrupt what=mask": SAID,
    "oversize size=5": ["xxxxx", *SAID],
    "inject text=hi after='2 messages'": ["one", "two", "hi", "three", "four"],
    "size-limit size=4 how=drop": ["one", "two", "four"],
}
"""What comes through, in either direction, of what was said."""

ENDING: dict[str, tuple[list[str], Literal["fin", "reset"]]] = {
    "fin after='2 messages'": (["one", "two"], "fin"),
    "reset after='2 messages'": (["one", "two"], "reset"),
    "reset matching=three": (["one", "two"], "reset"),
    "half-close after='3 messages'": (["one", "two", "three"], "fin"),
    "limit-data size=12 after='0 bytes'": (["one", "two"], "fin"),
    "limit-data size=10 after='0 bytes' ending=reset": (["one", "two"], "reset"),
    "idle-kill idle=50ms": (SAID, "fin"),
    "idle-kill idle=50ms how=reset": (SAID, "reset"),
    "age-cut age=50ms how=fin": (SAID, "fin"),
    "age-cut age=50ms how=reset": (SAID, "reset"),
    "size-limit size=4 how=reset": (["one", "two"], "reset"),
    "size-limit size=4": (["one", "two"], "fin"),
}
"""What comes through from the server in front of which end."""

ELSEWHERE = {
    "black-hole",
    "close",
    "close-then-data",
    "drop-pings",
    "ignore-close",
    "ignore-opening",
    "ping-flood",
    "refuse",
    "reject-opening",
    "unoffered-subprotocol",
    "wrong-accept",
}
"""Faults that have tests of their own below."""


@contextlib.asynccontextmanager
async def over_tls(
    strike: str, server: ssl.SSLContext | None, client: ssl.SSLContext, tls: ssl.SSLContext | None
) -> AsyncIterator[Crossed]:
    """As `crossed`, with TLS where there is a context for it: at the feed, and at the proxy."""
    sides: dict[str, Any] = {
        "to_tls": None if server is None else client,
        "tls": tls,
        "client_tls": None if tls is None else client,
    }
    async with NumberedFeed(tls=server) as feed, crossed(feed, strike, **sides) as crossing:
        yield crossing


def test_every_fault_is_here() -> None:
    """A new one as well."""
    named = {line.split(" ", 1)[0] for line in [*PASSING, *ENDING]}
    assert named | ELSEWHERE == set(FAULTS)


@pytest.mark.parametrize("strike", PASSING)
async def test_what_the_server_says(
    strike: str, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """Through TLS on both sides."""
    strike += " direction=s2c"
    async with over_tls(strike, server_tls, client_tls, server_tls) as (client, _, link):
        say(link, *SAID)
        ping(link)
        texts = []
        while (one := await client.frame()).opcode != PING:
            texts.append(one.payload.decode())
        assert texts == PASSING[strike.removesuffix(" direction=s2c")]


@pytest.mark.parametrize("strike", PASSING)
async def test_what_the_client_says(
    strike: str, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """The other way."""
    expected = PASSING[strike]
    strike += " direction=c2s"
    async with over_tls(strike, server_tls, client_tls, server_tls) as (client, _, link):
        for text in SAID:
            client.send(text.encode())
        client.send(b"mark", PING)
        frames = await received(link, len(expected) + 1)
        assert [one.payload.decode() for one in frames] == [*expected, "mark"]
        assert all(one.masked for one in frames) is ("mask" not in strike)


@pytest.mark.parametrize("strike", ["drop-every n=2", "slice size=1", "fin after='2 messages'"])
@pytest.mark.parametrize("side", ["client", "server"])
async def test_on_one_side_alone(
    strike: str, side: str, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """TLS is ended or begun at the proxy."""
    at_feed, at_proxy = (None, server_tls) if side == "client" else (server_tls, None)
    async with over_tls(strike, at_feed, client_tls, at_proxy) as (client, _, link):
        say(link, *SAID)
        expected = PASSING.get(strike) or ENDING[strike][0]
        assert await client.texts(len(expected)) == expected
        if strike in ENDING:
            assert await client.ending() == "fin"
            await link.wait_ended()


@pytest.mark.parametrize("strike", ENDING)
async def test_how_it_ends(
    strike: str, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """What has passed comes first; and both sides end alike."""
    texts, end = ENDING[strike]
    async with over_tls(strike, server_tls, client_tls, server_tls) as (client, proxy, link):
        say(link, *SAID)
        assert await client.ending() == end
        assert [one.payload.decode() for one in client.rest()] == texts
        client.writer.close()
        await link.wait_ended()
        assert isinstance(link.error, ConnectionResetError) is (end == "reset")
        await over(proxy)


@pytest.mark.parametrize(
    "strike", ["black-hole after='2 messages'", "idle-kill idle=50ms how=silent"]
)
async def test_all_vanishes(
    strike: str, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """In both directions, and the end as well; both are left in their belief."""
    async with over_tls(strike, server_tls, client_tls, server_tls) as (client, proxy, link):
        say(link, "one", "two")
        client.send(b"one")
        client.send(b"two")
        await received(link, 2)
        await until(proxy, "forgets" if "idle" in strike else "strikes")
        lane = proxy.crossings[0].lanes["c2s"]
        assert lane.swallows or await until(proxy, "strikes", direction="c2s")
        say(link, "three")
        client.send(b"three")
        client.writer.close()
        # Its lane ends with it, and nobody is told.
        order = proxy.strike("noop after='1 message'", direction="s2c")
        say(link, "four")
        await until(proxy, "strikes", fault="noop")
        proxy.end(order)
        assert link.live
        assert len(link.frames) == 2


async def test_goodbyes(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    """A close frame, and TLS ends behind the client's."""
    async with over_tls(
        "close code=1012 after='2 messages'", server_tls, client_tls, server_tls
    ) as (client, proxy, link):
        say(link, *SAID)
        assert await client.texts(2) == SAID[:2]
        assert shown([await client.frame()]) == [(CLOSE, close_payload(1012), True)]
        client.send(close_payload(1012), CLOSE)
        assert await client.ending() == "fin"
        await link.wait_ended()
        await over(proxy)


async def test_goodbye_and_data(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    """What is said behind a close frame arrives, and no answer does."""
    strike = "close-then-data after='1 message'"
    async with over_tls(strike, server_tls, client_tls, server_tls) as (client, _, link):
        say(link, *SAID)
        frames = await client.frames(5)
        assert [one.opcode == CLOSE for one in frames] == [False, True, False, False, False]
        client.send(close_payload(1001), CLOSE)
        client.send(b"last")
        assert await link.wait_message() == "last"


async def test_control_frames(server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    """Those that are lost, and those that are added."""
    async with over_tls("drop-pings", server_tls, client_tls, server_tls) as (client, proxy, link):
        ping(link)
        say(link, "behind")
        assert await client.texts(1) == ["behind"]
        proxy.strike("ignore-close")
        client.send(close_payload(1000), CLOSE)
        client.send(b"here")
        assert await link.wait_message() == "here"
        proxy.strike("ping-flood rate=1000")
        assert {one.opcode for one in await client.frames(20)} == {PING}
        proxy.end(1)
        client.send(b"there", PING)
        while (one := await client.frame()).opcode != PONG:
            assert one.opcode == PING
        assert one.payload == b"there"


@pytest.mark.parametrize(
    ("strike", "says"),
    [
        (
            "reject-opening status=429 retry_after=3",
            b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3",
        ),
        ("wrong-accept", b"bm90IHRoZSBrZXkgb2YgeW91cnM="),
        ("unoffered-subprotocol", b"Sec-WebSocket-Protocol: chaos.v1"),
    ],
)
async def test_answers(
    strike: str, says: bytes, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """To the opening request, behind the handshake of TLS."""
    async with (
        NumberedFeed(tls=server_tls) as feed,
        Proxy(feed.url, [strike], tls=server_tls, to_tls=client_tls) as proxy,
        RawClient(proxy.url, tls=client_tls) as client,
    ):
        assert says in (await client.open()).head


@pytest.mark.parametrize("strike", ["ignore-opening", "refuse"])
async def test_no_answer(
    strike: str, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """Not even to the first words of TLS."""
    async with (
        NumberedFeed(tls=server_tls) as feed,
        Proxy(feed.url, [strike], tls=server_tls, to_tls=client_tls) as proxy,
    ):
        await until(proxy, "strikes", fault=strike)
        if strike == "refuse":
            await until(proxy, "refuses")
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", proxy.port, ssl=client_tls)
            return
        coming = asyncio.ensure_future(
            asyncio.open_connection("127.0.0.1", proxy.port, ssl=client_tls)
        )
        await until(proxy, "ignores", crossing=1)
        assert not coming.done()
        coming.cancel()
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(asyncio.CancelledError):
                await coming
        await over(proxy)
