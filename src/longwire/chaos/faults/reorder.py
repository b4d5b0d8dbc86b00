"""Two messages change places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longwire.chaos.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class Reorder(Fault):
    """Let every n-th message that is in one frame wait for the one behind it, and come after it.

    What a server does whose threads race to the socket. TCP keeps order; nobody above it has to.

    Attributes:
        n: How rare it is.
    """

    reproduces = ("sequence-gap", "concurrent-write")

    n: int = 10
    _seen: int = field(default=0, init=False)
    _kept: Frame | None = field(default=None, init=False, repr=False)

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Nothing, or two in the other order."""
        if not frame.ends_message or frame.opcode == 0:
            return (frame,)
        kept, self._kept = self._kept, None
        if kept is not None:
            return (frame, kept)
        self._seen += 1
        if self._seen % self.n:
            return (frame,)
        self._kept = frame
        return ()

    def ends(self) -> None:
        """Keep none back."""
        if self._kept is not None:
            self.lane.inject(self._kept)
            self._kept = None
