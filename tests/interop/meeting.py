"""One link between longwire and a peer, whichever of the two opened it."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import longwire
from tests.interop.process import Fields, PeerProcess, new_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.interop.roster import Setting

LONG = longwire.Retry(first=60.0, cap=60.0, jitter=0.0)
"""The end of the link is what is looked at; nobody waits for the next one."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is asked of both sides.

    Args:
        path: What the peer does on the link, see README.md.
        query: With which parameters.
        peer: Options of the peer's listener or of its opening.
        compression, subprotocols, max_message_bytes: Ours.
    """

    path: str = "/echo"
    query: dict[str, object] = field(default_factory=dict)
    peer: dict[str, object] = field(default_factory=dict)
    compression: Any = None
    subprotocols: tuple[str, ...] = ()
    max_message_bytes: int = 16 * 2**20

    def target(self, link: str) -> str:
        return f"{self.path}?{urlencode({**self.query, 'id': link})}"


@dataclass(frozen=True)
class Meeting:
    """A live link. ``ours`` is a client or a link, which have recv, send, ping and close alike."""

    ours: Any
    opened: Fields
    """What the peer told of its opening."""
    _peer: PeerProcess
    _id: str
    _closure: Callable[[], Awaitable[longwire.Closure]]

    async def closure(self) -> longwire.Closure:
        """Wait for the end as we saw it."""
        return await self._closure()

    async def closed(self) -> tuple[int, str]:
        """Wait for the end as the peer saw it: code and reason."""
        event = await self._peer.told("closed", self._id)
        return int(event["code"]), event["reason"]


@contextlib.asynccontextmanager
async def meet(setting: Setting, peer: PeerProcess, terms: Terms) -> AsyncIterator[Meeting]:
    """Open a link to the peer, or let it open one to us, as its role is."""
    opening = _dial(setting, peer, terms) if setting.peer_serves else _serve(peer, terms)
    async with opening as meeting:
        yield meeting


@contextlib.asynccontextmanager
async def _dial(setting: Setting, peer: PeerProcess, terms: Terms) -> AsyncIterator[Meeting]:
    link = new_id()
    port = await peer.listening(terms.peer)
    ended: asyncio.Queue[longwire.Closure | None] = asyncio.Queue()

    def tell(interruption: longwire.Interruption) -> None:
        ended.put_nowait(interruption.closure)

    async def closure() -> longwire.Closure:
        found = await ended.get()
        assert found is not None
        return found

    async with longwire.connect(
        f"ws://127.0.0.1:{port}{terms.target(link)}",
        isolate=setting.isolate,
        retry=LONG,
        compression=terms.compression,
        subprotocols=terms.subprotocols,
        max_message_bytes=terms.max_message_bytes,
        on_interruption=tell,
    ) as client:
        opened = await peer.told("opened", link)
        yield Meeting(client, opened, peer, link, closure)


@contextlib.asynccontextmanager
async def _serve(peer: PeerProcess, terms: Terms) -> AsyncIterator[Meeting]:
    link_id = new_id()
    links: asyncio.Queue[longwire.Link] = asyncio.Queue()

    async def attend(link: longwire.Link) -> None:
        links.put_nowait(link)
        await link.wait_closed()

    options = longwire.LinkOptions(max_message_bytes=terms.max_message_bytes)
    async with longwire.serve(
        attend,
        "127.0.0.1",
        0,
        compression=terms.compression,
        subprotocols=terms.subprotocols,
        options=options,
    ) as server:
        url = f"ws://127.0.0.1:{server.port}{terms.target(link_id)}"
        peer.order(do="connect", url=url, **terms.peer)
        link = await links.get()
        opened = await peer.told("opened", link_id)
        yield Meeting(link, opened, peer, link_id, link.wait_closed)


async def live_for_a_second(client: longwire.Client) -> None:
    """As long as a link must have lived before its end says anything about its server."""
    loop = asyncio.get_running_loop()
    await client.wait_live()
    until = loop.time() + 1.1
    while loop.time() < until:
        await client.ping()


async def kept_out(client: longwire.Client) -> Any:
    """Wait until an attempt to come back has failed."""
    while not client.interruptions or client.interruptions[-1].obstacle is None:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return client.interruptions[-1]


async def named(client: longwire.Client, cause: str) -> None:
    """Wait until the present interruption has this cause.

    The first attempt to come back may prove nothing: a program that dies resets what it had not
    accepted yet, and only then is nobody there.
    """
    while not client.interruptions or client.interruptions[-1].cause.id != cause:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
