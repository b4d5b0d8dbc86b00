"""Every n-th message comes twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from longwire.chaos.bounds import at_least
from longwire.chaos.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from longwire.chaos.frames import Frame
    from longwire.chaos.lane import Lane


@dataclass(kw_only=True)
class Duplicate(Fault):
    """Send every n-th message that is in one frame twice.

    What a server does that replays a little too much, or two subscriptions where one was meant.

    Attributes:
        n: 1 doubles all of them.
    """

    reproduces = ("overlapping-sessions",)
    changes_messages = True

    n: int = 10
    _seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        at_least(1, n=self.n)

    def frame(self, frame: Frame, lane: Lane) -> Iterable[Frame]:
        """The n-th twice."""
        if not frame.is_message:
            return (frame,)
        self._seen += 1
        return (frame, frame) if self._seen % self.n == 0 else (frame,)
