"""What the tests of faults share: a client and a feed with a proxy at fault between them.

Neither end judges anything, so a test sees what a fault does on the wire: which frames and bytes
pass, in which order, and how TCP ends on either side.
"""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from longwire.chaos import Frame, Proxy, parse_strike
from longwire.chaos.frames import CONT, PING, PONG, TEXT, frame
from longwire.testing import PATIENCE, NumberedFeed, RawLink
from tests.chaos.rawclient import RawClient

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterable, Mapping

    from longwire.chaos import Fault, Strike

DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
"""For `RawClient` and `crossed`, to offer compression."""
LARGE = 2**20 + 2**16
"""Bytes of a payload that is too long to be kept by the proxy."""


class Crossed(NamedTuple):
    """A client, the proxy, and the feed's end of the client's connection."""

    client: RawClient
    proxy: Proxy
    link: RawLink


@contextlib.asynccontextmanager
async def crossed(
    feed: NumberedFeed,
    *strikes: str | Fault | Strike,
    offer: str = "",
    client_tls: ssl.SSLContext | None = None,
    **options: Any,
) -> AsyncIterator[Crossed]:
    """Let a client open a connection to the feed, through a proxy with these strikes."""
    async with (
        Proxy(feed.url, strikes, seed=1, **options) as proxy,
        RawClient(proxy.url, offer=offer, tls=client_tls) as client,
    ):
        await client.open()
        yield Crossed(client, proxy, await feed.link())


@contextlib.asynccontextmanager
async def another(
    proxy: Proxy, feed: NumberedFeed, count: int = 2
) -> AsyncIterator[tuple[RawClient, RawLink]]:
    """The next client of a proxy, and the feed's end of its connection."""
    async with RawClient(proxy.url) as client:
        await client.open()
        yield client, await feed.link(count)


async def until(proxy: Proxy, action: str, **fields: Any) -> list[Mapping[str, Any]]:
    """Wait for a record of the proxy's journal, but not for ever."""
    async with asyncio.timeout(PATIENCE):
        return await proxy.journal.until(action, **fields)


async def over(proxy: Proxy, number: int = 1) -> None:
    """Wait until a connection is over, on both its sides."""
    await until(proxy, "over", crossing=number)


def say(link: RawLink, *payloads: bytes | str, opcode: int = TEXT) -> None:
    """Let the server send frames, in one write."""
    raw = (one.encode() if isinstance(one, str) else one for one in payloads)
    link.write(b"".join(frame(opcode, one) for one in raw))


def say_in_fragments(link: RawLink, *payloads: bytes, opcode: int = TEXT) -> None:
    """Let the server send one message in fragments, in one write."""
    last = len(payloads) - 1
    link.write(
        b"".join(
            frame(CONT if place else opcode, one, fin=place == last)
            for place, one in enumerate(payloads)
        )
    )


def ping(link: RawLink, payload: bytes = b"mark") -> None:
    """Let the server send a ping: a mark that shows what came before it, and what did not."""
    link.write(frame(PING, payload))


def deflated(text: bytes) -> bytes:
    """The payload of a compressed message that stands for itself."""
    squeeze = zlib.compressobj(wbits=-15)
    return (squeeze.compress(text) + squeeze.flush(zlib.Z_SYNC_FLUSH)).removesuffix(
        b"\x00\x00\xff\xff"
    )


def inflated(payload: bytes) -> bytes:
    """What such a payload says."""
    return zlib.decompressobj(wbits=-15).decompress(payload + b"\x00\x00\xff\xff")


def shown(frames: Iterable[Frame]) -> list[tuple[int, bytes, bool]]:
    """Opcode, payload and FIN of frames."""
    return [(one.opcode, one.payload, one.fin) for one in frames]


async def received(link: RawLink, count: int) -> list[Frame]:
    """The first frames that the server got."""
    await link.changes.until(lambda: len(link.frames) >= count, what=f"frame {count}")
    return link.frames[:count]


async def answered(client: RawClient, payload: bytes = b"there?") -> None:
    """See that a ping of the client's is answered by the next frame, so both directions live."""
    client.send(payload, PING)
    assert shown([await client.frame()]) == [(PONG, payload, True)]


def refuses(line: str, says: str) -> None:
    """See that a fault with a value that makes no sense is refused, with its name and why."""
    name = line.split(" ", 1)[0]
    with pytest.raises(ValueError, match=rf"^the fault {name}.*{says}"):
        parse_strike(line)
