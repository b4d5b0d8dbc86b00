"""The demonstration's network: it forwards, resets, freezes and refuses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from longwire.cli.demo.feed import HOST
from longwire.cli.demo.relay import Relay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    """A relay in front of a server that echoes lines."""
    running: set[asyncio.Task[None]] = set()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            while line := await reader.readline():
                writer.write(line)
        except ConnectionError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(echo, HOST)
    relay = Relay()
    relay.target = server.sockets[0].getsockname()[1]
    await relay.listen()
    yield relay
    await relay.close()
    server.close()
    if running:
        await asyncio.wait(running)


async def connected(relay: Relay) -> Streams:
    return await asyncio.open_connection(HOST, relay.port)


async def says(streams: Streams, line: bytes) -> bytes:
    reader, writer = streams
    writer.write(line + b"\n")
    async with asyncio.timeout(10):
        return (await reader.readline()).rstrip()


async def test_it_forwards_both_ways(relay: Relay) -> None:
    """Bytes go there and back, of several connections without mixing them up."""
    one, other = await connected(relay), await connected(relay)
    assert await says(one, b"one") == b"one"
    assert await says(other, b"other") == b"other"
    one[1].close()
    assert await says(other, b"still there") == b"still there"
    other[1].close()


async def test_an_end_goes_through(relay: Relay) -> None:
    """When one side ends in good order, the other side sees it."""
    reader, writer = await connected(relay)
    writer.close()
    await writer.wait_closed()
    assert await reader.read() == b""


async def test_connections_are_reset_at_their_age(relay: Relay) -> None:
    """Those that are open and those that follow; without a limit none is."""
    old = await connected(relay)
    assert await says(old, b"old") == b"old"
    relay.limit_lifetime(0.05)
    new = await connected(relay)
    new[1].write(b"an age begins with the first answer\n")
    for reader, _ in (old, new):
        with pytest.raises(ConnectionResetError):
            async with asyncio.timeout(10):
                await reader.read()
    relay.limit_lifetime(0.01)
    relay.limit_lifetime(None)
    spared = await connected(relay)
    assert await says(spared, b"spared") == b"spared"
    for _, writer in (old, new, spared):
        writer.close()


async def test_a_frozen_connection_says_nothing_more(relay: Relay) -> None:
    """Nothing comes through and nobody is told; a new connection works."""
    frozen = await connected(relay)
    assert await says(frozen, b"one") == b"one"
    relay.freeze()
    frozen[1].write(b"two\n")
    other = await connected(relay)
    assert await says(other, b"three") == b"three"
    answer = asyncio.ensure_future(frozen[0].readline())
    assert await says(other, b"four") == b"four"
    assert not answer.done()
    await relay.close()
    with pytest.raises(ConnectionResetError):
        await answer
    frozen[1].close()
    other[1].close()


async def test_it_refuses_and_listens_again_on_the_same_port(relay: Relay) -> None:
    """Connections are refused meanwhile; those that are open live on."""
    port = relay.port
    living = await connected(relay)
    assert await says(living, b"one") == b"one"
    await relay.refuse()
    with pytest.raises(ConnectionRefusedError):
        await connected(relay)
    assert await says(living, b"two") == b"two"
    await relay.listen()
    assert relay.port == port
    again = await connected(relay)
    assert await says(again, b"three") == b"three"
    living[1].close()
    again[1].close()


async def test_a_server_that_is_not_there_ends_the_connection(relay: Relay) -> None:
    """The client is not kept waiting."""
    relay.target = 1
    reader, writer = await connected(relay)
    with pytest.raises(ConnectionResetError):
        async with asyncio.timeout(10):
            await reader.read()
    writer.close()
