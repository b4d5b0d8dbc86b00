"""Floods of frames that cost the sender nothing: pings, pongs, fragments, closes, empties."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any

import pytest

from longwire.errors import MessageTooBig, ProtocolError
from longwire.link.lender import READ_BUFFER
from longwire.link.options import LinkOptions
from longwire.link.pacing import MOST_PONGS
from longwire.testing import frames

if TYPE_CHECKING:
    import ssl

    from longwire.link.base import Link

pytestmark = pytest.mark.timeout(120)

KIB = 2**10
REST = 512 * KIB
"""What a link, its transport and the test itself may take besides."""
PER_FRAME = 250
"""Bytes that a frame of no payload may take while the read that brought it is dealt with: an entry
in a list, a tuple, its parts, the answer."""
MASK = bytes(4)

FLOODS = {
    "pings": frames.frame(frames.PING, mask=MASK),
    "full pings": frames.frame(frames.PING, b"x" * 125, mask=MASK),
    "pongs": frames.frame(frames.PONG, mask=MASK),
    "empty messages": frames.frame(frames.TEXT, mask=MASK),
    "messages": frames.frame(frames.BINARY, b"x" * 58, mask=MASK),
    "empty fragments": frames.frame(frames.TEXT, fin=False, mask=MASK)
    + frames.frame(frames.CONT, fin=False, mask=MASK) * 1000
    + frames.frame(frames.CONT, mask=MASK),
}


async def hear(link: Link) -> None:
    """Receive everything, keep nothing."""
    async for _ in link.batches():
        pass


@pytest.mark.both_loops
@pytest.mark.parametrize("name", FLOODS)
async def test_a_flood_leaves_their_turn_to_others(
    enter: Any, kit: Any, engine: str, name: str
) -> None:
    """In one turn of the loop no more than one batch of it is dealt with."""
    async with kit.serve(hear, "127.0.0.1", 0) as server:
        peer, witness = await enter(server), await enter(server)

        def look() -> tuple[int, int]:
            return peer.link.reader.bytes, witness.link.reader.bytes

        before = look()
        async with kit.turns(look) as seen:
            sent = peer.fill(FLOODS[name] * (300 * KIB // len(FLOODS[name])), 400 * KIB)
            witness.sock.send(frames.frame(frames.PING, b"me, too", mask=MASK))
            assert (await witness.read(9))[2:] == b"me, too"
            await kit.until(lambda: peer.link.reader.bytes - before[0] >= sent)
        assert peer.link.closure is None
    assert sent > 2 * READ_BUFFER, "there was more than one read of it"
    # aiofastnet stops behind the read that takes it over 256 KiB.
    batch = 2 * READ_BUFFER if engine == "aiofastnet" else READ_BUFFER
    steps = [later[0] - earlier[0] for earlier, later in itertools.pairwise(seen)]
    assert max(steps) <= batch
    heard = next(flooded - before[0] for flooded, there in seen if there > before[1])
    assert heard <= 2 * batch, "the ping does not wait for the flood"


@pytest.mark.both_loops
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("name", FLOODS)
async def test_a_flood_over_tls_leaves_their_turn_to_others(
    enter: Any,
    kit: Any,
    name: str,
    server_tls: ssl.SSLContext,
    client_tls: ssl.SSLContext,
) -> None:
    """An engine may have read more of it than it hands over in one turn, and goes on in another."""
    async with kit.serve(hear, "127.0.0.1", 0, tls=server_tls) as server:
        peer, witness = await enter(server, tls=client_tls), await enter(server, tls=client_tls)

        def look() -> tuple[int, int]:
            return peer.link.reader.bytes, witness.link.reader.bytes

        before = look()
        flood = FLOODS[name] * (1024 * KIB // len(FLOODS[name]))
        async with kit.turns(look) as seen:
            sending = asyncio.ensure_future(peer.send(flood))
            await kit.until(lambda: peer.link.reader.bytes > before[0])
            await witness.send(frames.frame(frames.PING, b"me, too", mask=MASK))
            assert (await witness.read(9))[2:] == b"me, too"
            await kit.until(lambda: peer.link.reader.bytes - before[0] >= len(flood))
            await sending
        assert peer.link.closure is None
        peer.sock.close()
        witness.sock.close()
    steps = [later[0] - earlier[0] for earlier, later in itertools.pairwise(seen)]
    # All engines have 256 KiB in hand, and the TLS record of 16 KiB that takes them over it.
    assert max(steps) <= 2 * READ_BUFFER + 16 * KIB
    heard = next(flooded - before[0] for flooded, there in seen if there > before[1])
    assert heard <= 4 * READ_BUFFER, "the ping does not wait for the flood"


@pytest.mark.parametrize("name", FLOODS)
async def test_a_flood_takes_no_more_memory_than_a_read_of_it(
    enter: Any, kit: Any, engine: str, name: str
) -> None:
    """However many frames there are in it."""
    async with kit.serve(hear, "127.0.0.1", 0) as server:
        peer = await enter(server)
        before = peer.link.reader.bytes
        with kit.traced() as most:
            sent = peer.fill(FLOODS[name] * (300 * KIB // len(FLOODS[name])), 400 * KIB)
            await kit.until(lambda: peer.link.reader.bytes - before >= sent)
            assert most() < 2 * READ_BUFFER + READ_BUFFER // 6 * PER_FRAME + REST
    assert sent > 2 * READ_BUFFER, "there was more than one read of it"


@pytest.mark.both_loops
async def test_pings_of_one_read_are_not_all_answered(enter: Any, kit: Any, engine: str) -> None:
    """Some are, and the last one is (RFC 6455, 5.5.3)."""
    async with kit.serve(hear, "127.0.0.1", 0) as server:
        peer = await enter(server)
        count = 2000
        raw = b"".join(
            frames.frame(frames.PING, number.to_bytes(2, "big"), mask=MASK)
            for number in range(count)
        )
        peer.sock.send(raw)
        answers: list[int] = []
        while not answers or answers[-1] != count - 1:
            answers.append(int.from_bytes((await peer.read(4))[2:], "big"))
    assert answers == sorted(answers)
    reads = -(-len(raw) // 4096)  # the system may cut it as it likes, but hardly smaller than that
    assert len(answers) <= MOST_PONGS * reads
    assert answers[0] == 0


@pytest.mark.both_loops
async def test_pings_of_a_peer_that_never_reads(
    enter: Any, kit: Any, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pongs that wait are bounded, though all of them were to be sent."""
    monkeypatch.setattr("longwire.link.reader.MOST_PONGS", 10**9)
    options = LinkOptions(write_high=64 * KIB)
    async with kit.serve(hear, "127.0.0.1", 0, options=options) as server:
        peer = await enter(server)
        flood = frames.frame(frames.PING, b"x" * 125, mask=MASK) * 1000

        def goes_on(goal: int) -> bool:
            peer.fill(flood)
            return bool(peer.link.reader.bytes >= goal)

        async with kit.turns(lambda: peer.link._writer.buffered) as seen:
            await kit.until(lambda: goes_on(0) and not peer.link.writable)
            # That was the limit; and now as much again.
            await kit.until(lambda goal=2 * peer.link.reader.bytes: goes_on(goal))
        assert 64 * KIB < max(seen) <= 64 * KIB + 2 * READ_BUFFER
        assert peer.link.closure is None


