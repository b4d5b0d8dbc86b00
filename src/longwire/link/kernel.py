"""What the operating system knows of a socket, where it says so."""

from __future__ import annotations

import socket
import struct
import sys
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from longwire.core.causes.evidence import Kernel

if TYPE_CHECKING:
    import asyncio

_TCP_INFO_SIZE: Final = 104
"""All of ``struct tcp_info`` that every Linux since 2.6 fills in."""

_RETRANSMITS: Final = 2
"""Offset of ``tcpi_retransmits``, one byte."""
_UNACKED: Final = 8 + 4 * 4
"""Offset of ``tcpi_unacked``; eight bytes of flags come before the 32-bit fields."""
_RTT: Final = 8 + 15 * 4
"""Offset of ``tcpi_rtt``, in microseconds."""
_ACKNOWLEDGED: Final = 8 + 24 * 4 + 2 * 8
"""Offset of ``tcpi_bytes_acked``, 64 bits, since Linux 4.1."""


class WayOut(NamedTuple):
    """What became of the bytes that the kernel took from us, TLS records where there is TLS."""

    acknowledged: int
    """By the peer's system, ever."""
    waiting: int
    """Not acknowledged, whether sent or not."""


def kernel_view(transport: asyncio.BaseTransport) -> Kernel | None:
    """What the kernel says of the transport's socket, or None where it says nothing. Never raises.

    Call it before the transport is closed: a closed socket knows nothing any more.
    """
    try:
        sock = transport.get_extra_info("socket")
        if sock is None or sock.fileno() < 0:
            return None
        return _linux_view(sock) if sys.platform == "linux" else None
    except (OSError, ValueError, AttributeError, RuntimeError, struct.error):
        # No TCP socket, a socket that has just been closed, or a loop that is gone.
        return None


def way_out(transport: asyncio.BaseTransport) -> WayOut | None:
    """How far what we wrote has come, or None where the kernel does not say. Never raises."""
    if sys.platform != "linux":
        return None
    try:
        sock = transport.get_extra_info("socket")
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACKNOWLEDGED + 8)
        (acknowledged,) = struct.unpack_from("=Q", info, _ACKNOWLEDGED)
        return WayOut(acknowledged, _bytes_waiting(sock.fileno(), "TIOCOUTQ"))
    except (OSError, ValueError, AttributeError, RuntimeError, struct.error):
        # No TCP socket, one that is closed, a loop that is gone, or an old kernel.
        return None


def _linux_view(sock: Any) -> Kernel:
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_SIZE)
    (unacked,) = struct.unpack_from("=I", info, _UNACKED)
    (rtt,) = struct.unpack_from("=I", info, _RTT)
    return Kernel(
        unread=_bytes_waiting(sock.fileno(), "FIONREAD"),
        unsent=_bytes_waiting(sock.fileno(), "TIOCOUTQ"),
        unacked=unacked,
        retransmits=info[_RETRANSMITS],
        rtt=rtt / 1e6 if rtt else None,
    )


def _bytes_waiting(descriptor: int, request: str) -> int:
    # SIOCINQ and SIOCOUTQ are these two by another name (linux/sockios.h).
    import fcntl  # noqa: PLC0415 - does not exist on every platform
    import termios  # noqa: PLC0415 - the same

    answer = fcntl.ioctl(descriptor, getattr(termios, request), struct.pack("i", 0))
    count: int = struct.unpack("i", answer)[0]
    return count
