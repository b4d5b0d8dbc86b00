"""Options of TCP: what they mean to the system, and what they cannot mean."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from longwire.link import tcp as module
from longwire.link.dial import dial
from longwire.link.tcp import Tcp
from longwire.testing import NumberedFeed

NEEDS_USER_TIMEOUT = pytest.mark.skipif(
    not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system has no TCP_USER_TIMEOUT"
)


def option(sock: Any, name: str) -> int:
    """One of TCP's, by its name."""
    value: int = sock.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
    return value


def test_the_usual() -> None:
    """Messages go out at once; the system's own clocks are left alone."""
    with socket.socket() as sock:
        before = sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        Tcp().apply(sock)
        assert option(sock, "TCP_NODELAY")
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == before == 0


def test_keepalive() -> None:
    """All three numbers reach the system."""
    with socket.socket() as sock:
        Tcp(keepalive_idle=60, keepalive_interval=7, keepalive_count=4).apply(sock)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        idle = "TCP_KEEPIDLE" if hasattr(socket, "TCP_KEEPIDLE") else "TCP_KEEPALIVE"
        assert (option(sock, idle), option(sock, "TCP_KEEPINTVL")) == (60, 7)
        assert option(sock, "TCP_KEEPCNT") == 4


@NEEDS_USER_TIMEOUT
def test_user_timeout() -> None:
    """Seconds become the milliseconds that the system counts in; never 0, which means none."""
    with socket.socket() as sock:
        Tcp(user_timeout=2.5).apply(sock)
        assert option(sock, "TCP_USER_TIMEOUT") == 2500
        Tcp(user_timeout=0.0001).apply(sock)
        assert option(sock, "TCP_USER_TIMEOUT") == 1


def test_other_sockets_have_none_of_it() -> None:
    """A Unix socket is left as it is."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        Tcp(nodelay=False, keepalive_idle=1).apply(ours)
        assert not ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_what_a_system_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking for it is refused in clear words, not left out in silence."""
    monkeypatch.setattr(module, "_USER_TIMEOUT", None)
    monkeypatch.setattr(module, "_IDLE_OPTION", None)
    with pytest.raises(ValueError, match="no TCP_USER_TIMEOUT"):
        Tcp(user_timeout=1)
    with pytest.raises(ValueError, match="keepalive_idle"):
        Tcp(keepalive_idle=1)
    assert Tcp() == Tcp()


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"nodelay": 1}, TypeError),
        ({"keepalive_idle": 0}, ValueError),
        ({"keepalive_idle": 1.5}, TypeError),
        ({"keepalive_idle": True}, TypeError),
        ({"keepalive_interval": 0}, ValueError),
        ({"keepalive_count": 40_000}, ValueError),
        ({"user_timeout": 0}, ValueError),
        ({"user_timeout": "1"}, TypeError),
        ({"user_timeout": float("nan")}, ValueError),
        ({"delay": -1}, ValueError),
        ({"delay": float("inf")}, ValueError),
        ({"local_address": "localhost"}, ValueError),
        ({"local_address": ("127.0.0.1", 0)}, TypeError),
    ],
)
def test_what_cannot_be_meant(options: dict[str, Any], error: type[Exception]) -> None:
    """It is refused by its name, when it is written down."""
    with pytest.raises(error, match=next(iter(options))):
        Tcp(**options)


@pytest.mark.both_loops
@pytest.mark.parametrize("nodelay", [True, False])
async def test_they_hold_on_a_live_link(engine: str, nodelay: bool) -> None:
    """Whatever the engine does to its sockets by itself."""
    async with NumberedFeed() as feed:
        link = await dial(feed.url, tcp=Tcp(nodelay=nodelay, keepalive_idle=50))
        sock = link._transport.get_extra_info("socket")
        assert bool(option(sock, "TCP_NODELAY")) is nodelay
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        await link.close()
        await asyncio.sleep(0)
