"""Every n-th message is lost."""

from __future__ import annotations

from dataclasses import dataclass, field

from longwire.chaos.bounds import at_least
from longwire.chaos.losing import LosesMessages


@dataclass(kw_only=True)
class DropEvery(LosesMessages):
    """Lose every n-th message, and let everything else go on.

    What a server does that drops for a slow consumer without a word, or a layer in between whose
    buffer is full. Only numbers in the messages can tell.

    Attributes:
        n: 1 loses all of them.
    """

    reproduces = ("sequence-gap", "layer-capacity-drop")

    n: int = 10
    _seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        at_least(1, n=self.n)

    def loses(self) -> bool:
        """Whether it is the n-th."""
        self._seen += 1
        return self._seen % self.n == 0
