"""A server of numbered messages that remembers what it sent, and misbehaves on request."""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import socket
from collections import deque
from typing import TYPE_CHECKING, Final, Literal, Self

from longwire.testing import openings
from longwire.testing.changes import PATIENCE, Changes
from longwire.testing.rawlink import RawLink, message_frame

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from longwire.testing.misbehave import Misbehaviour, Watcher
    from longwire.testing.rawlink import Opening

    Encoder = Callable[[int], str | bytes]

Subscription = Literal["none", "silent", "ack", "refuse", "ack-then-mute", "ignore"]
"""What a feed does about subscriptions.

``none``: it sends numbers from the opening on and takes messages as they come. The others wait for
a message: ``silent`` starts sending without an answer, ``ack`` answers and starts, ``refuse``
answers with an error, ``ack-then-mute`` answers and sends nothing, ``ignore`` does nothing at all.
"""

_BATCH: Final = 64
_TICK: Final = 0.005
_ACCEPTING: Final = 5
"""Turns of the loop that asyncio may take from accepting a connection to having a link made."""


def text_message(number: int) -> str:
    """A number as a text message."""
    return f"{number} of the feed"


def json_message(number: int) -> str:
    """A number as a JSON object."""
    return json.dumps({"n": number})


def number_of(message: str | bytes) -> int | None:
    """The number in a message of either form, None if it has none (an acknowledgement, say)."""
    text = message if isinstance(message, str) else message.decode(errors="replace")
    if text.startswith("{"):
        number = json.loads(text).get("n")
        return number if isinstance(number, int) else None
    word = text.split(" ", 1)[0]
    return int(word) if word.isdigit() else None


