"""The user of a client that streams: whole messages put together, and those that were cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import longwire
from longwire.testing import number_of
from soak.books import Books, Broken, Told
from soak.fragments import whole

if TYPE_CHECKING:
    from longwire.link.stream import Stream
    from soak.kinds import Kind

PIECE: Final = 65_536
"""Bytes of a piece, at most."""

LEFT_EVERY: Final = 7
"""One message of so many is left behind its first piece."""


class StreamBooks(Books):
    """What one client with ``stream=True`` has told so far; see `Books`.

    There are no events: what is lost between two links is told by an interruption, and a message
    that was cut off by the error of its stream.

    Args:
        client: Entered.
        kind: What it was asked for.
        bound: Pieces that may be queued.
    """

    def __init__(self, client: longwire.Client, kind: Kind, *, bound: int) -> None:
        super().__init__(client, kind, bound=bound)
        self.cut: dict[int, int] = {}
        """Messages that were told as cut off: the bytes that had come of each."""
        self._seen = 0.0

    async def keep(self) -> None:
        """Receive until the client ends; now and then send something, too."""
        async for message in self.client.streams():
            before = self.last
            await self._read(message)
            self._look()
            await self._after(before)

    async def _read(self, message: Stream) -> None:
        pieces: list[str | bytes] = []
        number: int | None = None
        try:
            async for piece in message:
                _check_piece(piece, pieces)
                pieces.append(piece)
                number = number_of(pieces[0])
                if number is not None and number % LEFT_EVERY == 0:
                    break
        except (longwire.LinkClosed, longwire.ClientClosed):
            self._take_part(number, pieces)
            return
        if number is None:
            return  # of a server that breaks the rules
        self._check_beginning(number, pieces)
        if number % LEFT_EVERY and _together(pieces) != whole(number):
            raise Broken(f"{number} was handed over as whole, and is not")
        self._take(number)

    def _take_part(self, number: int | None, pieces: list[str | bytes]) -> None:
        if number is None:
            return  # a violation's, or nothing of it had come
        self._check_beginning(number, pieces)
        if number <= self.last:
            raise Broken(f"{number} was cut off behind {self.last}")
        self.cut[number] = sum(map(_size, pieces))
        self.last = number

    def _check_beginning(self, number: int, pieces: list[str | bytes]) -> None:
        come, right = _together(pieces), whole(number)
        if type(come) is not type(right) or come != right[: len(come)]:
            raise Broken(f"what came of {number} is not its beginning: {come[-80:]!r}")

    def _look(self) -> None:
        """Note the interruptions that are over: there are no events that tell them."""
        for one in self.client.interruptions:
            if one.outcome == "recovered" and one.ended is not None and one.ended > self._seen:
                self._seen = one.ended
                self.interruptions.append(Told(one.noticed, one.ended, one.cause.id, str(one)))

    def check_end(self) -> None:
        """After the client's end: every interruption has its one outcome, and was told."""
        self._look()
        if self.client.interruptions and self.client.interruptions[-1].outcome == "closed":
            self._open = self.client.interruptions[-1]
        super().check_end()


def _check_piece(piece: str | bytes, before: list[str | bytes]) -> None:
    if before and (not piece or not before[0]):
        raise Broken("an empty piece is not alone in its message")
    if before and type(piece) is not type(before[0]):
        raise Broken("a message is text and bytes")
    if _size(piece) > PIECE:
        raise Broken(f"a piece has {_size(piece)} bytes")


def _together(pieces: list[str | bytes]) -> str | bytes:
    texts = [piece for piece in pieces if isinstance(piece, str)]
    return "".join(texts) or b"".join(piece for piece in pieces if isinstance(piece, bytes))


def _size(piece: str | bytes) -> int:
    return len(piece.encode() if isinstance(piece, str) else piece)
