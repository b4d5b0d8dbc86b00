"""Sending a message in fragments (RFC 6455, 5.4), for who does not have all of it yet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from longwire.errors import LongwireError
from longwire.link.base import Sendable
from longwire.link.encoder import BINARY, CONT, TEXT, Encoder, too_big_to_send

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.errors import LinkClosed
    from longwire.link.writer import Writer

FragmentSource = Iterable[Sendable] | AsyncIterable[Sendable]
"""The fragments of a message, plain or asynchronous: all ``str`` or all bytes."""

HALF_SENT = 1011
"""The close code after a message that stays half sent: something failed on our side."""


class Outgoing(Protocol):
    """A message on its way out, wherever its link lives."""

    async def write(self, data: Sendable) -> None:
        """Send the next fragment; the first waits until no other message is under way."""

    async def finish(self) -> None:
        """There are no more."""

    def give_up(self, error: BaseException) -> None:
        """It will not be finished. Safe to call when it is, or was never begun."""

    def watch(self, tell: Callable[[LinkClosed], None]) -> None:
        """Have ``tell`` called, in the loop of who sends, when the message's link ends."""

    def unwatch(self) -> None:
        """Nobody wants to know any more."""


async def send_all(fragments: FragmentSource, message: Outgoing) -> None:
    """Send what the fragments give, one after the other, as one message.

    If they fail, or this is cancelled, the message is given up. Generators are closed then.

    Raises:
        TypeError: it is no iterable, or one message instead of its fragments.
    """
    if isinstance(fragments, str | bytes | bytearray | memoryview | Mapping) or not isinstance(
        fragments, Iterable | AsyncIterable
    ):
        raise TypeError(
            "send_fragments takes an iterable of str or of bytes, plain or asynchronous, not "
            f"{type(fragments).__name__}; send takes one message"
        )
    try:
        if isinstance(fragments, AsyncIterable):
            await _send_each_async(fragments, message)
        else:
            await _send_each(fragments, message)
    except BaseException as error:
        message.give_up(error)
        raise


async def _send_each(fragments: Iterable[Sendable], message: Outgoing) -> None:
    try:
        begun = False
        for fragment in fragments:
            await message.write(fragment)
            begun = True
        if begun:
            await message.finish()
    finally:
        if isinstance(fragments, Generator):
            fragments.close()


async def _send_each_async(fragments: AsyncIterable[Sendable], message: Outgoing) -> None:
    try:
        await _while_there_is_a_link(fragments, message)
    finally:
        if isinstance(fragments, AsyncGenerator):
            await fragments.aclose()


async def _while_there_is_a_link(fragments: AsyncIterable[Sendable], message: Outgoing) -> None:
    """Send, and do not wait for the next fragment when there is no link to send it on."""
    loop = asyncio.get_running_loop()
    lost: list[LinkClosed] = []
    limit = asyncio.timeout(None)
    waiting = True

    def tell(error: LinkClosed) -> None:
        lost.append(error)
        if waiting:
            # Who writes is told by that.
            limit.reschedule(loop.time())

    try:
        async with limit:
            message.watch(tell)
            try:
                begun = False
                async for fragment in fragments:
                    waiting = False
                    if lost:
                        raise lost[0]
                    await message.write(fragment)
                    begun = True
                    if lost:
                        raise lost[0]
                    waiting = True
                waiting = False
                if begun:
                    await message.finish()
            finally:
                message.unwatch()
    except TimeoutError:
        # It may as well be the fragments' own.
        if not limit.expired():
            raise
    if limit.expired():
        raise lost[0]


def payload_of(data: object) -> tuple[bool, bytes]:
    """Whether a fragment is text, and its payload: text is encoded whole, buffers are copied.

    Raises:
        TypeError: it is neither text nor bytes.
        UnicodeEncodeError: it is text that has no UTF-8.
    """
    if isinstance(data, str):
        return True, data.encode()
    if isinstance(data, bytes | bytearray | memoryview):
        return False, bytes(data)
    raise TypeError(f"a fragment is str or bytes, not {type(data).__name__}")


def check_alike(first_is_text: bool, is_text: bool) -> None:  # noqa: FBT001 - which of two
    """All fragments of a message are of one type.

    Raises:
        TypeError: they are not.
    """
    if first_is_text is not is_text:
        names = {True: "str", False: "bytes"}
        raise TypeError(
            f"a message that began with {names[first_is_text]} cannot go on with {names[is_text]}"
        )


