"""The received messages of an in-process link: bounded, and handed over without loss."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from longwire.link.base import Data

T = TypeVar("T")


class MemoryInbox:
    """A bounded queue. What `longwire.link.inbox` does fast, this does plainly.

    Args:
        max_messages: Messages that may wait.
        max_bytes: Bytes of payload that may wait; one larger message may wait alone.
        on_room: Called when messages have been handed over.
    """

    def __init__(self, max_messages: int, max_bytes: int, on_room: Callable[[], None]) -> None:
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._on_room = on_room
        self._messages: deque[tuple[Any, int]] = deque()
        self._bytes = 0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._ended = False
        self._quiet = False
        self._error: Callable[[], Exception] = LookupError

    def __len__(self) -> int:
        return len(self._messages)

    def fits(self, size: int) -> bool:
        """Whether a message of so many bytes may be put."""
        if not self._messages:
            return True
        return len(self._messages) < self._max_messages and self._bytes + size <= self._max_bytes

    def put(self, data: Any, size: int) -> None:
        """Append a message, or with streaming a piece of one."""
        self._messages.append((data, size))
        self._bytes += size
        self._wake_one()

    def end(self, error: Callable[[], Exception], *, quiet: bool) -> None:
        """No more will come: after the last message ``error()`` is raised, or iteration ends."""
        self._ended = True
        self._error = error
        self._quiet = quiet
        while self._waiters:
            self._wake_one()

    async def next_message(self) -> Any:
        """The next message, or the end's error. Cancelling loses nothing."""
        if not await self._wait():
            raise self._error()
        return self._pop()

    def messages(self) -> AsyncIterator[Data]:
        """Iterate over messages."""
        return _Steps(self, self._pop)

    def batches(self) -> AsyncIterator[list[Data]]:
        """Iterate over batches: everything received since the last, at least one message."""
        return _Steps(self, lambda: [self._pop() for _ in range(len(self))])

    async def step(self) -> None:
        """Wait for a message, as iteration does."""
        if await self._wait():
            return
        if self._quiet:
            raise StopAsyncIteration
        raise self._error()

    def _pop(self) -> Any:
        data, size = self._messages.popleft()
        self._bytes -= size
        self._on_room()
        return data

    async def _wait(self) -> bool:
        """Wait until there is a message, or none will come any more (False).

        It takes no message, so that who is cancelled in here loses none.
        """
        while not self._messages and not self._ended:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
                else:
                    # Woken and cancelled in the same turn: the message is for the next one.
                    self._wake_one()
                raise
        if len(self._messages) > 1:
            # There may be other receivers: what this one leaves is theirs.
            self._wake_one()
        return bool(self._messages)

    def _wake_one(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return


class _Steps(Generic[T]):
    """Iterates over an inbox. A class, for a generator that was cancelled would be at its end."""

    def __init__(self, inbox: MemoryInbox, take: Callable[[], T]) -> None:
        self._inbox = inbox
        self._take = take

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        await self._inbox.step()
        return self._take()
