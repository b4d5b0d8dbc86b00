"""One client's connection through the proxy: its two sides, and a lane for each direction."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import random
from typing import TYPE_CHECKING, Final

from longwire.chaos.armed import Armed
from longwire.chaos.lane import Lane
from longwire.chaos.opening import BLANK_LINE, RequestHead, answer, target_for
from longwire.chaos.side import Side, accepted, dialled, reset_when_closed
from longwire.errors import LongwireError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from longwire.chaos.fault import Direction, Fault
    from longwire.chaos.proxy import Proxy
    from longwire.chaos.strike import Strike

_OPEN_TIMEOUT: Final = 30.0
"""Seconds for an opening request to be whole, and again for the server to be reached."""
_LINGER: Final = 5.0
"""Seconds that a connection which we have ended may take to end, too."""


class Crossing:
    """A connection that was accepted.

    Attributes:
        number: Its place among those of the proxy, from 1.
        journal: Of the proxy.
        live: Whether the server has answered with 101.
        inflates: Whether messages may be compressed.
        target: The path and query that the client asked for; known with its request.
    """

    def __init__(self, proxy: Proxy, number: int) -> None:
        self.proxy = proxy
        self.number = number
        self.journal = proxy.journal
        self.live = False
        self.inflates = False
        self.target = ""
        self.lanes: dict[Direction, Lane] = {}
        self._client: Side | None = None
        self._server: Side | None = None
        self._ignored: socket.socket | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._timers: set[asyncio.TimerHandle] = set()
        self._armed: list[tuple[int, Armed]] = []
        self._early: dict[int, Strike] = {}
        """Those that came between its being accepted and its reaching the server."""
        self._over = False

    # -- what faults do with it ---------------------------------------------------------------

    @property
    def client(self) -> Side:
        """The connection that was accepted."""
        assert self._client is not None  # noqa: S101 - faults strike behind the opening request
        return self._client

    @property
    def server(self) -> Side:
        """The connection to the server."""
        assert self._server is not None  # noqa: S101 - as above
        return self._server

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        """Call something after a time, unless the crossing is over by then."""

        def run() -> None:
            self._timers.discard(timer)
            call()

        if not self._over:
            timer = asyncio.get_running_loop().call_later(seconds, run)
            self._timers.add(timer)

    def reset(self) -> None:
        """End both sides with RST, at once."""
        for side in self._sides():
            side.reset()
        if self._ignored is not None:
            reset_when_closed(self._ignored)
        self._stop()

    def close(self) -> None:
        """End both sides without a close frame: FIN, at once.

        What still comes is read until both have ended, too: a socket that is closed with unread
        data would be reset.
        """
        for lane in self.lanes.values():
            lane.swallows = True
        for side in self._sides():
            side.finish()
        self.later(_LINGER, self._stop)

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _sides(self) -> list[Side]:
        return [side for side in (self._client, self._server) if side is not None]

    # -- its life -----------------------------------------------------------------------------

    async def run(self, connection: socket.socket) -> None:
        """Carry everything between client and server, until both have ended."""
        self.journal.tell("accepts", crossing=self.number)
        try:
            if self.proxy.ignores_opening(self):
                self.journal.tell("ignores", crossing=self.number)
                await self._ignore(connection)
            else:
                await self._cross(connection)
        except OSError as error:
            self.journal.tell("fails", crossing=self.number, error=type(error).__name__)
        finally:
            self._over = True
            for timer in self._timers:
                timer.cancel()
            for side in self._sides():
                side.close()
            connection.close()
            if self.proxy.tap is not None:
                self.proxy.tap.over(self)
            self.journal.tell("over", crossing=self.number)

    async def _ignore(self, connection: socket.socket) -> None:
        """Do not answer: wait until the client goes, or until it is reset."""
        self._ignored = connection
        async with asyncio.TaskGroup() as group:
            self._tasks = [group.create_task(self._read_to_the_end(connection))]

    async def _read_to_the_end(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):  # a client that resets it has gone, too
            while await loop.sock_recv(connection, 2**16):
                pass

    async def _cross(self, connection: socket.socket) -> None:
        client = self._client = await accepted(connection, self.proxy.tls)
        request = await self._request(client)
        if request is None:
            return
        self.target = request.target
        if self.proxy.tap is not None:
            self.proxy.tap.asked(self)
        own = self.proxy.answer(self, request)
        if own is not None:
            self.journal.tell("answers", crossing=self.number)
            await self._answer(client, own)
            await self._read_out(client)
            return
        server = await self._dial(client)
        if server is None:
            return
        self._server = server
        self.lanes = {
            "c2s": Lane(self, "c2s", client, server),
            "s2c": Lane(self, "s2c", server, client),
        }
        address = self.proxy.to
        to_server = request.to(address.authority, target_for(request.target, address.target))
        await server.write(bytes(to_server.with_compression(self.proxy.compression)))
        for order, strike in sorted((self._early | self.proxy.to_come).items()):
            self.arm(strike, order)
        await self._carry()

    async def _request(self, client: Side) -> RequestHead | None:
        """The opening request; None where it never becomes whole."""
        try:
            async with asyncio.timeout(_OPEN_TIMEOUT):
                return RequestHead.parse(await client.reader.readuntil(BLANK_LINE))
        except asyncio.LimitOverrunError:
            await client.write(answer(431))
            client.finish()
            await self._read_out(client)
        except (asyncio.IncompleteReadError, TimeoutError):
            pass
        return None

    async def _dial(self, client: Side) -> Side | None:
        try:
            async with asyncio.timeout(_OPEN_TIMEOUT):
                dial, to = self.proxy.dial, self.proxy.to
                sock = None if dial is None else await dial(to)
                return await dialled(to, self.proxy.to_tls, sock)
        except (OSError, LongwireError) as error:
            # As a reverse proxy does it.
            self.proxy.obstacle = error
            self.journal.tell("unreachable", crossing=self.number, error=type(error).__name__)
            await self._answer(client, answer(502))
            return None

    async def _answer(self, client: Side, head: bytes) -> None:
        """Answer in the server's place, and end it."""
        if self.proxy.tap is not None:
            self.proxy.tap.answered(self, head)
        await client.write(head)
        client.finish()

    async def _read_out(self, client: Side) -> None:
        """Read what still comes: the answer may be lost with a socket that is closed before."""
        while await client.reader.read(2**16):
            pass

    async def _carry(self) -> None:
        async with asyncio.TaskGroup() as group:
            self._tasks = [group.create_task(lane.run()) for lane in self.lanes.values()]

    def opened(self, *, inflates: bool) -> None:
        """The server agreed: from now on there are frames, and the strikes count."""
        self.live = True
        self.inflates = inflates
        self.journal.tell("opens", crossing=self.number)
        for lane in self.lanes.values():
            lane.open()
        for _, armed in self._armed:
            armed.start_counting()

    # -- strikes ------------------------------------------------------------------------------

    def arm(self, strike: Strike, order: int) -> None:
        """Let a strike wait here for its moment, if it is for this crossing."""
        if strike.fault.scope == "proxy" or not strike.strikes_crossing(self.number):
            return
        if not self.lanes:
            self._early[order] = strike
            return
        self._armed = [one for one in self._armed if not one[1].over]
        for armed, lanes in self._copies(strike, order):
            self._armed.append((order, armed))
            for lane in lanes:
                lane.arm(armed)
            armed.arm()
            if self.live:
                armed.start_counting()

    def disarm(self, order: int) -> None:
        """Let a strike end here."""
        self._early.pop(order, None)
        for one, armed in self._armed:
            if one == order:
                armed.end()

    def _copies(self, strike: Strike, order: int) -> Iterator[tuple[Armed, list[Lane]]]:
        lanes = self.lanes
        if strike.fault.scope == "crossing":
            fault = self._copy(strike, order, strike.trigger)
            yield Armed(strike, fault, self), list(lanes.values())
            return
        for direction, lane in lanes.items():
            if strike.direction in {direction, "both"}:
                yield Armed(strike, self._copy(strike, order, direction), self), [lane]

    def _copy(self, strike: Strike, order: int, direction: Direction) -> Fault:
        fault = dataclasses.replace(strike.fault)
        fault.proxy, fault.crossing, fault.lane = self.proxy, self, self.lanes[direction]
        # The same in every run with the same seed, whatever else goes on.
        fault.chance = random.Random(  # noqa: S311 - to be repeated, not to be secret
            f"{self.proxy.seed}/{order}/{self.number}/{direction}"
        )
        return fault
