"""Faults that lose nothing lose nothing together, whatever their order and their moments."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from longwire.chaos.frames import BINARY, CONT, PING, TEXT, Frame, frame
from tests.chaos.faults.crossed import LARGE, crossed, over
from tests.chaos.rawclient import MASK

if TYPE_CHECKING:
    from longwire.testing import NumberedFeed

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
