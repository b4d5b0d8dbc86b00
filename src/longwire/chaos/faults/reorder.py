"""Two messages change places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longwire.chaos.bounds import at_least
from longwire.chaos.fault import Fault
from longwire.chaos.frames import CLOSE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class Reorder(Fault):
    """Let every n-th message that is in one frame wait for the one behind it, and come after it.

    What a server does whose threads race to the socket. TCP keeps order; nobody above it has to.
    Where what comes behind it is no message in one frame, but a fragment, a close frame or the end,
    it goes on in front of that.

    Attributes:
        n: 1: each two change places.
    """

    reproduces = ("sequence-gap",)
    changes_messages = True

    n: int = 10
    _seen: int = field(default=0, init=False)
    _kept: Frame | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        at_least(1, n=self.n)

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Nothing, or two in the other order."""
        if frame.opcode > CLOSE:
            return (frame,)
        kept = self.kept(lane)
        if not frame.is_message:
            return (*kept, frame)
        if kept:
            return (frame, *kept)
        self._seen += 1
        if self._seen % self.n:
            return (frame,)
        self._kept = frame
        return ()

    def takes_all(self) -> bool:
        """Whatever comes next, one waits for it."""
        return self._kept is not None

    def large(self, frame: Frame, size: int, lane: Lane) -> bool:
        """It does not wait, and what waits does not wait for it."""
        self.ends()
        return True

    def kept(self, lane: Lane) -> tuple[Frame, ...]:
        """The one that waits, if there is one; it waits no longer."""
        kept, self._kept = self._kept, None
        return () if kept is None else (kept,)

    def ends(self) -> None:
        """Keep none back."""
        for frame in self.kept(self.lane):
            self.lane.inject(frame)
