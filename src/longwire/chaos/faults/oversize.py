"""A message is larger than anybody expects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longwire.chaos.bounds import between
from longwire.chaos.fault import Fault
from longwire.chaos.frames import CONT, TEXT, make_frame
from longwire.chaos.values import Bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane

_LONGEST = 2**30
"""It is made in memory."""


@dataclass(kw_only=True)
class Oversize(Fault):
    """Put one huge message in front of the next: a snapshot that has grown.

    Libraries have limits (1 MiB in `websockets`, 4 MiB in aiohttp) and end the connection with
    1009, some of them in silence; and with the next connection the snapshot comes again.

    Attributes:
        size: Its length in bytes, 1 GiB at most.
    """

    reproduces = ("message-too-big", "silent-end-of-iteration")
    changes_messages = True

    size: Bytes = 5 * 2**20
    _sent: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        between(1, _LONGEST, size=self.size)

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """The huge one first, once."""
        if self._sent or not frame.is_data or frame.opcode == CONT:
            return (frame,)
        self._sent = True
        return (make_frame(TEXT, b"x" * self.size, mask=frame.mask), frame)
