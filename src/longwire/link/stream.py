"""Messages handed over while they come: piece after piece, out of an inbox that holds pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self

from longwire.core.pieces import Cut, Piece
from longwire.errors import LinkClosed, fresh
from longwire.link.inbox import Inbox, is_loss
from longwire.link.receive import Receive

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from longwire.link.base import Data

OFF = (
    "the link hands over whole messages: use recv, or turn streaming on with stream=True "
    "(in LinkOptions for longwire.serve)"
)
"""What to say to who asks for a stream where there is none."""

ON = (
    "with stream=True messages are handed over while they come: use recv_stream, or iterate over "
    "streams()"
)
"""What to say to who asks for whole messages where there are none."""


class Streams:
    """The messages of one inbox, one after the other.

    Args:
        receive: The next item of the inbox, marks included. Given True, the end is that of an
            iteration: quiet where it is a normal one.
        where: The address, for errors.
    """

    def __init__(self, receive: Callable[[bool], Awaitable[Any]], *, where: str = "") -> None:
        self._receive = receive
        self._where = where
        self._current: Stream | None = None
        # The first piece of the current message, or of the next one if there is none.
        self._held: Piece | None = None
        # Pieces of the current message had no place in the inbox.
        self._holed = False
        self._busy = False

    def stream(self) -> Stream:
        """The next message, to be asked for when its first piece is."""
        return Stream(self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Stream:
        """The next message, when it begins to come. Cancelling loses nothing."""
        stream = Stream(self)
        await self.begin(stream, iterating=True)
        return stream

    async def begin(self, stream: Stream, *, iterating: bool = False) -> None:
        """Wait for the next message. What has not been taken of the one before is passed over."""
        self._claim()
        try:
            self._holed = False
            if self._current is not None:
                self._current = self._held = None
            while self._held is None:
                item = await self._receive(iterating)
                if type(item) is Piece and item.first:
                    self._held = item
            self._current = stream
            stream.begun = True
        finally:
            self._busy = False

    async def step(self, stream: Stream) -> Piece:
        """The next piece of the message that was begun.

        Raises:
            LinkClosed: the link ended in the middle of it.
            RuntimeError: it was left for the next one, or another task waits for it.
        """
        if self._current is not stream:
            raise RuntimeError("this message was left: the next one has been asked for since")
        self._claim()
        try:
            piece, self._held = self._held, None
            while piece is None:
                piece = self._piece(await self._receive(False))
        finally:
            self._busy = False
        return piece

    def _piece(self, item: object) -> Piece | None:
        """What was received, if it goes on with the message."""
        if type(item) is Cut:
            raise LinkClosed(item.closure, where=self._where)
        if type(item) is not Piece:
            self._holed = self._holed or is_loss(item)
            return None
        if item.first:
            # The mark in between was let go of, since there were too many.
            self._held, self._current = item, None
        if item.first or self._holed:
            raise LinkClosed("it was cut in the middle of a message", where=self._where)
        return item

    def _claim(self) -> None:
        if self._busy:
            raise RuntimeError("another task waits for a piece: one message is read at a time")
        self._busy = True


class Stream:
    """One message while it comes: an asynchronous iterator over its pieces.

    They are all ``str`` or all ``bytes``, of 64 KiB at most, and never empty, but that an empty
    message is one empty piece. It is the next message when its first piece is asked for. What is
    left of it is passed over when the next message is asked for; it cannot be gone on with then.
    Cancelling loses nothing: asked again, it goes on.

    Raises:
        LinkClosed: the link ended in the middle of the message.
        RuntimeError: the next message has been asked for since, or another task waits for a piece.
    """

    def __init__(self, streams: Streams) -> None:
        self.begun = False
        """Which message it is has been settled."""
        self._streams = streams
        self._given = False
        self._over = False
        self._broken: LinkClosed | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Data:
        """The next piece, as soon as it is there."""
        if self._broken is not None:
            raise fresh(self._broken)
        if not self.begun:
            await self._streams.begin(self)
        while not self._over:
            piece = await self._next()
            self._over = piece.last
            if piece.data or (piece.last and not self._given):
                self._given = True
                return piece.data
        raise StopAsyncIteration

    async def _next(self) -> Piece:
        try:
            return await self._streams.step(self)
        except LinkClosed as error:
            self._broken = error
            raise


class StreamInbox(Inbox):
    """The inbox of a link, or of a client, with streaming: it holds pieces, and hands over streams.

    Args:
        max_messages: Pieces that may wait.
        max_bytes: Bytes of payload that may wait.
        where: The address, for errors.
    """

    def __init__(self, max_messages: int, max_bytes: int, *, where: str = "") -> None:
        super().__init__(max_messages, max_bytes)
        self.streams = Streams(self._step, where=where)

    def _step(self, iterating: bool) -> Receive:  # noqa: FBT001 - as the compiled base has it
        return Receive(self, False, True, iterating)

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise RuntimeError(ON)

    receive = receive_within = messages = batches = _refuse


def streams_of(inbox: object) -> Streams:
    """The streams of an inbox that has them.

    Raises:
        RuntimeError: it has none.
    """
    if not isinstance(inbox, StreamInbox):
        raise RuntimeError(OFF)  # noqa: TRY004 - the option is missing, the type is nobody's fault
    return inbox.streams
