"""Pieces count by the bytes they came as."""

from __future__ import annotations

import pytest

from longwire.core.overflow import Overshoot, size_of
from longwire.core.pieces import Cut, Piece


@pytest.mark.parametrize("data", ["", "é", b"\xff"])
def test_a_piece_knows_its_size(data: str | bytes) -> None:
    """It may differ from that of its data: the rest of a character comes with the next piece."""
    assert size_of(Piece(data, 3, first=True, last=False)) == 3


def test_pieces_fit_as_messages_do() -> None:
    """By number and by bytes."""
    pieces = [Piece(b"xx", 2, number == 0, number == 3) for number in range(4)]
    assert Overshoot(3, 100, 0).fitting(pieces, 8, 0, 0) == 3
    assert Overshoot(10, 5, 0).fitting(pieces, 8, 0, 0) == 2


def test_a_cut_keeps_the_closure() -> None:
    """Whoever is in the middle of the message raises it."""
    closure = object()
    assert Cut(closure).closure is closure
