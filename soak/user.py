"""What the user's code does to its own loop, wherever the faults are done from."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from longwire.testing import AutojumpLoop


class User(Protocol):
    """The user's code, as the far side sees it."""

    def busy(self) -> contextlib.AbstractAsyncContextManager[None]:
        """Inside, nothing is received, but the loop runs."""

    async def block(self, seconds: float) -> None:
        """Let nothing run on the user's loop for so long."""


class Inline:
    """One loop for all: blocking it stops everything, the faults too.

    Args:
        gate: See `Books.gate`.
        loop: In virtual time.
    """

    def __init__(self, gate: asyncio.Event, loop: AutojumpLoop) -> None:
        self._gate = gate
        self._loop = loop

    @contextlib.asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """Inside, nothing is received, but the loop runs."""
        self._gate.clear()
        try:
            yield
        finally:
            self._gate.set()

    async def block(self, seconds: float) -> None:
        """Let time pass while nothing runs."""
        self._loop.advance(seconds)
        await asyncio.sleep(0)


class Isolated:
    """Another loop in another thread, in real time.

    Args:
        gate: See `Books.gate`; belongs to ``loop``.
        loop: The user's.
    """

    def __init__(self, gate: asyncio.Event, loop: asyncio.AbstractEventLoop) -> None:
        self._gate = gate
        self._loop = loop

    @contextlib.asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """Inside, nothing is received, but the loop runs."""
        self._loop.call_soon_threadsafe(self._gate.clear)
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._gate.set)

    async def block(self, seconds: float) -> None:
        """Hold the user's loop until so much of the links' time has passed."""
        over = threading.Event()
        self._loop.call_soon_threadsafe(over.wait)
        try:
            await asyncio.sleep(seconds)
        finally:
            over.set()


class Blocking:
    """A thread without a loop, in real time: being busy and blocking are the same there.

    Args:
        free: See `BlockingBooks.free`.
    """

    def __init__(self, free: threading.Event) -> None:
        self._free = free

    @contextlib.asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """Inside, nothing is received."""
        self._free.clear()
        try:
            yield
        finally:
            self._free.set()

    async def block(self, seconds: float) -> None:
        """Be busy until so much of the links' time has passed."""
        async with self.busy():
            await asyncio.sleep(seconds)
