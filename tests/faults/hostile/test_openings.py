"""Handshakes that are slow, never end, or come by the thousand."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from websockets.sync.client import connect

from longwire.link.dial import dial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longwire.link.base import Link

BEGUN = b"GET / HTTP/1.1\r\nHost: h\r\nX: "


async def echo(link: Link) -> None:
    """Send everything back."""
    async for message in link:
        await link.send(message)


@pytest.mark.both_loops
@pytest.mark.timeout(120)
async def test_many_that_drip(engine: str, kit: Any) -> None:
    """A byte now and then keeps none of them beyond the deadline; others are served meanwhile."""
    async with kit.serve(echo, "127.0.0.1", 0, open_timeout=2.0) as server:
        drips = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
        for one in drips:
            one.setblocking(False)
            one.send(BEGUN)
        link = await dial(f"ws://127.0.0.1:{server.port}/")

        async def drip() -> None:
            while drips:
                for one in drips[:]:
                    try:
                        one.send(b"a")
                    except OSError:
                        drips.remove(one)
                        one.close()
                await link.send("still here")
                assert await link.recv() == "still here"

        async with asyncio.timeout(100.0):
            await drip()
        await kit.until(lambda: len(server._connections) == 1)
        await link.close()


SERVER = """
import asyncio, gc, json, resource, sys, tracemalloc
import longwire

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

async def echo(link):
    async for message in link:
        await link.send(message)

async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with longwire.serve(echo, "127.0.0.1", 0, open_timeout=3600.0) as server:
        print(server.port, flush=True)
        tracemalloc.start()
        async for line in reader:
            wanted = int(line)
            while abs(len(server._connections) - wanted) > 5:
                await asyncio.sleep(0.001)
            gc.collect()
            memory = tracemalloc.get_traced_memory()[0]
            print(json.dumps([len(server._connections), memory]), flush=True)

asyncio.run(main())
"""


@pytest.fixture
def server() -> Iterator[tuple[int, Any]]:
    """A server in a process of its own: its port, and a way to ask.

    It answers once it has so many connections, with their number and the bytes that it uses.
    """
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def ask(connections: int) -> tuple[int, int]:
            stdin.write(f"{connections}\n")
            stdin.flush()
            count, memory = json.loads(stdout.readline())
            return count, memory

        try:
            yield int(stdout.readline()), ask
        finally:
            process.kill()


@pytest.fixture
def many() -> Iterator[int]:
    """10,000 connections, or as many as the hard limit of descriptors lets this process have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1_000:
        pytest.skip(f"this machine lets a process have {hard} files only")
    most = 10_000 if hard == resource.RLIM_INFINITY else min(10_000, hard - 500)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most + 500, hard))
    yield most
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


PER_CONNECTION = 32 * 1024
"""Bytes of Python that a half-open connection may cost; the request itself may have 16 KiB."""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_ten_thousand_half_open_handshakes(server: tuple[int, Any], many: int) -> None:
    """The server keeps them cheaply, serves others, and has its memory back when they are gone."""
    port, ask = server
    # What is made once and kept is made now.
    crowd = open_some(port, 200)
    ask(200)
    close_all(crowd)
    _, base = ask(0)
    while len(crowd) < many:
        # No faster than they are accepted: the system's queue is short.
        crowd += open_some(port, 200)
        ask(len(crowd))
    count, most = ask(len(crowd))
    assert count >= many - 5
    assert most - base < count * PER_CONNECTION
    with connect(f"ws://127.0.0.1:{port}/", proxy=None, open_timeout=60) as link:
        link.send("hello")
        assert link.recv(timeout=60) == "hello"
    close_all(crowd)
    _, left = ask(0)
    # The table of connections and the loop's own keep their size, a few machine words for each.
    assert left - base < 2**20 + many * 64


def open_some(port: int, count: int) -> list[socket.socket]:
    """Connect, and send half a request by every other one."""
    opened = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
    for one in opened[::2]:
        one.send(BEGUN)
    return opened


def close_all(crowd: list[socket.socket]) -> None:
    """Close and forget."""
    for one in crowd:
        one.close()
    crowd.clear()
