"""The feed's end of one connection: polite by default, and able to break every rule."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
from typing import TYPE_CHECKING, Protocol, cast

import msgspec

from longwire.chaos import frames
from longwire.testing.changes import PATIENCE, Changes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Opening = Callable[["RawLink"], Awaitable[None]]
    """Decides what happens from the accepted TCP connection on; `RawLink.open` makes it live."""

_LINGER_RESET = struct.pack("ii", 1, 0)


def message_frame(data: str | bytes) -> bytes:
    """A message in one frame, as a server sends it."""
    if isinstance(data, str):
        return frames.frame(frames.TEXT, data.encode())
    return frames.frame(frames.BINARY, data)


class OpeningHead(msgspec.Struct, frozen=True, kw_only=True):
    """The opening request's head as the client sent it."""

    target: str
    headers: dict[str, str]
    """Names in lower case; repeated fields are joined by a comma."""


class Host(Protocol):
    """What a `RawLink` tells its owner."""

    def link_made(self, link: RawLink) -> Opening:
        """A connection was accepted; say how its opening is to go."""

    def link_live(self, link: RawLink) -> None:
        """Its opening was answered with 101."""

    def link_message(self, link: RawLink, data: str | bytes) -> None:
        """The client sent a message."""

    def link_changed(self, link: RawLink) -> None:
        """Something happened; also after the others."""


