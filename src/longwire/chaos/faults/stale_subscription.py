"""After a reconnect everything is well, but nothing comes."""

from __future__ import annotations

from dataclasses import dataclass

from longwire.chaos.losing import LosesMessages


@dataclass(kw_only=True)
class StaleSubscription(LosesMessages):
    """Let no message through on any connection but the first.

    What a server does that accepts, greets, and has lost what it was to send. A client that takes
    an open connection for a healthy one reports that it has recovered, and is deaf.

    Attributes:
        until: The number of the connection that is well again, 3 or more; 0: none is.
    """

    reproduces = ("reconnected-but-deaf", "subscription-not-confirmed")

    until: int = 0

    def __post_init__(self) -> None:
        if self.until != 0 and self.until < 3:
            raise ValueError(f"until must be 0, or at least 3 to leave one deaf, not {self.until}")

    def loses(self) -> bool:
        """Whether this connection is one of those."""
        number = self.crossing.number
        return number > 1 and (self.until == 0 or number < self.until)
