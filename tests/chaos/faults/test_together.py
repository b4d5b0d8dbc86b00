"""Faults that lose nothing lose nothing together, and the others strike the same each time."""

from __future__ import annotations

import asyncio
import random

import pytest

from longwire.chaos.frames import BINARY, CONT, PING, TEXT, Frame, frame
from longwire.testing import PATIENCE, NumberedFeed
from tests.chaos.faults.crossed import LARGE, crossed, over
from tests.chaos.rawclient import MASK

HARMLESS = (
    "latency seconds=0.02 jitter=0.02",
    "slice size=997",
    "slice size=4096 gap=0.0001",
    "fragment size=1000",
    "fragment size=5 lasting='2 messages'",
    "coalesce seconds=0.03",
    "bandwidth rate=20MB",
    "freeze after='3 messages' lasting=0.05",
    "freeze after=10KiB lasting=0.02",
    "noop after=50KiB lasting=100KiB",
    "late-pongs seconds=0.01",
    "slow-close seconds=0.02",
    "ping-flood rate=500 lasting=0.1",
    "duplicate n=1 chance=0",
    "mute only=nothing-says-this",
)


def messages_of(frames: list[Frame]) -> list[bytes]:
    """The messages that data frames make; every rule of fragments is looked at."""
    messages: list[bytes] = []
    parts: list[bytes] = []
    inside = False
    for one in frames:
        if not one.is_data:
            assert one.fin
            continue
        assert (one.opcode == CONT) is inside
        parts.append(one.payload)
        inside = not one.fin
        if one.fin:
            messages.append(b"".join(parts))
            parts = []
    assert not inside
    return messages


def made(chance: random.Random, mask: bytes | None) -> tuple[bytes, list[bytes]]:
    """Frames on the wire, and the messages that they say."""
    raw: list[bytes] = []
    messages: list[bytes] = []
    for number in range(30):
        size = chance.choice([0, 1, 125, 126, 3000, 10_000])
        said = [bytes([number]) * size for _ in range(chance.choice([1, 1, 3]))]
        for place, one in enumerate(said):
            opcode = CONT if place else chance.choice([TEXT, BINARY])
            raw.append(frame(opcode, one, fin=place == len(said) - 1, mask=mask))
            if chance.random() < 0.2:
                raw.append(frame(PING, b"between", mask=mask))
        messages.append(b"".join(said))
    raw.append(frame(BINARY, bytes(LARGE), mask=mask))
    messages.append(bytes(LARGE))
    return b"".join(raw), messages


@pytest.mark.parametrize("seed", range(12))
async def test_every_message_arrives_in_order(feed: NumberedFeed, seed: int) -> None:
    """In both directions, in pieces of any size, up to the end of TCP behind them."""
    chance = random.Random(seed)
    strikes = [
        f"{line} direction={chance.choice(['c2s', 's2c', 'both'])}"
        for line in chance.sample(HARMLESS, 5)
    ]
    async with crossed(feed, *strikes) as (client, proxy, link):
        down, expected_down = made(chance, None)
        up, expected_up = made(chance, MASK)
        link.write(down)
        client.write(up)
        got: list[Frame] = []
        missing = len(expected_down)
        while missing:
            got.append(await client.frame())
            missing -= got[-1].ends_message
        assert messages_of(got) == expected_down
        await link.wait_message(len(expected_up))
        assert messages_of(link.frames) == expected_up
        for order in list(proxy.strikes):
            proxy.end(order)
        client.writer.write_eof()
        await link.wait_ended()
        assert await client.ending() == "fin"
        client.writer.close()
        await over(proxy)


STRIKING = (
    "mute chance=0.3",
    "drop-every n=3 after='500 bytes' lasting='9KiB'",
    "duplicate n=2 chance=0.5",
    "reorder n=2 chance=0.5",
    "fragment size=700 lasting='20KiB'",
    "inject after='7000 bytes'",
    "close after='9000 bytes'",
    "fin after='7777 bytes'",
    "half-close after='40 frames'",
    "limit-data size=15000",
    "stall-fragment after='10 frames' lasting='10 frames'",
    "oversize size=100 after='6000 bytes'",
    "size-limit size=3000 how=drop",
)


@pytest.mark.parametrize("strike", STRIKING)
async def test_the_same_is_struck_however_the_stream_is_cut(strike: str) -> None:
    """To the frame, and to the byte; and the journal tells the same."""
    raw, _ = made(random.Random(5), None)

    async def through(sizes: list[int]) -> tuple[bytes, list[dict[str, object]]]:
        async with NumberedFeed() as feed, crossed(feed, strike) as (client, proxy, link):
            reading = asyncio.ensure_future(client.reader.read(-1))
            at = 0
            for size in [*sizes, len(raw)]:
                link.write(raw[at : at + size])
                at += size
                await asyncio.sleep(0)
            link.end()
            async with asyncio.timeout(PATIENCE):
                got = await reading
            told = [dict(one) for one in proxy.journal if "fault" in one]
        return got, [{key: one[key] for key in one if key != "t"} for one in told]

    chance = random.Random(6)
    whole = await through([])
    assert await through([chance.randint(1, 999) for _ in range(300)]) == whole
    assert await through([1] * 300) == whole