class RawLink(asyncio.Protocol):
    """One accepted connection. Its flags may be changed at any time.

    Attributes:
        index: Its number among the owner's connections, from 0.
        accepted_at: Seconds of the loop's clock at the TCP accept.
        head: The opening request once it is complete.
        live: Whether the opening was answered with 101 and the link has not ended.
        ended: Whether TCP is gone (as far as this side has noticed).
        error: The exception that TCP ended with, if any.
        sent: The numbers sent on it, in order (kept by the feed).
        messages: Text and binary messages from the client, in order.
        frames: Every frame from the client, in order.
        received_close: Code and reason of the client's close frame; code None if it was empty.
        sent_close: Whether this side sent a close frame.
        finished: Whether this side sent its FIN, or was told to.
        frozen: Neither read nor write anything. Set by `freeze`; `forget` goes on reading.
        forgotten: The next byte from the client is answered with RST. Set by `forget`.
        muted: The feed sends no numbers on it.
        answers_pings, answers_close: Whether it does.
    """

    def __init__(self, host: Host) -> None:
        self.index = -1
        self.accepted_at = 0.0
        self.head: OpeningHead | None = None
        self.live = False
        self.ended = False
        self.error: Exception | None = None
        self.sent: list[int] = []
        self.messages: list[str | bytes] = []
        self.frames: list[frames.Frame] = []
        self.received_close: tuple[int | None, str] | None = None
        self.sent_close = False
        self.finished = False
        self.frozen = False
        self.forgotten = False
        self.muted = False
        self.writable = True
        self.answers_pings = True
        self.answers_close = True
        self.bytes_received = 0
        self.changes = Changes()
        self.tasks: list[asyncio.Task[None]] = []
        self._host = host
        self._reader = frames.FrameReader()
        self._early = bytearray()
        self._fragments: list[frames.Frame] = []
        self._pings: dict[bytes, asyncio.Future[None]] = {}
        self._ping_numbers = itertools.count(1)
        self._transport: asyncio.Transport | None = None

    # --- what asyncio calls -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP (and TLS) stands: start the opening."""
        # Not asked with isinstance: uvloop's are none of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self.accepted_at = asyncio.get_running_loop().time()
        opening = self._host.link_made(self)
        self.run(opening(self))

    def data_received(self, data: bytes) -> None:
        """Bytes from the client."""
        self.bytes_received += len(data)
        if self.forgotten:
            self.reset()
            return
        if self.head is None:
            self._early += data
            self._try_head()
        elif self.live:
            self._take(data)
        else:
            self._early += data
        self._changed()

    def eof_received(self) -> bool:
        """The client has nothing more to say; keep the socket only if told never to close."""
        return not self.answers_close

    def pause_writing(self) -> None:
        """The client reads too slowly."""
        self.writable = False
        self._changed()

    def resume_writing(self) -> None:
        """It has caught up."""
        self.writable = True
        self._changed()

    def connection_lost(self, exc: Exception | None) -> None:
        """TCP is gone."""
        self.ended, self.live, self.error = True, False, exc
        for task in self.tasks:
            task.cancel()
        for waiter in self._pings.values():
            waiter.cancel()
        self._pings.clear()
        self._changed()

    # --- the opening --------------------------------------------------------------------------

    async def read_head(self, timeout: float | None = None) -> OpeningHead:
        """The opening request's head. Raises TimeoutError after ``timeout`` seconds."""
        await self.changes.until(
            lambda: self.head is not None, what="an opening request", timeout=timeout
        )
        assert self.head is not None
        return self.head

    def open(self) -> None:
        """The opening was answered with 101: read frames from here on."""
        self.live = True
        early, self._early = bytes(self._early), bytearray()
        self._host.link_live(self)
        self._take(early)
        self._changed()

    def _try_head(self) -> None:
        end = self._early.find(b"\r\n\r\n")
        if end < 0:
            return
        lines = self._early[:end].decode("latin-1").split("\r\n")
        del self._early[: end + 4]
        headers: dict[str, str] = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            name, value = name.strip().lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        self.head = OpeningHead(target=lines[0].split(" ")[1], headers=headers)

    @property
    def ready(self) -> bool:
        """Whether numbers are to be sent on it."""
        closing = self.sent_close or self.received_close is not None or self.finished
        return self.live and not (closing or self.frozen or self.muted)

    # --- speaking -----------------------------------------------------------------------------

    def write(self, raw: bytes) -> bool:
        """Hand bytes to the socket, whatever they mean; whether it was still possible."""
        if self.frozen or self.finished or self._transport is None:
            return False
        if self._transport.is_closing():
            return False
        self._transport.write(raw)
        return True

    def send(self, data: str | bytes) -> bool:
        """Send one message in one frame; whether it was still possible."""
        return self.write(message_frame(data))

    def send_close(self, code: int | None = 1000, reason: str = "") -> None:
        """Send a close frame (None: an empty one); TCP is closed when the client answers."""
        payload = b"" if code is None else frames.close_payload(code, reason)
        self.sent_close = True
        self.write(frames.frame(frames.CLOSE, payload))
        self._changed()

    async def ping(self, timeout: float | None = PATIENCE) -> None:
        """Send a ping and wait for its pong.

        All that was sent before has then been read by the client. Raises TimeoutError when no
        pong came in time, ConnectionError when the link ended first.
        """
        payload = b"confirm %d" % next(self._ping_numbers)
        waiter = asyncio.get_running_loop().create_future()
        self._pings[payload] = waiter
        self.write(frames.frame(frames.PING, payload))
        try:
            async with asyncio.timeout(timeout):
                await asyncio.wait([waiter])
        finally:
            self._pings.pop(payload, None)
        if waiter.cancelled():
            raise ConnectionError("the link ended before the pong came")

    def run(self, work: Awaitable[None]) -> None:
        """Let ``work`` run as long as the link lives; the owner awaits it at the end."""
        self.tasks.append(asyncio.create_task(_as_coroutine(work)))

    # --- ending -------------------------------------------------------------------------------

    def reset(self) -> None:
        """RST at once. What the kernel has not sent is lost."""
        assert self._transport is not None
        sock = self._transport.get_extra_info("socket")
        if sock is not None and not self._transport.is_closing():
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)
        self._transport.abort()

    def end(self) -> None:
        """FIN, with no close frame. Reading goes on until the client closes too (not with TLS)."""
        assert self._transport is not None
        if self._transport.is_closing():
            return
        self.finished = True
        if self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.close()
        self._changed()

    def drop(self) -> None:
        """Close the socket once everything written is out."""
        self.finished = True
        if self._transport is not None:
            self._transport.close()

    def freeze(self) -> None:
        """Read nothing, write nothing, keep the socket: the peer of a half-open connection."""
        self.frozen = True
        self.stop_reading()

    def forget(self) -> None:
        """Write nothing more, and answer whatever comes with RST: there is no such flow."""
        self.frozen = self.forgotten = True

    def thaw(self) -> None:
        """Undo `freeze` and `stop_reading`; what was not written meanwhile is not made up for."""
        self.frozen = False
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
        self._changed()

    def stop_reading(self) -> None:
        """Never read again, but go on writing."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()
        self._changed()

    async def wait_ended(self, timeout: float | None = PATIENCE) -> None:
        """Wait until TCP is gone. Raises TimeoutError."""
        await self.changes.until(
            lambda: self.ended, what=f"the end of link {self.index}", timeout=timeout
        )

    async def wait_message(self, count: int = 1, timeout: float | None = PATIENCE) -> str | bytes:
        """The ``count``-th message from the client, from 1. Raises TimeoutError."""
        await self.changes.until(
            lambda: len(self.messages) >= count,
            what=f"message {count} from the client",
            timeout=timeout,
        )
        return self.messages[count - 1]

    async def wait_pings(self, count: int = 1, timeout: float | None = PATIENCE) -> None:
        """Wait until ``count`` pings in all have come from the client. Raises TimeoutError.

        A client with a heartbeat pings at a fixed beat, so that many beats has its link lived.
        """
        await self.changes.until(
            lambda: sum(one.opcode == frames.PING for one in self.frames) >= count,
            what=f"ping {count} from the client",
            timeout=timeout,
        )

    async def wait_bytes(self, count: int, timeout: float | None = PATIENCE) -> None:
        """Wait until ``count`` bytes in all have come from the client. Raises TimeoutError."""
        await self.changes.until(
            lambda: self.bytes_received >= count, what=f"byte {count}", timeout=timeout
        )

    # --- listening ----------------------------------------------------------------------------

    def _take(self, data: bytes) -> None:
        for one in self._reader.feed(data):
            self.frames.append(one)
            self._answer(one)

    def _answer(self, one: frames.Frame) -> None:
        if one.opcode in {frames.CONT, frames.TEXT, frames.BINARY}:
            self._fragments.append(one)
            if one.fin:
                self._message()
        elif one.opcode == frames.PING and self.answers_pings:
            self.write(frames.frame(frames.PONG, one.payload))
        elif one.opcode == frames.PONG:
            waiter = self._pings.pop(one.payload, None)
            if waiter is not None and not waiter.done():
                waiter.set_result(None)
        elif one.opcode == frames.CLOSE:
            self._closed(one.payload)

    def _message(self) -> None:
        parts, self._fragments = self._fragments, []
        raw = b"".join(part.payload for part in parts)
        data = raw.decode(errors="replace") if parts[0].opcode == frames.TEXT else raw
        self.messages.append(data)
        self._host.link_message(self, data)

    def _closed(self, payload: bytes) -> None:
        code = int.from_bytes(payload[:2], "big") if payload else None
        self.received_close = (code, payload[2:].decode(errors="replace"))
        if not self.answers_close:
            return
        if not self.sent_close:
            self.sent_close = True
            self.write(frames.frame(frames.CLOSE, payload))
        self.drop()

    def _changed(self) -> None:
        self.changes.notify()
        self._host.link_changed(self)


async def _as_coroutine(work: Awaitable[None]) -> None:
    """`asyncio.create_task` takes nothing but a coroutine."""
    await work
