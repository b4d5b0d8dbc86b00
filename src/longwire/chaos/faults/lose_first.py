"""What the server says first is lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longwire.chaos.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class LoseFirst(Fault):
    """Lose the first messages behind the opening.

    What happens to frames that come in the same segment as the answer, where a client throws away
    what is behind the blank line: a greeting, a snapshot, the first of a feed.

    Attributes:
        n: How many.
    """

    reproduces = ("sequence-gap", "cancelled-recv-loses-message")

    n: int = 1
    _seen: int = field(default=0, init=False)

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """Nothing, for the first."""
        if not frame.is_data or self._seen >= self.n:
            return (frame,)
        self._seen += 1
        return ()
