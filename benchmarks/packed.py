"""Compressed server frames, made once: each block is inflated like any other part of a stream.

The messages are like those of a market feed: JSON with keys that repeat and numbers that do not.
They are compressed as most servers do it: by zlib, with its default level and a window of 32 KiB
that is kept between messages. Only the first message of a block looks back at nothing, so that the
blocks can follow each other in any number.
"""

from __future__ import annotations

import json
import random
import zlib

from benchmarks.frames import header

MESSAGES = 500
"""In a block, which is some 130 KiB then."""

_TAIL = b"\x00\x00\xff\xff"
_COMPRESSED = 0x40  # RSV1, RFC 7692 section 6


def feed_message(chance: random.Random, number: int, size: int) -> bytes:
    """One message: a trade for each 74 bytes, and blanks for the rest."""
    trades = [
        {
            "id": chance.randrange(10**9),
            "price": f"{chance.uniform(1, 70_000):.2f}",
            "quantity": f"{chance.random():.6f}",
            "side": chance.choice(["buy", "sell"]),
        }
        for _ in range((size - 60) // 74)
    ]
    whole = {"seq": number, "channel": "trades", "time": 13 * number, "trades": trades}
    return json.dumps(whole, separators=(",", ":")).encode().ljust(size)


class PackedFrames:
    """An endless run of compressed text messages, handed out in blocks.

    Args:
        size: Bytes of each message before compression.
    """

    per_block = MESSAGES

    def __init__(self, size: int) -> None:
        chance = random.Random(7692)
        packer = zlib.compressobj(wbits=-15)
        block = bytearray()
        for number in range(MESSAGES):
            packed = packer.compress(feed_message(chance, number, size))
            packed = (packed + packer.flush(zlib.Z_SYNC_FLUSH)).removesuffix(_TAIL)
            first, *rest = header("text", len(packed))
            block += bytes([first | _COMPRESSED, *rest]) + packed
        self._block = block

    def next_block(self) -> bytearray:
        """The next frames."""
        return self._block
