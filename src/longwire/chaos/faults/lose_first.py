"""What the server says first is lost."""

from __future__ import annotations

from dataclasses import dataclass, field

from longwire.chaos.bounds import at_least
from longwire.chaos.losing import LosesMessages


@dataclass(kw_only=True)
class LoseFirst(LosesMessages):
    """Lose the first messages behind the opening.

    What happens to frames that come in the same segment as the answer, where a client throws away
    what is behind the blank line: a greeting, a snapshot, the first of a feed.

    Attributes:
        n: How many.
    """

    reproduces = ("sequence-gap",)

    n: int = 1
    _seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        at_least(1, n=self.n)

    def loses(self) -> bool:
        """Whether it is one of the first."""
        self._seen += 1
        return self._seen <= self.n