def failure_of(error: BaseException) -> Exception:
    """What a link is to say that ended because a message on it was given up half sent."""
    if isinstance(error, Exception):
        return error
    cancelled = LongwireError(
        "send_fragments was cancelled in the middle of a message",
        hint="what was sent of it cannot be taken back, so the link had to end; send short "
        "messages with send where that must not happen",
    )
    cancelled.blame = "local"
    # The next link has no part in it.
    cancelled.retryable = True
    return cancelled


class Lookout:
    """The part of an `Outgoing` that sees its link end. On the link's loop.

    Args:
        ended: Done when the link has ended.
        closed: Makes the error that says so.
    """

    def __init__(self, ended: asyncio.Future[Any], closed: Callable[[], LinkClosed]) -> None:
        self._ended = ended
        self._closed = closed
        self._tell: Callable[[LinkClosed], None] | None = None

    def watch(self, tell: Callable[[LinkClosed], None]) -> None:
        """Have ``tell`` called when the link ends; soon, if it has."""
        self._tell = tell
        self._ended.add_done_callback(self._on_ended)

    def unwatch(self) -> None:
        """Nobody wants to know any more."""
        self._tell = None
        self._ended.remove_done_callback(self._on_ended)

    def _on_ended(self, _: object) -> None:
        if self._tell is not None:
            self._tell(self._closed())


class Fragmented(Lookout):
    """One message on its way out on one link. No other message goes out before its end.

    Args:
        writer: The link's way out.
        encoder: Makes frames; its codec compresses all fragments as one message.
        ended: Done when the link has ended.
        limit: The most bytes of one fragment.
        closed: Makes the error for a link that has ended.
        fail: Ends the link, whose peer has half a message.
        on_over: Called when other messages may go out again.
    """

    def __init__(
        self,
        writer: Writer,
        encoder: Encoder,
        ended: asyncio.Future[Any],
        *,
        limit: int,
        closed: Callable[[], LinkClosed],
        fail: Callable[[Exception], object],
        on_over: Callable[[], object],
    ) -> None:
        super().__init__(ended, closed)
        self._writer = writer
        self._encoder = encoder
        self._limit = limit
        self._fail = fail
        self._on_over = on_over
        self._holding = False
        self._text: bool | None = None
        self._lost = False

    def hold(self) -> None:
        """Keep other messages back from now on; the link is writable.

        Raises:
            LinkClosed: it has ended or is closing.
        """
        if not self._writer.hold():
            raise self._closed()
        self._holding = True

    async def write(self, data: Sendable) -> None:
        """Send a fragment; the first waits for its turn, and each while the peer reads too slowly.

        Raises:
            LinkClosed: the link has ended or is closing.
            TypeError: it is neither text nor bytes, or not of the type of the first one.
            MessageTooBig: it is over the limit.
        """
        text, payload = payload_of(data)
        if self._text is not None:
            check_alike(self._text, text)
        if len(payload) > self._limit:
            raise too_big_to_send(len(payload), self._limit)
        if self._holding:
            await self._writer.ready_within()
        else:
            await self._writer.ready()
            self.hold()
        opcode = CONT if self._text is not None else TEXT if text else BINARY
        self._put(opcode, payload, more=True)
        self._text = text

    async def finish(self) -> None:
        """There are no more: an empty last fragment says so, since which was the last is known now.

        Raises:
            LinkClosed: the link has ended or is closing.
        """
        await self._writer.ready_within()
        self._put(CONT, b"", more=False)
        self._release(sent=True)

    def give_up(self, error: BaseException) -> None:
        """It will not be finished. What has been sent of it cannot be taken back: the link ends."""
        if not self._holding:
            return
        if self._text is not None and not self._lost:
            self._fail(failure_of(error))
        self._release(sent=False)

    def _put(self, opcode: int, payload: bytes, *, more: bool) -> None:
        codec = self._encoder.deflate
        if codec is not None:
            payload = codec.compress_fragment(payload, final=not more)
        # RSV1 stands on the first fragment only (RFC 7692, 6).
        packed = codec is not None and opcode != CONT
        if not self._writer.write(self._encoder.encode(opcode, payload, packed, more)):
            self._lost = True
            raise self._closed()

    def _release(self, *, sent: bool) -> None:
        self._holding = False
        self._writer.release(sent)
        self._on_over()
