"""What waits to be handed to one side: bytes and calls, in order, each in its time."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, Final

from longwire.chaos.fault import Parcel

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.chaos.side import Side

_MOST_BYTES: Final = 2**20
"""Bytes between both sides; with more, reading waits, and TCP holds the sender back."""
_MOST_PIECES: Final = 2**12
"""The same for pieces, which cost more than their bytes where they are small."""


class Line:
    """The queue in front of one side. Nothing overtakes what is in front of it.

    Attributes:
        ended: Nothing more comes in; what is in it still goes on.
    """

    def __init__(self, target: Side) -> None:
        self.ended = False
        self._target = target
        self._waiting: deque[Parcel | Callable[[], object]] = deque()
        self._bytes = 0
        self._last_due = 0.0
        self._held = 0
        self._moves = asyncio.Event()
        """Set whenever something came into the line, left it, or may."""
        self._delivered = False

    def __len__(self) -> int:
        """Pieces and calls that wait."""
        return len(self._waiting)

    @property
    def has_room(self) -> bool:
        """Whether what waits is within its bounds."""
        return self._bytes <= _MOST_BYTES and len(self._waiting) <= _MOST_PIECES

    async def wait_for_room(self) -> None:
        """Wait until there is room, and the line is not held."""
        while self._held or not self.has_room:
            self._moves.clear()
            await self._moves.wait()

    def join(self, parcel: Parcel) -> None:
        """Let bytes stand in line; where it has ended, they are gone."""
        if not self.ended:
            self._last_due = due = max(self._last_due, parcel.due)
            self._waiting.append(parcel._replace(due=due))
            self._bytes += len(parcel.data)
            self._moves.set()

    def behind(self, call: Callable[[], object]) -> None:
        """Let a call stand in line; where all is delivered already, it is made at once."""
        if self._delivered:
            call()
        else:
            self._waiting.append(call)
            self._moves.set()

    def hurry(self) -> None:
        """Let everything that waits for its moment go on at once."""
        self._last_due = 0.0
        for place, one in enumerate(self._waiting):
            if isinstance(one, Parcel):
                self._waiting[place] = one._replace(due=0.0)
        self._moves.set()

    def hold(self) -> None:
        """Let nothing go on until as many `release`."""
        self._held += 1

    def release(self) -> None:
        """Undo one `hold`."""
        self._held -= 1
        self._moves.set()

    async def deliver(self) -> None:
        """Hand over what comes, until the line has ended and is empty."""
        loop = asyncio.get_running_loop()
        while not (self.ended and not self._waiting):
            if self._held or not self._waiting:
                self._moves.clear()
                await self._moves.wait()
                continue
            first = self._waiting[0]
            if not isinstance(first, Parcel):
                await self._target.drain()
                self._waiting.popleft()
                first()
                continue
            wait = first.due - loop.time()
            if wait > 0:
                await self._moves_within(wait)
                continue
            data = self._take_due(loop.time())
            self._bytes -= len(data)
            self._moves.set()
            await self._target.write(data)
            if first.alone:
                await asyncio.sleep(0)
        self._delivered = True

    async def _moves_within(self, seconds: float) -> None:
        """Wait until something moves, but not longer."""
        self._moves.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._moves.wait()

    def _take_due(self, now: float) -> bytes:
        """Take the first parcel, and in one piece with it what may go on, too."""
        pieces: list[bytes] = []
        while self._waiting and isinstance(parcel := self._waiting[0], Parcel):
            if pieces and (parcel.alone or parcel.due > now):
                break
            pieces.append(parcel.data)
            self._waiting.popleft()
            if parcel.alone:
                break
        return b"".join(pieces)
