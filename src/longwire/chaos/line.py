"""What waits in front of a side: bytes, each with its moment, and calls between them, in order."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, Final

from longwire.chaos.fault import Parcel

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.chaos.side import Side

_MOST_WAITING: Final = 2**20
"""Bytes between both sides; with more, reading waits, and TCP holds the sender back."""
_MOST_PARCELS: Final = 2**12
"""The same for pieces, which cost more than their bytes where they are small."""


class Line:
    """Hands what stands in it to a side, one after the other.

    Attributes:
        ended: Nothing more comes; `deliver` ends when it is empty.
        sealed: Nothing more comes in, so that nobody has to wait for room; see `seal`.
        waiting: Bytes that stand in it.
    """

    def __init__(self, target: Side) -> None:
        self.ended = False
        self.sealed = False
        self.waiting = 0
        self._target = target
        self._line: deque[Parcel | Callable[[], object]] = deque()
        self._last_due = 0.0
        self._moves = asyncio.Event()
        """Set whenever something came into the line, left it, or may."""
        self._held = 0
        self._delivered = False

    def __len__(self) -> int:
        return len(self._line)

    @property
    def has_room(self) -> bool:
        """Whether what waits is within its bounds."""
        return self.waiting <= _MOST_WAITING and len(self._line) <= _MOST_PARCELS

    @property
    def delay(self) -> float:
        """Seconds until the moment of what stands last in it."""
        return max(0.0, self._last_due - asyncio.get_running_loop().time())

    async def room(self) -> None:
        """Wait until there is room, or none is needed, and nobody holds it."""
        while self._held or not (self.has_room or self.sealed):
            self._moves.clear()
            await self._moves.wait()

    # -- what happens to it -------------------------------------------------------------------

    def join(self, parcel: Parcel) -> None:
        """Let bytes stand in line; their moment is not before that of those in front of them."""
        if self.ended or self.sealed:
            return
        self._last_due = due = max(self._last_due, parcel.due)
        self._line.append(parcel._replace(due=due))
        self.waiting += len(parcel.data)
        self._moves.set()

    def behind(self, call: Callable[[], object]) -> None:
        """Call something as soon as all in front of it is handed to the system."""
        if self._delivered:
            call()
        else:
            self._line.append(call)
            self._moves.set()

    def seal(self, sealed: bool) -> None:  # noqa: FBT001 - what an attribute is set to
        """Let nothing more come in, or let it again; what stands in it goes on."""
        self.sealed = sealed
        self._moves.set()

    def hurry(self) -> None:
        """Let everything that waits for its moment go on at once."""
        self._last_due = 0.0
        for place, one in enumerate(self._line):
            if isinstance(one, Parcel):
                self._line[place] = one._replace(due=0.0)
        self._moves.set()

    def hold(self) -> None:
        """Let nothing go on, until `release`; as often as this was called."""
        self._held += 1

    def release(self) -> None:
        """Undo one `hold`; after the last, what has waited goes on in one burst."""
        self._held -= 1
        self._moves.set()

    # -- its work -----------------------------------------------------------------------------

    async def deliver(self) -> None:
        """Hand on what comes, until it has ended and is empty."""
        loop = asyncio.get_running_loop()
        while not (self.ended and not self._line):
            if self._held or not self._line:
                self._moves.clear()
                await self._moves.wait()
                continue
            first = self._line[0]
            if not isinstance(first, Parcel):
                await self._target.drain()
                self._line.popleft()
                first()
                continue
            wait = first.due - loop.time()
            if wait > 0:
                await self._moves_within(wait)
                continue
            data = self._take_due(loop.time())
            self.waiting -= len(data)
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
        while self._line and isinstance(parcel := self._line[0], Parcel):
            if pieces and (parcel.alone or parcel.due > now):
                break
            pieces.append(parcel.data)
            self._line.popleft()
            if parcel.alone:
                break
        return b"".join(pieces)
