"""Messages on the links of an in-process pair: whole, in fragments, as streams."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from longwire.core.pieces import Piece
from longwire.errors import MessageTooBig
from longwire.link.fragments import Lookout, check_alike, failure_of, payload_of, send_all
from longwire.link.memory_wire import Fragment, Message
from longwire.link.stream import OFF, ON
from longwire.link.streamparser import PIECE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from longwire.errors import Blame
    from longwire.link.base import Data, Sendable
    from longwire.link.fragments import FragmentSource
    from longwire.link.memory import MemoryLink
    from longwire.link.memory_inbox import MemoryInbox
    from longwire.link.options import LinkOptions
    from longwire.link.stream import Stream, Streams

MOST_CHARACTERS = PIECE // 4
"""Characters of text that are handed over at once: none takes more than four bytes."""


class MemoryFragmented(Lookout):
    """One message on its way out in fragments; see `longwire.link.fragments.Outgoing`."""

    def __init__(self, link: MemoryLink) -> None:
        super().__init__(link.ended, link.closed_error)
        self._link = link
        self._holding = False
        self._text: bool | None = None

    async def write(self, data: Sendable) -> None:
        """Send a fragment; the first waits for its turn, and each for room."""
        text, payload = payload_of(data)
        if self._text is not None:
            check_alike(self._text, text)
        self._link.check_size(len(payload), "local")
        if not self._holding:
            await self._link.sending.acquire()
            self._holding = True
            self._link.fragmented = self
        await self._link.wait_for_room()
        fragment: Data = payload.decode() if text else payload
        self._link.put(Fragment(fragment, len(payload), first=self._text is None, last=False))
        self._text = text

    async def finish(self) -> None:
        """There are no more."""
        await self._link.wait_for_room()
        self._link.put(Fragment("" if self._text else b"", 0, first=False, last=True))
        self.release()

    def give_up(self, error: BaseException) -> None:
        """It will not be finished: the link ends if the other side has a part of it."""
        if self._holding:
            if self._text is not None:
                self._link.fail_half_sent(failure_of(error))
            self.release()

    def release(self) -> None:
        """Let other messages go out, or find that the link has ended. Safe to repeat."""
        if not self._holding:
            return
        self._holding = False
        self._link.fragmented = None
        self._link.sending.release()


class Assembly:
    """What becomes of the fragments that arrive: messages, or pieces of them.

    Args:
        stream: Hand over pieces.
    """

    def __init__(self, *, stream: bool) -> None:
        self._stream = stream
        self._parts: list[Any] = []
        self.size = 0
        """Bytes that wait for the rest of their message."""
        self.inside = False
        """A message has begun and is not complete."""

    def add(self, frame: Message | Fragment) -> Iterator[tuple[Any, int]]:
        """Items for the inbox, and their sizes."""
        if isinstance(frame, Message):
            frame = Fragment(frame.data, frame.size, first=True, last=True)
        self.inside = not frame.last
        if self._stream:
            yield from _pieces(frame)
            return
        self._parts.append(frame.data)
        self.size += frame.size
        if frame.last:
            parts, size = self._parts, self.size
            self._parts, self.size = [], 0
            yield type(parts[0])().join(parts), size


def _pieces(frame: Fragment) -> Iterator[tuple[Piece, int]]:
    step = PIECE if isinstance(frame.data, bytes) else MOST_CHARACTERS
    starts = range(0, max(1, len(frame.data)), step)
    for start in starts:
        part = frame.data[start : start + step]
        size = len(part) if isinstance(part, bytes) else len(part.encode())
        first = frame.first and start == 0
        yield Piece(part, size, first, frame.last and start == starts[-1]), size


class Messaging:
    """What of a `MemoryLink` sends and receives messages: whole, in fragments, as streams."""

    _inbox: MemoryInbox
    _options: LinkOptions
    _streams: Streams | None
    put: Callable[[Message | Fragment], None]
    sending: asyncio.Lock
    wait_for_room: Callable[[], Awaitable[None]]

    async def recv(self, timeout: float | None = None) -> Data:
        """The next message. Cancelling loses nothing. Raises as `Link.recv` does."""
        self.check_whole()
        async with asyncio.timeout(timeout):
            message: Data = await self._inbox.next_message()
            return message

    def batches(self) -> AsyncIterator[list[Data]]:
        """Everything received since the last batch, at least one message each."""
        self.check_whole()
        return self._inbox.batches()

    def __aiter__(self) -> AsyncIterator[Data]:
        self.check_whole()
        return self._inbox.messages()

    async def send(self, data: Sendable) -> None:
        """Send one message. Cancelling while it waits sends nothing. Raises as `Link.send` does."""
        message = self.checked(data)
        async with self.sending:
            await self.wait_for_room()
            self.put(message)

    async def send_fragments(self, fragments: FragmentSource) -> None:
        """Send one message whose parts come one by one; see `Link.send_fragments`."""
        await send_all(fragments, MemoryFragmented(cast("MemoryLink", self)))

    def recv_stream(self) -> Stream:
        """The next message while it comes; see `Link.recv_stream`."""
        return self._checked_streams().stream()

    def streams(self) -> AsyncIterator[Stream]:
        """Message after message, each while it comes; see `Link.streams`."""
        return self._checked_streams()

    def _checked_streams(self) -> Streams:
        if self._streams is None:
            raise RuntimeError(OFF)
        return self._streams

    def check_whole(self) -> None:
        """Raise RuntimeError where there are no whole messages."""
        if self._streams is not None:
            raise RuntimeError(ON)

    def next_item(self, iterating: bool) -> Awaitable[Any]:  # noqa: FBT001 - as `Streams` has it
        """The next item of the inbox."""
        return anext(self._inbox.messages()) if iterating else self._inbox.next_message()

    def checked(self, data: object) -> Message:
        """A message that can be sent; raises TypeError or MessageTooBig."""
        _, payload = payload_of(data)
        self.check_size(len(payload), "local")
        return Message(data if isinstance(data, str) else payload, len(payload))

    def check_size(self, size: int, blame: Blame) -> None:
        """Raise MessageTooBig for what is over the limit."""
        limit = self._options.max_message_bytes
        if size > limit:
            what = f"a message of {size} bytes is over the limit of {limit}"
            raise MessageTooBig(what, limit=limit, size=size, blame=blame)
