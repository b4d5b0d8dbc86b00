"""A numbered feed. It counts on when nobody listens, so what a client missed is known."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Final

from longwire.errors import LinkClosed
from longwire.link.listen import serve
from longwire.link.options import LinkOptions

if TYPE_CHECKING:
    from longwire.link.base import Data, Link
    from longwire.link.server import Server

HOST: Final = "127.0.0.1"

_TICK: Final = 0.01
"""Seconds between two looks at how many numbers are due."""

_CLOSE_TIMEOUT: Final = 0.5
"""Seconds a close handshake may take: half of the demonstration's peers are dead on purpose."""


def message_of(number: int) -> str:
    """What is sent for a number."""
    return json.dumps({"n": number})


def number_of(message: Data) -> int | None:
    """The number in a message; None if it has none."""
    number = json.loads(message).get("n")
    return number if isinstance(number, int) else None


class Feed:
    """Sends 1, 2, 3, ... to whoever subscribes, from the first subscription on.

    A link gets the numbers that are due after its subscription; what is due while nobody listens
    is lost. The feed pings each link strictly: no pong in time, and it closes with 1011.

    Args:
        rate: Numbers a second.
        ping_every: Seconds between two pings.
        ping_within: Seconds in which the pong must come.
    """

    def __init__(self, *, rate: float, ping_every: float, ping_within: float) -> None:
        self.head = 0
        """The last number that was due: so many have been sent, or went to nobody."""
        self.round_trips: list[float] = []
        """How long each pong took, in seconds."""
        self._rate = rate
        self._ping_every = ping_every
        self._ping_within = ping_within
        self._links: set[Link] = set()
        self._mute: set[Link] = set()
        self._grown = asyncio.Event()
        self._counting: asyncio.Task[None] | None = None
        self._server: Server | None = None

    async def start(self) -> int:
        """Begin to listen. Returns the port, a new one each time."""
        self._server = serve(
            self._attend,
            HOST,
            options=LinkOptions(heartbeat=None, close_timeout=_CLOSE_TIMEOUT),
            close_timeout=2 * _CLOSE_TIMEOUT,
        )
        await self._server.start()
        return self._server.port

    async def stop(self) -> None:
        """End every link and listen no more. The numbers go on."""
        if self._server is not None:
            await self._server.close()

    async def finish(self) -> int:
        """No more numbers. Returns how many there were."""
        if self._counting is not None:
            self._counting.cancel()
            await asyncio.wait([self._counting])
        return self.head

    async def close_links(self, code: int, reason: str) -> None:
        """Close every link there is."""
        await asyncio.gather(*(link.close(code, reason) for link in list(self._links)))

    def mute_links(self) -> None:
        """Send no more numbers on the present links; pings and pongs go on."""
        self._mute |= self._links

    async def _attend(self, link: Link) -> None:
        await link.recv()
        if self._counting is None:
            self._counting = asyncio.create_task(self._count(), name="feed numbers")
        tasks = [
            asyncio.create_task(self._send_numbers(link), name="feed sender"),
            asyncio.create_task(self._ping_strictly(link), name="feed pings"),
        ]
        self._links.add(link)
        try:
            async for _ in link:
                pass
        finally:
            self._links.discard(link)
            self._mute.discard(link)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _count(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            await asyncio.sleep(_TICK)
            self.head = max(self.head, int((loop.time() - began) * self._rate))
            grown, self._grown = self._grown, asyncio.Event()
            grown.set()

    async def _send_numbers(self, link: Link) -> None:
        sent = self.head
        with contextlib.suppress(LinkClosed):
            while True:
                await self._grown.wait()
                while sent < self.head:
                    sent += 1
                    if link not in self._mute:
                        await link.send(message_of(sent))

    async def _ping_strictly(self, link: Link) -> None:
        with contextlib.suppress(LinkClosed):
            while True:
                await asyncio.sleep(self._ping_every)
                try:
                    async with asyncio.timeout(self._ping_within):
                        self.round_trips.append(await link.ping())
                except TimeoutError:
                    await link.close(1011, "keepalive ping timeout")
                    return
