"""Every n-th message is lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longwire.chaos.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class DropEvery(Fault):
    """Lose every n-th data frame, and let everything else go on.

    What a server does that drops for a slow consumer without a word, or a layer in between whose
    buffer is full. Only numbers in the messages can tell.

    Attributes:
        n: 1 loses all of them.
    """

    reproduces = ("sequence-gap", "layer-capacity-drop")

    n: int = 10
    _seen: int = field(default=0, init=False)

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Nothing, for the n-th."""
        if not frame.is_data:
            return (frame,)
        self._seen += 1
        return () if self._seen % self.n == 0 else (frame,)
