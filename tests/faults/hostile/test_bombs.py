"""Compression bombs: a little on the wire, a thousand times as much in memory."""

from __future__ import annotations

import asyncio
import itertools
import os
from typing import TYPE_CHECKING, Any

import pytest

from longwire.errors import MessageTooBig
from longwire.link.deflate import PACKED_PORTION, PORTION
from longwire.link.lender import READ_BUFFER
from longwire.link.options import LinkOptions
from longwire.testing import frames

if TYPE_CHECKING:
    import ssl

    from longwire.link.base import Link

    Contexts = tuple[ssl.SSLContext | None, ssl.SSLContext | None]

pytestmark = pytest.mark.timeout(120)

MIB = 2**20
KIB = 2**10
REST = 512 * KIB
"""What a link, its transport and the test itself may take besides."""


async def deaf(link: Link) -> None:
    """Never receive."""
    await link.wait_closed()


async def hear(link: Link) -> None:
    """Receive everything, keep nothing."""
    async for _ in link.batches():
        pass


@pytest.mark.parametrize("opcode", [frames.TEXT, frames.BINARY])
async def test_a_bomb_over_the_limit(enter: Any, kit: Any, engine: str, opcode: int) -> None:
    """It is refused with 1009 once it is over the limit, and never takes more than that."""
    bomb = kit.bomb(64 * MIB, opcode)
    options = LinkOptions(max_message_bytes=MIB)
    async with kit.serve(hear, "127.0.0.1", 0, options=options) as server:
        peer = await enter(server, deflate=True)
        with kit.traced() as most:
            peer.sock.send(bomb)
            assert (await peer.read(4))[2:] == (1009).to_bytes(2, "big")
            # Twice: zlib makes its output larger by copying it.
            assert most() < 2 * MIB + READ_BUFFER + REST
        closure = await peer.link.wait_closed()
        assert closure.end == "message-too-big"
        assert isinstance(closure.error, MessageTooBig)


@pytest.mark.both_loops
async def test_bombs_that_nobody_takes(enter: Any, kit: Any, engine: str) -> None:
    """Each is within the limit; all together they fill the inbox, and no more than that."""
    options = LinkOptions(max_message_bytes=MIB, inbox_bytes=4 * MIB)
    async with kit.serve(deaf, "127.0.0.1", 0, options=options) as server:
        peer = await enter(server, deflate=True)
        raw = kit.bomb(MIB)
        with kit.traced() as most:
            peer.fill(raw)
            await kit.until(lambda: peer.link.paused_since is not None)
            assert 4 * MIB <= peer.link.inbox.queued_bytes() < 5 * MIB + 1
            assert most() < 5 * MIB + 2 * MIB + READ_BUFFER + REST
        assert peer.link.closure is None


@pytest.mark.both_loops
async def test_bombs_leave_their_turn_to_others(
    enter: Any, kit: Any, engine: str, tls: Contexts
) -> None:
    """What one read holds inflates to 100 MiB: in portions, so others are heard between them."""
    ours, theirs = tls
    async with kit.serve(hear, "127.0.0.1", 0, tls=ours) as server:
        peer = await enter(server, deflate=True, tls=theirs)
        witness = await enter(server, tls=theirs)
        bombs = kit.bomb(MIB) * 100

        def look() -> tuple[int, int]:
            return peer.link.received, witness.link.reader.bytes

        before = look()
        async with kit.turns(look) as seen:
            await peer.send(bombs)
            await witness.send(frames.frame(frames.PING, b"me, too", mask=kit.mask))
            assert (await witness.read(9))[2:] == b"me, too"
            await kit.until(lambda: peer.link.received == 100)
        peer.sock.close()
        witness.sock.close()
    steps = [later[0] - earlier[0] for earlier, later in itertools.pairwise(seen)]
    assert max(steps) <= PORTION // MIB + 1, "no turn of the loop inflates more than a portion"
    heard = next(received for received, there in seen if there > before[1])
    assert heard <= 4 * (PORTION // MIB + 1), "the ping does not wait for the bombs"


@pytest.mark.both_loops
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("kind", ["zeros", "tables", "chance"])
async def test_a_long_message_leaves_its_turn_to_others(
    enter: Any, kit: Any, tls: Contexts, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message of the limit: in portions of what it gives, or of what it is on the wire."""
    work = kit.Work(monkeypatch)
    limit = LinkOptions().max_message_bytes
    long = {"zeros": kit.bomb(limit), "tables": kit.tables(limit // 4)}
    ours, theirs = tls
    async with kit.serve(hear, "127.0.0.1", 0, tls=ours) as server:
        peer = await enter(server, deflate=True, tls=theirs)
        witness = await enter(server, tls=theirs)
        raw = long[kind] if kind in long else kit.packed(os.urandom(limit // 4))

        def look() -> tuple[int, int, bool]:
            return work.made, work.taken, witness.link.reader.bytes > before

        before = witness.link.reader.bytes
        async with kit.turns(look) as seen:
            sending = asyncio.ensure_future(
                peer.send(raw + frames.frame(frames.PING, b"behind", mask=kit.mask))
            )
            await kit.until(lambda: work.taken)
            await witness.send(frames.frame(frames.PING, b"me, too", mask=kit.mask))
            assert (await witness.read(9))[2:] == b"me, too"
            in_time = work.taken
            assert (await peer.read(8))[2:] == b"behind"
            assert peer.link.received == 1, "what follows the message waits for it"
            await sending
        peer.sock.close()
        witness.sock.close()
    steps = [
        (later[0] - earlier[0], later[1] - earlier[1])
        for earlier, later in itertools.pairwise(seen)
    ]
    assert max(made for made, _ in steps) <= PORTION + 1, "a portion in each turn"
    assert max(taken for _, taken in steps) <= PACKED_PORTION, "or as much work"
    assert in_time < work.taken, "the ping does not wait for the message"


@pytest.mark.both_loops
@pytest.mark.parametrize("large", [2 * PORTION, 3])
async def test_nothing_is_lost_between_portions(
    enter: Any, kit: Any, engine: str, tls: Contexts, large: int
) -> None:
    """Large ones and small ones, compressed or not, all arrive, in their order."""
    got: list[int] = []

    async def count(link: Link) -> None:
        async for batch in link.batches():
            got.extend(len(one) for one in batch)

    sizes = [5, MIB, large, MIB, 7] * 20
    ours, theirs = tls
    async with kit.serve(count, "127.0.0.1", 0, tls=ours) as server:
        peer = await enter(server, deflate=True, tls=theirs)
        raw = b"".join(
            kit.bomb(size) if size > 10 else frames.frame(frames.TEXT, b"x" * size, mask=kit.mask)
            for size in sizes
        )
        raw += frames.frame(frames.CLOSE, frames.close_payload(1000), mask=kit.mask)
        await peer.send(raw)
        await kit.until(lambda: len(got) == len(sizes))
        closure = await peer.link.wait_closed()
        peer.sock.close()
    assert got == sizes
    assert closure.received_code == 1000
