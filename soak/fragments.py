"""The feed of a client that streams: messages in fragments, some of them large."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from longwire.testing import NumberedFeed, frames

if TYPE_CHECKING:
    from longwire.testing import RawLink

SIZES: Final = (0, 0, 20, 20, 20, 300, 300, 3_000, 3_000, 150_000)
"""Characters behind the number, one of them drawn for each message."""


def whole(number: int) -> str | bytes:
    """The message of a number: the same each time, text or binary."""
    chance = random.Random(number)  # noqa: S311 - to be repeatable is the point
    size = chance.choice(SIZES)
    # Characters of one, two, three and four bytes, which fragments cut through.
    filler = f"{number}ä€𝄞"
    text = f"{number} of the feed " + (filler * (size // len(filler) + 1))[:size]
    return text.encode() if chance.random() < 0.5 else text


def fragments(number: int) -> list[bytes]:
    """The frames of a number's message, two at least.

    The first fragment has the whole number; the others may be empty, or cut a character in two.
    """
    chance = random.Random(-1 - number)  # noqa: S311 - the same
    message = whole(number)
    raw = message if isinstance(message, bytes) else message.encode()
    head = raw.index(b" of the feed") + 1
    cuts = sorted(chance.randint(head, len(raw)) for _ in range(chance.randint(1, 3)))
    opcode = frames.BINARY if isinstance(message, bytes) else frames.TEXT
    return [
        frames.frame(frames.CONT if place else opcode, raw[start:end], fin=place == len(cuts))
        for place, (start, end) in enumerate(pairwise([0, *cuts, len(raw)]))
    ]


class FragmentingFeed(NumberedFeed):
    """A feed whose messages are those of `whole`, about half of them in fragments.

    Attributes:
        begun: Of each link that a message was only begun on: its number, and the bytes of payload
            that can be handed over of what was sent.
    """

    def __init__(self, *, rate: float) -> None:
        super().__init__(rate=rate, encode=whole)
        self.begun: dict[int, tuple[int, int]] = {}

    def begin(self, link: RawLink) -> None:
        """Send all of the next message but its last fragment; nobody else gets it."""
        number = self.next_number
        self.next_number += 1
        parts = fragments(number)[:-1]
        if link.write(b"".join(parts)):
            payload = b"".join(one.payload for one in frames.FrameReader().feed(b"".join(parts)))
            if isinstance(whole(number), str):
                # Of a character that is cut in two nothing can be handed over.
                payload = payload.decode(errors="ignore").encode()
            self.begun[link.index] = number, len(payload)
        self._changes.notify()

    def _send_next(self) -> None:
        if self.next_number % 2:
            super()._send_next()
            return
        number = self.next_number
        self.next_number += 1
        raw = b"".join(_with_pings(fragments(number)))
        for link in self._ready():
            if link.write(raw):
                link.sent.append(number)
        self._changes.notify()


def _with_pings(parts: list[bytes]) -> list[bytes]:
    ping = frames.frame(frames.PING, b"between")
    return [parts[0], *(ping + part for part in parts[1:])]
