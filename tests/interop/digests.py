"""Messages by the thousand, and the digests by which both ends compare them."""

from __future__ import annotations

import asyncio
import hashlib
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def numbered(count: int) -> Iterator[str | bytes]:
    """Text and binary messages of 0 to some 260 bytes, no two alike."""
    chance = random.Random(count)
    filling = chance.randbytes(256)
    for number in range(count):
        cut = filling[: chance.randrange(256)]
        yield f"{number} ü {cut.hex()[:200]}" if number % 3 == 0 else b"%d " % number + cut


class Digest:
    """Of messages with their lengths, so that no two rows of messages are alike."""

    def __init__(self) -> None:
        self._sha = hashlib.sha256()
        self._kinds = hashlib.sha256()
        self.count = 0

    def add(self, data: str | bytes) -> None:
        raw = data.encode() if isinstance(data, str) else data
        self._sha.update(len(raw).to_bytes(8, "big") + raw)
        self._kinds.update(b"t" if isinstance(data, str) else b"b")
        self.count += 1

    def plain(self) -> str:
        """As the peer computes it."""
        return self._sha.hexdigest()

    def with_kinds(self) -> tuple[int, str, str]:
        return self.count, self._sha.hexdigest(), self._kinds.hexdigest()


async def exchange(link: Any, count: int) -> None:
    """Send so many messages to an echo that counts, and check both digests."""
    sent, received = Digest(), Digest()

    async def send() -> None:
        for data in numbered(count):
            sent.add(data)
            await link.send(data)

    async def receive() -> None:
        async for batch in link.batches():
            for data in batch:
                received.add(data)
            if received.count >= count:
                return

    async with asyncio.TaskGroup() as both:
        both.create_task(send())
        both.create_task(receive())
    assert received.with_kinds() == sent.with_kinds()
    await link.send("digest?")
    assert await link.recv() == sent.plain()
