"""The chaos proxy: between a client and a server, and at fault on purpose."""

from __future__ import annotations

import asyncio
import dataclasses
import random
import secrets
from typing import TYPE_CHECKING, Any, Self

from longwire.chaos.armed import Armed
from longwire.chaos.crossing import Crossing
from longwire.chaos.journal import Journal
from longwire.chaos.strike import parse_strike
from longwire.link.acceptor import Acceptor
from longwire.link.address import host_port, parse_address
from longwire.link.places import TCPPlace

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
    from types import TracebackType

    from longwire.chaos.fault import Fault
    from longwire.chaos.journal import Record
    from longwire.chaos.opening import Compression, RequestHead
    from longwire.chaos.strike import Strike
    from longwire.chaos.tap import Tap
    from longwire.errors import LongwireError
    from longwire.link.address import Address

    Dial = Callable[[Address], Awaitable[socket.socket]]
    Listen = Callable[[str, int], Awaitable[Sequence[socket.socket]]]


class Proxy:
    """A WebSocket proxy that breaks what passes through it, as it is told.

    ::

        strikes = ["reset after='100 messages'"]
        async with longwire.chaos.Proxy("ws://127.0.0.1:8000/feed", strikes) as proxy:
            async with longwire.connect(proxy.url) as client:
                ...

    Args:
        to: The server's URL, ``ws://`` or ``wss://``. If it has a path, that is asked for whatever
            the client asks for; the client's query is added.
        strikes: What happens: lines of text (see `parse_strike`), faults, or strikes.
        host, port: Where to listen; port 0: any free one.
        tls: Given, the proxy speaks TLS with its clients.
        to_tls: How it speaks TLS with the server; None: as Python does by default, and only where
            the URL says ``wss://``.
        seed: What chance is drawn from; None: drawn itself, see `seed`. With the same seed and the
            same traffic the same frames are struck.
        compression: ``"independent"`` lets both sides compress, but each message by itself, so that
            the loss of one does not spoil the next; ``"as-is"`` changes nothing; ``"off"`` lets no
            one compress.
        sink: Called with each record of the journal.
        tap: Is told of everything that comes, such as a `Recorder`.
        dial: Gives a socket that is connected to the server, in another way than directly; it may
            raise `OSError` or `LongwireError`.
        listen: Gives the sockets that listen at a host and a port, each time that it listens; None:
            those of this machine. `longwire.chaos.kernel.KernelPath` has others.

    Raises:
        AddressError: ``to`` is no WebSocket URL.
        ValueError: a strike makes no sense.

    Attributes:
        journal: What was done, and when.
        seed: What chance is drawn from.
        crossings: The connections that live, oldest first.
        strikes: What strikes, by number, until `end` takes it away.
        to_come: Those among them that strike connections to come, too.
        obstacle: Why the server could not be reached, the last time it could not; None: it could.
        first_seen: When a path and query were asked for first, by the loop's clock; kept by faults.
    """

    def __init__(
        self,
        to: str,
        strikes: Iterable[str | Fault | Strike] = (),
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        to_tls: ssl.SSLContext | None = None,
        seed: int | None = None,
        compression: Compression = "independent",
        sink: Callable[[Record], object] | None = None,
        tap: Tap | None = None,
        dial: Dial | None = None,
        listen: Listen | None = None,
    ) -> None:
        self.to = parse_address(to)
        self.host = host
        self.port = port
        self.tls = tls
        self.to_tls = to_tls if to_tls is not None or not self.to.secure else _default_tls()
        self.seed = secrets.randbits(32) if seed is None else seed
        self.compression = compression
        self.tap = tap
        self.dial = dial
        self.strikes: dict[int, Strike] = {}
        self.crossings: list[Crossing] = []
        self.obstacle: OSError | LongwireError | None = None
        self.first_seen: dict[str, float] = {}
        self.journal: Journal
        self.to_come: dict[int, Strike] = {}
        self._first_strikes = [parse_strike(one) for one in strikes]
        self._sink = sink
        self._sockets = _listen_here if listen is None else listen
        self._accepted = 0
        self._orders = 0
        self._own: list[tuple[int, Armed]] = []
        self._timers: set[asyncio.TimerHandle] = set()
        self._acceptor: Acceptor | None = None
        self._entered = False
        self._listening = asyncio.Lock()
        self._refusals = 0
        """Who wants that nobody listens."""
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()

    # -- its life -----------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        if self._entered:
            raise RuntimeError("a proxy can be entered once; make another")
        self._entered = True
        self.journal = Journal(self._sink)
        await self._listen_if_wanted()
        await self._group.__aenter__()
        for strike in self._first_strikes:
            self.strike(strike)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for timer in self._timers:
            timer.cancel()
        self._refusals += 1
        await self._listen_if_wanted()
        for task in self._tasks:
            task.cancel()
        if isinstance(error, asyncio.CancelledError):
            # Perhaps by the group itself, as one of its tasks has failed.
            await self._group.__aexit__(kind, error, trace)
        else:
            # What the body raises is its own, and not for a group of errors.
            await self._group.__aexit__(None, None, None)

    @property
    def url(self) -> str:
        """Where clients connect to.

        Raises:
            RuntimeError: the port is not known before the proxy runs.
        """
        if not self.port:
            raise RuntimeError(
                "the proxy has no port yet; use it as `async with Proxy(...) as it:`"
            )
        scheme = "ws" if self.tls is None else "wss"
        return f"{scheme}://{host_port(self.host, self.port)}/"

    async def _listen(self) -> None:
        sockets = await self._sockets(self.host, self.port)
        self.port = sockets[0].getsockname()[1]
        self._acceptor = Acceptor(sockets, self._accept, loop=asyncio.get_running_loop())
        self._acceptor.start()
        self.journal.tell("listens", port=self.port)

    async def _listen_if_wanted(self) -> None:
        """Listen, or stop it."""
        async with self._listening:
            if not self._refusals and self._acceptor is None:
                await self._listen()
            elif self._refusals and self._acceptor is not None:
                acceptor, self._acceptor = self._acceptor, None
                await acceptor.stop()
                self.journal.tell("refuses", port=self.port)

    def _accept(self, connection: socket.socket, address: object) -> None:
        connection.setblocking(False)
        self._accepted += 1
        crossing = Crossing(self, self._accepted)
        self.crossings.append(crossing)
        self._run(self._attend(crossing, connection))

    async def _attend(self, crossing: Crossing, connection: socket.socket) -> None:
        try:
            await crossing.run(connection)
        finally:
            self.crossings.remove(crossing)

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self._group.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- strikes ------------------------------------------------------------------------------

    def strike(
        self,
        what: str | Fault | Strike,
        /,
        *,
        only_now: bool = False,
        **conditions: Any,
    ) -> int:
        """Let a fault strike, on the connections there are and on all that come.

        Args:
            what: See `parse_strike`.
            only_now: Not on those that come.
            conditions: See `longwire.chaos.strike.Strike`.

        Returns:
            Its number, for `end`.

        Raises:
            ValueError: it makes no sense.
            RuntimeError: the proxy does not run yet.
        """
        if not self._entered:
            raise RuntimeError(
                "the proxy does not run yet: give it what strikes first, `Proxy(...)`"
            )
        strike = parse_strike(what, **conditions)
        self._orders += 1
        order = self._orders
        self.strikes[order] = strike
        if not only_now:
            self.to_come[order] = strike
        if strike.fault.scope == "proxy":
            self._arm(strike, order)
        for crossing in self.crossings:
            crossing.arm(strike, order)
        return order

    def end(self, order: int) -> None:
        """Let a strike end, wherever it is at work, and never come again.

        Raises:
            KeyError: there is none with this number.
        """
        del self.strikes[order]
        self.to_come.pop(order, None)
        for one, armed in self._own:
            if one == order:
                armed.end()
        self._own = [one for one in self._own if one[0] != order]
        for crossing in self.crossings:
            crossing.disarm(order)

    def _arm(self, strike: Strike, order: int) -> None:
        fault = dataclasses.replace(strike.fault)
        fault.proxy = self
        fault.chance = random.Random(f"{self.seed}/{order}")  # noqa: S311 - to be repeated
        armed = Armed(strike, fault, self)
        self._own.append((order, armed))
        armed.arm()
        armed.start_counting()

    # -- what faults do with it ---------------------------------------------------------------

    @property
    def number(self) -> None:
        """A proxy is no connection."""
        return

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        """Call something after a time, unless the proxy has ended by then."""

        def run() -> None:
            self._timers.discard(timer)
            call()

        timer = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(timer)

    def refuse(self) -> None:
        """Listen no more: who connects is refused by the system. Connections live on."""
        self._refusals += 1
        self._run(self._listen_if_wanted())

    def accept_again(self) -> None:
        """Undo one `refuse`; after the last, listen again, at the same port."""
        self._refusals -= 1
        self._run(self._listen_if_wanted())

    def ignores_opening(self, crossing: Crossing) -> bool:
        """Whether a fault wants a connection to be ignored."""
        return any(fault.ignores_opening() for fault in self._at_work(crossing))

    def answer(self, crossing: Crossing, request: RequestHead) -> bytes | None:
        """What a fault answers in the server's place."""
        answers = (fault.answer(request) for fault in self._at_work(crossing))
        return next((one for one in answers if one is not None), None)

    def _at_work(self, crossing: Crossing) -> Iterator[Fault]:
        for order, armed in self._own:
            strike = armed.strike
            drawn = random.Random(f"{self.seed}/{order}/{crossing.number}").random()  # noqa: S311
            hit = strike.strikes_crossing(crossing.number) and drawn < strike.chance
            if armed.works and hit:
                yield armed.fault


async def _listen_here(host: str, port: int) -> Sequence[socket.socket]:
    return await TCPPlace(host, port, reuse_port=False).listen()


def _default_tls() -> ssl.SSLContext:
    import ssl  # noqa: PLC0415 - slow to import, and seldom needed

    return ssl.create_default_context()
