"""What travels between the two links of an in-process pair, and one direction of the way."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.link.base import Data

MASK_BYTES: Final = 4
"""What masking adds to each frame of the client (RFC 6455, 5.2)."""


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message; ``size`` is its payload in bytes."""

    data: Data
    size: int


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of a message; ``size`` is its payload in bytes."""

    data: Data
    size: int
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class Ping:
    """A ping."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a ping."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """A close frame; ``code`` is None where it is empty."""

    code: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fin:
    """The end of the transport, behind everything that was sent."""


Frame = Message | Fragment | Ping | Pong | Close | Fin


def payload_size(frame: Frame) -> int:
    """Bytes of a frame's payload."""
    match frame:
        case Message(size=size) | Fragment(size=size):
            return size
        case Ping(payload=payload) | Pong(payload=payload):
            return len(payload)
        case Close(code=None) | Fin():
            return 0
        case Close(reason=reason):
            return 2 + len(reason.encode())


def wire_size(frame: Frame, *, masked: bool) -> int:
    """Bytes that a frame takes on the wire, its header included (RFC 6455, 5.2)."""
    if isinstance(frame, Fin):
        return 0
    payload = payload_size(frame)
    header = 2 if payload < 126 else 4 if payload < 65_536 else 10
    return header + payload + (MASK_BYTES if masked else 0)


class Wire:
    """One direction. What is put in comes out in order, when the other side takes it.

    Args:
        masked: Whether the sender is the client.
    """

    def __init__(self, *, masked: bool) -> None:
        self.cut = False
        """Nothing arrives any more, and nobody is told."""
        self.bytes_put = 0
        """Bytes handed to it, ever."""
        self.bytes_taken = 0
        """Bytes that have left it, ever."""
        self.on_arrival: Callable[[], None] | None = None
        """Called when there is something to take."""
        self.on_departure: Callable[[], None] | None = None
        """Called when something was taken."""
        self._masked = masked
        self._frames: deque[tuple[Frame, int]] = deque()
        self._abandoned = False

    @property
    def waiting(self) -> int:
        """Bytes that were put in and have not been taken."""
        return self.bytes_put - self.bytes_taken

    def put(self, frame: Frame) -> None:
        """Send a frame. Bounding it is the sender's business: see `waiting`."""
        size = wire_size(frame, masked=self._masked)
        self.bytes_put += size
        if self._abandoned:
            self.bytes_taken += size
            return
        self._frames.append((frame, size))
        if not self.cut and self.on_arrival is not None:
            self.on_arrival()

    def peek(self) -> Frame | None:
        """The next frame; None if there is none."""
        return self._frames[0][0] if self._frames and not self.cut else None

    def take(self) -> int:
        """Remove the frame that `peek` shows; its size in bytes."""
        _, size = self._frames.popleft()
        self.bytes_taken += size
        if self.on_departure is not None:
            self.on_departure()
        return size

    def abandon(self) -> None:
        """The receiver is gone: what waits, and what will come, is lost."""
        self._abandoned = True
        if self.cut:
            return
        self._frames.clear()
        self.bytes_taken = self.bytes_put
        if self.on_departure is not None:
            self.on_departure()