class NumberedFeed:
    """Sends 0, 1, 2, ... to whoever is connected; one numbering over all links.

    Use it as ``async with NumberedFeed() as feed:``. All of it belongs to one event loop; for
    another thread see `FeedThread`.

    Args:
        rate: Messages a second; ``math.inf``: as fast as they are read; 0: only `emit` sends.
        encode: Makes the message of a number, `text_message` by default.
        subscription: See `Subscription`; may be changed later.
        while_away: ``"count"``: numbers go on and are lost while nobody listens; ``"hold"``: the
            numbering waits (not for `emit`).
        watchers: Run along with every live link, such as `StrictPinger`.
        opening: How openings are answered; may be changed later, see also `openings_once`.
        host, tls: Where and how to listen. The port is chosen by the system and then kept.

    Attributes:
        links: All connections ever accepted, in order, openings that failed included.
        openings_once: Openings for the next connections; when empty, ``opening`` is used.
        next_number: The number that comes next: so many have been sent or lost.
    """

    def __init__(
        self,
        *,
        rate: float = 0.0,
        encode: Encoder = text_message,
        subscription: Subscription = "none",
        while_away: Literal["count", "hold"] = "count",
        watchers: Sequence[Watcher] = (),
        opening: Opening = openings.accept,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.rate = rate
        self.subscription: Subscription = subscription
        self.while_away = while_away
        self.opening = opening
        self.openings_once: deque[Opening] = deque()
        self.links: list[RawLink] = []
        self.next_number = 0
        self._encode = encode
        self._watchers = tuple(watchers)
        self._host = host
        self.tls = tls
        self._changes = Changes()
        self._live: dict[int, RawLink] = {}
        self._subscribed: set[int] = set()
        self._pending: dict[int, list[Misbehaviour]] = {}
        self._reserve: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._publisher: asyncio.Task[None] | None = None

    # --- life ---------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Take a port, listen, and begin to count if there is a rate."""
        # A bound socket that never listens keeps the port while the feed refuses connections.
        self._reserve = _bound(self._host, 0)
        await self.listen()
        if self.rate > 0:
            self._publisher = asyncio.create_task(self._publish(), name="feed publisher")

    async def stop(self) -> None:
        """Abort every link and free the port. Raises what a link's task raised."""
        await self.stop_listening()
        tasks = [task for link in self.links for task in link.tasks]
        if self._publisher is not None:
            self._publisher.cancel()
            tasks.append(self._publisher)
        for link in self.links:
            if not link.ended:
                link.reset()
                await link.wait_ended()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        if self._reserve is not None:
            self._reserve.close()
        errors = [one for one in results if isinstance(one, Exception)]
        if errors:
            message = "a link of the feed failed by itself"
            raise ExceptionGroup(message, errors)

    async def listen(self) -> None:
        """Accept connections (again)."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: RawLink(self), sock=_bound(self._host, self.port), ssl=self.tls
        )

    async def stop_listening(self) -> None:
        """Refuse connections; links live on."""
        server, self._server = self._server, None
        if server is not None:
            # asyncio drops a connection, unclosed, whose server is closed while it is accepted.
            loop = asyncio.get_running_loop()
            for sock in server.sockets:
                loop.remove_reader(sock.fileno())
            for _ in range(_ACCEPTING):
                await asyncio.sleep(0)
            server.close()
            # The listening socket is closed in the loop's next turn.
            await asyncio.sleep(0)

    @property
    def port(self) -> int:
        """The port, the same for the feed's whole life."""
        assert self._reserve is not None, "the feed has not been started"
        port = self._reserve.getsockname()[1]
        assert isinstance(port, int)
        return port

    @property
    def url(self) -> str:
        """Where to connect to."""
        return f"{'wss' if self.tls else 'ws'}://{self._host}:{self.port}/feed"

    # --- sending ------------------------------------------------------------------------------

    def emit(self, count: int = 1) -> range:
        """Send the next ``count`` numbers on every ready link; they are lost where there is none.

        Returns:
            The numbers.
        """
        first = self.next_number
        for _ in range(count):
            self._send_next()
        return range(first, self.next_number)

    def after(self, number: int, misbehaviour: Misbehaviour) -> None:
        """Once ``number`` has been sent on a link, misbehave there, before the next number."""
        self._pending.setdefault(number, []).append(misbehaviour)

    async def refill(self, first: int, last: int) -> list[str | bytes]:
        """The messages from ``first`` to ``last``, both included, that there have been."""
        return [self._encode(n) for n in range(first, min(last + 1, self.next_number))]

    def sent(self) -> list[list[int]]:
        """What was sent on each link that ever went live, in order."""
        return [link.sent for link in self.links if link.head is not None]

    def _send_next(self) -> None:
        number = self.next_number
        self.next_number += 1
        message = self._encode(number)
        misbehaviours = self._pending.pop(number, [])
        for link in self._ready():
            if link.send(message):
                link.sent.append(number)
            for misbehave in misbehaviours:
                misbehave(link)
        self._changes.notify()

    def _send_batch(self) -> None:
        """Many numbers in one write, where none of them is followed by a misbehaviour."""
        numbers = range(self.next_number, self.next_number + _BATCH)
        self.next_number = numbers.stop
        raw = b"".join(message_frame(self._encode(number)) for number in numbers)
        for link in self._ready():
            if link.write(raw):
                link.sent.extend(numbers)
        self._changes.notify()

    def _ready(self) -> list[RawLink]:
        return [one for one in self._live.values() if one.ready and one.index in self._subscribed]

    async def _publish(self) -> None:
        if math.isinf(self.rate):
            await self._publish_flood()
        else:
            await self._publish_paced()

    async def _publish_flood(self) -> None:
        while True:
            await self._until(self._all_writable, "a reader", None)
            if any(self.next_number <= number for number in self._pending):
                self._send_next()
            else:
                self._send_batch()
            await asyncio.sleep(0)

    def _all_writable(self) -> bool:
        ready = self._ready()
        return bool(ready) and all(link.writable for link in ready)

    async def _publish_paced(self) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        for count in itertools.count(1):
            if self.while_away == "hold" and not self._ready():
                await self._until(lambda: bool(self._ready()), "a listener", None)
                started = loop.time() - count / self.rate
            due = started + count / self.rate
            wait = due - loop.time()
            if wait > 0:
                await asyncio.sleep(max(wait, _TICK))
            elif count % _BATCH == 0:
                await asyncio.sleep(0)
            self._send_next()

    # --- waiting ------------------------------------------------------------------------------

    async def attempt(self, count: int = 1, timeout: float | None = PATIENCE) -> RawLink:
        """The ``count``-th connection, from 1, as soon as TCP is accepted. Raises TimeoutError."""
        await self._until(lambda: len(self.links) >= count, f"connection {count}", timeout)
        return self.links[count - 1]

    async def link(self, count: int = 1, timeout: float | None = PATIENCE) -> RawLink:
        """The ``count``-th link that is ready for numbers, from 1. Raises TimeoutError.

        Links that failed to open do not count; a link that was ready once does for ever.
        """
        await self._until(lambda: len(self._opened()) >= count, f"ready link {count}", timeout)
        return self._opened()[count - 1]

    async def live(self, count: int = 1, timeout: float | None = PATIENCE) -> RawLink:
        """The newest of at least ``count`` links that are ready now. Raises TimeoutError."""
        await self._until(lambda: len(self._ready()) >= count, f"{count} live links", timeout)
        return self._ready()[-1]

    async def reached(self, number: int, timeout: float | None = PATIENCE) -> None:
        """Wait until ``number`` has been sent or lost. Raises TimeoutError."""
        await self._until(lambda: self.next_number > number, f"number {number}", timeout)

    async def _until(self, condition: Callable[[], bool], what: str, timeout: float | None) -> None:
        await self._changes.until(condition, what=what, timeout=timeout)

    def _opened(self) -> list[RawLink]:
        return [link for link in self.links if link.index in self._subscribed]

    # --- what a link tells --------------------------------------------------------------------

    def link_made(self, link: RawLink) -> Opening:
        """A connection was accepted."""
        link.index = len(self.links)
        self.links.append(link)
        self._changes.notify()
        return self.openings_once.popleft() if self.openings_once else self.opening

    def link_live(self, link: RawLink) -> None:
        """An opening was answered with 101."""
        self._live[link.index] = link
        for watcher in self._watchers:
            link.run(watcher(link))
        if self.subscription == "none":
            self._subscribed.add(link.index)

    def link_message(self, link: RawLink, data: str | bytes) -> None:
        """A message from the client: a subscription, if the feed has any."""
        if self.subscription in {"ack", "ack-then-mute"}:
            link.send(json.dumps({"ok": True, "of": _text(data)}))
        elif self.subscription == "refuse":
            link.send(json.dumps({"error": "refused", "of": _text(data)}))
        if self.subscription == "ack-then-mute":
            link.muted = True
        if self.subscription in {"silent", "ack", "ack-then-mute"}:
            self._subscribed.add(link.index)

    def link_changed(self, link: RawLink) -> None:
        """Something else happened on a link."""
        if link.ended:
            self._live.pop(link.index, None)
        self._changes.notify()


def _text(data: str | bytes) -> str:
    return data if isinstance(data, str) else data.decode(errors="replace")


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named, asyncio lets small writes out at once.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setblocking(False)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock
