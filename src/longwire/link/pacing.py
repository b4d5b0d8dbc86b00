"""How much of one link's flood is dealt with before the others have their turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.link.encoder import CLOSE, PING

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_PONGS: Final = 64
"""Pings of one read that are answered; of more only the last is, as RFC 6455, 5.5.3 allows."""


def fewer_pings(controls: Sequence[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Control frames in their order without the pings that need no answer.

    Those are all but the first `MOST_PONGS` less one, and the last.
    """
    kept: list[tuple[int, bytes]] = []
    pings = 0
    latest: list[tuple[int, bytes]] = []
    for control in controls:
        opcode, _ = control
        if opcode == PING:
            pings += 1
            if pings >= MOST_PONGS:
                latest = [control]
                continue
        if opcode == CLOSE:
            # Nothing is answered behind it.
            kept += latest
            latest = []
        kept.append(control)
    return kept + latest
