"""The numbered feed behind the proxy: 200 messages a second, one numbering for all connections."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Final, Self

from longwire.testing import NumberedFeed, openings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from longwire.testing.misbehave import Watcher
    from longwire.testing.rawlink import RawLink

RATE: Final = 200
"""Messages a second: a busy feed, and yet nothing that costs time."""
_EXTENSIONS: Final = "sec-websocket-extensions"
_DEFLATE: Final = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


async def accept_compression(link: RawLink) -> None:
    """Accept, and agree on compression where it is offered; the feed itself compresses nothing."""
    head = await link.read_head()
    offered = "permessage-deflate" in head.headers.get(_EXTENSIONS, "")
    headers = {"Sec-WebSocket-Extensions": _DEFLATE} if offered else {}
    link.write(openings.answer(head, headers=headers))
    link.open()


class Feed:
    """Sends ``{"seq": 0}``, ``{"seq": 1}``, ... to whoever is connected, and keeps no message.

    Who is away misses what is sent meanwhile.

    Args:
        rate: Messages a second.
        subscription: It sends nothing on a connection before the client has sent something there.
        compression: It agrees to permessage-deflate.
        watchers: What runs along with each connection, such as a server's own heartbeat.

    Attributes:
        sent_at: When each number was sent, in seconds of the monotonic clock.
        orders: For how many seconds the handlers of some numbers are kept busy.
    """

    def __init__(
        self,
        *,
        rate: float = RATE,
        subscription: bool = False,
        compression: bool = False,
        watchers: Sequence[Watcher] = (),
    ) -> None:
        self.sent_at: list[float] = []
        self.orders: dict[int, float] = {}
        self._interval = 1 / rate
        self._order: dict[str, float] = {}
        self._speaks = asyncio.Event()
        self._speaks.set()
        self._publisher: asyncio.Task[None] | None = None
        self._feed = NumberedFeed(
            encode=self._message,
            subscription="silent" if subscription else "none",
            opening=accept_compression if compression else openings.accept,
            watchers=watchers,
        )

    async def __aenter__(self) -> Self:
        await self._feed.start()
        self._publisher = asyncio.create_task(self._publish(), name="publisher of the scoreboard")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._publisher is not None:
            self._publisher.cancel()
            await asyncio.wait([self._publisher])
        await self._feed.stop()

    @property
    def url(self) -> str:
        """Where it is."""
        return self._feed.url

    @property
    def next_number(self) -> int:
        """The number that comes next."""
        return self._feed.next_number

    def order(self, **work: float) -> None:
        """Give the next message an order to its handler: ``block`` or ``wait``, in seconds."""
        self._order = work

    def burst(self, count: int) -> None:
        """Send so many at once."""
        self._feed.emit(count)

    def pause(self) -> None:
        """Be quiet: numbers do not go on."""
        self._speaks.clear()

    def resume(self) -> None:
        """Go on."""
        self._speaks.set()

    def _message(self, number: int) -> str:
        self.sent_at.append(time.monotonic())
        order, self._order = self._order, {}
        if order:
            self.orders[number] = sum(order.values())
        return json.dumps({"seq": number, **order})

    async def _publish(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            if not self._speaks.is_set():
                await self._speaks.wait()
                due = loop.time()
            self._feed.emit()
            due += self._interval
            await asyncio.sleep(max(0.0, due - loop.time()))
