"""How TCP connections are made, and what the operating system is told of them."""

from __future__ import annotations

import ipaddress
import math
import socket
from dataclasses import dataclass
from typing import Final

_IDLE_OPTION: Final = getattr(socket, "TCP_KEEPIDLE", getattr(socket, "TCP_KEEPALIVE", None))
"""macOS has another name for it."""
_USER_TIMEOUT: Final = getattr(socket, "TCP_USER_TIMEOUT", None)
_INTERNET: Final = (socket.AF_INET, socket.AF_INET6)


@dataclass(frozen=True, kw_only=True)
class Tcp:
    """How a TCP connection is made, and kept. Times are in seconds.

    A link's own clocks (`Heartbeat`, and 60 s without any progress in writing) watch the program at
    the other end, and are the same on every system. So those of the operating system are off unless
    asked for: they watch its kernel, or that of a proxy in front of it.

    Args:
        nodelay: Send what is written at once (``TCP_NODELAY``); True, as a message must not wait
            for the acknowledgement of the one before.
        keepalive_idle: After so many whole seconds without a packet the system asks the other one
            whether the connection lives (``SO_KEEPALIVE``, ``TCP_KEEPIDLE``). For a link with
            ``heartbeat=None``. None: it does not.
        keepalive_interval: Whole seconds between two such questions. 10.
        keepalive_count: How many questions in a row may stay without an answer before the system
            ends the connection. 3.
        user_timeout: How long what was sent may stay unacknowledged before the system ends the
            connection (RFC 5482, ``TCP_USER_TIMEOUT``, which Linux has). None: as long as the
            system allows, a quarter of an hour on Linux.
        local_address: The IP address of this machine to connect from. None: as the route has it.
            There is no local port to choose: after a cut it would be taken for a minute or more.
        delay: How long one address of a host is tried before the next is tried beside it, the
            families taking turns (RFC 8305, "happy eyeballs"); 0.25, as the RFC recommends. The
            first that connects is used. None: one after the other, each until it fails.

    Raises:
        TypeError, ValueError: an option is not meant so, or this system does not have it.
    """

    nodelay: bool = True
    keepalive_idle: int | None = None
    keepalive_interval: int = 10
    keepalive_count: int = 3
    user_timeout: float | None = None
    local_address: str | None = None
    delay: float | None = 0.25

    def __post_init__(self) -> None:
        if not isinstance(self.nodelay, bool):
            raise TypeError(f"Tcp.nodelay must be True or False, not {self.nodelay!r}")
        if self.keepalive_idle is not None:
            _check_whole("keepalive_idle", self.keepalive_idle)
            if _IDLE_OPTION is None:
                raise ValueError("Tcp.keepalive_idle: this system cannot set it; leave it out")
        _check_whole("keepalive_interval", self.keepalive_interval)
        _check_whole("keepalive_count", self.keepalive_count)
        if self.user_timeout is not None:
            _check_seconds("user_timeout", self.user_timeout)
            if _USER_TIMEOUT is None:
                raise ValueError(
                    "Tcp.user_timeout: this system has no TCP_USER_TIMEOUT; leave it out, the "
                    "heartbeat finds a dead peer on every system"
                )
        if self.delay is not None:
            _check_seconds("delay", self.delay)
        if self.local_address is not None:
            _check_address(self.local_address)

    def apply(self, sock: socket.socket) -> None:
        """Set the options of a socket; one that is no TCP socket has none of them.

        Raises:
            OSError: the system refuses.
        """
        if sock.family not in _INTERNET:
            return
        tcp = socket.IPPROTO_TCP
        sock.setsockopt(tcp, socket.TCP_NODELAY, int(self.nodelay))
        if self.keepalive_idle is not None and _IDLE_OPTION is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            sock.setsockopt(tcp, _IDLE_OPTION, self.keepalive_idle)
            sock.setsockopt(tcp, socket.TCP_KEEPINTVL, self.keepalive_interval)
            sock.setsockopt(tcp, socket.TCP_KEEPCNT, self.keepalive_count)
        if self.user_timeout is not None and _USER_TIMEOUT is not None:
            sock.setsockopt(tcp, _USER_TIMEOUT, max(1, round(self.user_timeout * 1000)))


def _check_whole(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"Tcp.{name} must be a whole number, not {value!r}")
    if not 1 <= value <= 32_767:
        raise ValueError(f"Tcp.{name}={value} must be from 1 to 32767")


def _check_seconds(name: str, value: object) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"Tcp.{name} must be a number of seconds, not {value!r}")
    if not 0 < value < 86_400 * 24 or math.isnan(value):
        raise ValueError(f"Tcp.{name}={value} must be over 0 seconds, and at most 24 days")


def _check_address(value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"Tcp.local_address must be an IP address, not {value!r}")
    try:
        ipaddress.ip_address(value.partition("%")[0])
    except ValueError:
        raise ValueError(f"Tcp.local_address must be an IP address, not {value!r}") from None
