"""SOCKS: what the proxy is asked for, and against proxies that nobody here wrote."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from typing import TYPE_CHECKING, Any

import pytest

from longwire.errors import AddressError
from longwire.link.address import parse_address
from longwire.link.dial import dial
from longwire.link.proxy import Proxy
from longwire.link.socks import target_of
from longwire.testing import PATIENCE, NumberedFeed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.mark.parametrize(
    ("scheme", "host", "target"),
    [
        ("socks5h", "feed.example", "feed.example"),
        ("socks4a", "feed.example", "feed.example"),
        ("socks5", "127.0.0.1", "127.0.0.1"),
        ("socks4", "127.0.0.1", "127.0.0.1"),
        ("socks5", "[::1]", "::1"),
        ("socks5h", "[fe80::1%25lo]", "fe80::1"),
        ("socks4", "localhost", "127.0.0.1"),
    ],
)
async def test_what_is_asked_for(scheme: str, host: str, target: str) -> None:
    """A name or an address, as the scheme says; never a zone."""
    address = parse_address(f"ws://{host}/")
    loop = asyncio.get_running_loop()
    assert await target_of(Proxy(f"{scheme}://p"), address, loop=loop) == target


@pytest.mark.parametrize("scheme", ["socks4", "socks4a"])
async def test_socks4_knows_no_ipv6(scheme: str) -> None:
    """It is said before anything is sent."""
    address = parse_address("ws://[::1]/")
    with pytest.raises(AddressError, match="SOCKS4"):
        await target_of(Proxy(f"{scheme}://p"), address, loop=asyncio.get_running_loop())


async def test_a_name_that_does_not_resolve_here() -> None:
    """The server's name is at fault, not the proxy."""
    address = parse_address("ws://nowhere.invalid/")
    with pytest.raises(socket.gaierror):
        await target_of(Proxy("socks5://p"), address, loop=asyncio.get_running_loop())


# ---------------------------------------------------------------- pproxy


PPROXY = """
import asyncio, sys
sys.modules["uvloop"] = None  # with it, it looks for a loop that is not there
asyncio.set_event_loop(asyncio.new_event_loop())
from pproxy.server import main
main()
"""


def free_port() -> int:
    """pproxy chooses none by itself."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def pproxy(user: str) -> AsyncIterator[int]:
    """It speaks whatever it is spoken to with."""
    port = free_port()
    listen = f"http+socks4+socks5://127.0.0.1:{port}{f'#{user}' if user else ''}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-u", "-c", PPROXY, "-l", listen),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while b"Serving on" not in (line := await process.stdout.readline()):
                assert line, "it has ended"
        yield port
    finally:
        process.kill()
        await process.communicate()


@pytest.mark.slow
@pytest.mark.both_loops
@pytest.mark.parametrize("user", ["", "bob:s3cr3t"])
async def test_through_pproxy(engine: str, user: str, server_tls: Any, client_tls: Any) -> None:
    """With each scheme, with and without a user, encrypted and not."""
    async with pproxy(user) as port, NumberedFeed() as feed, NumberedFeed(tls=server_tls) as secure:
        for scheme in ("http", "socks4", "socks4a", "socks5", "socks5h"):
            if user and scheme.startswith("socks4"):
                continue  # it has a user, but no password
            userinfo = f"{user}@" if user else ""
            for each in (feed, secure):
                way = f"{scheme}://{userinfo}127.0.0.1:{port}"
                link = await dial(each.url, tls=client_tls, proxy=way)
                await link.send("hello")
                assert await each.links[-1].wait_message() == "hello"
                await link.close()
