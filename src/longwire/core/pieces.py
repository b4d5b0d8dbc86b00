"""What an inbox holds where messages are handed over while they come: pieces, and broken ends.

A link with ``LinkOptions(stream=True)`` does not wait for whole messages. Everywhere a piece counts
as a message does elsewhere: in the bounds of the inbox, in statistics, in the record of a link.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Piece(msgspec.Struct, frozen=True, gc=False):
    """A part of a message: a fragment, or a part of a large one."""

    data: str | bytes
    """What is handed over; may be empty."""
    size: int
    """Bytes of payload that it came as, after inflating."""
    first: bool
    """It begins a message."""
    last: bool
    """It ends one."""


class Cut(msgspec.Struct, frozen=True):
    """A mark: the link ended, and the message in front of it will never be complete."""

    closure: Any
    """How the link ended."""
