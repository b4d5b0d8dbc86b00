"""Reads choices and pieces out of the bytes that a fuzzer makes up."""

from __future__ import annotations

from typing import TypeVar

One = TypeVar("One")


class Take:
    """Bytes, taken from the front; where there are no more, zeros."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def done(self) -> bool:
        """Whether there are no more."""
        return self._at >= len(self._data)

    def byte(self) -> int:
        """The next byte."""
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def flag(self) -> bool:
        """Yes or no."""
        return self.byte() & 1 == 1

    def one_of(self, choices: list[One]) -> One:
        """One of these."""
        return choices[self.byte() % len(choices)]

    def piece(self, count: int) -> bytes:
        """So many bytes, or what is left."""
        taken = self._data[self._at : self._at + count]
        self._at += count
        return taken

    def some(self) -> bytes:
        """Up to 255 bytes; the first byte says how many."""
        return self.piece(self.byte())

    def rest(self) -> bytes:
        """All that is left."""
        return self.piece(len(self._data))