@pytest.mark.parametrize("payload", [b"", b"x"])
async def test_endless_fragments(enter: Any, kit: Any, engine: str, payload: bytes) -> None:
    """Ended with 1009 at the limit of fragments, though their bytes would be few or none."""
    options = LinkOptions(max_fragments=100)
    async with kit.serve(hear, "127.0.0.1", 0, options=options) as server:
        peer = await enter(server)
        peer.sock.send(frames.frame(frames.BINARY, payload, fin=False, mask=MASK))
        peer.fill(frames.frame(frames.CONT, payload, fin=False, mask=MASK) * 1000)
        assert (await peer.read(4))[2:] == (1009).to_bytes(2, "big")
        closure = await peer.link.wait_closed()
        assert isinstance(closure.error, MessageTooBig)
        assert peer.link.reader.parser.fragments <= 100


async def test_fragments_that_pings_keep_alive(enter: Any, kit: Any, engine: str) -> None:
    """A message that is never completed ends the link in time, whatever comes in between."""
    options = LinkOptions(fragment_timeout=0.2, max_fragments=10**9)
    async with kit.serve(hear, "127.0.0.1", 0, options=options) as server:
        peer = await enter(server)
        part = frames.frame(frames.CONT, b"", fin=False, mask=MASK)
        peer.sock.send(frames.frame(frames.TEXT, b"a", fin=False, mask=MASK))

        def go_on() -> bool:
            if peer.link.closure is None:
                peer.sock.send(frames.frame(frames.PING, mask=MASK) + part)
                return False
            return True

        await kit.until(go_on)
        closure = peer.link.closure
        assert isinstance(closure.error, ProtocolError)
        assert closure.sent_code == 1008


@pytest.mark.both_loops
@pytest.mark.parametrize("code", [1000, 999])
async def test_a_flood_of_close_frames(enter: Any, kit: Any, engine: str, code: int) -> None:
    """The first one ends the link, once; what follows is neither answered nor kept."""
    ends: list[object] = []

    async def handler(link: Link) -> None:
        ends.append(await link.wait_closed())

    async with kit.serve(handler, "127.0.0.1", 0) as server:
        peer = await enter(server)
        with kit.traced() as most:
            peer.fill(frames.frame(frames.CLOSE, frames.close_payload(code), mask=MASK) * 1000)
            assert len(await peer.read(4)) == 4
            peer.sock.close()
            await kit.until(lambda: not server._connections)
            assert most() < 2 * READ_BUFFER + REST
    assert len(ends) == 1


@pytest.mark.both_loops
async def test_a_flood_of_links_that_close_at_once(enter: Any, kit: Any, engine: str) -> None:
    """Opened and closed over and over: nothing is left of them, and others live on."""
    async with kit.serve(hear, "127.0.0.1", 0) as server:
        witness = await enter(server)
        for _ in range(100):
            peer = await enter(server)
            peer.sock.send(frames.frame(frames.CLOSE, mask=MASK))
            await peer.read(2)
        await kit.until(lambda: len(server._connections) == 1)
        witness.sock.send(frames.frame(frames.PING, b"me, too", mask=MASK))
        assert (await witness.read(9))[2:] == b"me, too"
