"""What someone is told who listens in at a proxy, such as a recorder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from longwire.chaos.crossing import Crossing
    from longwire.chaos.fault import Direction

End = Literal["fin", "reset"]
"""How a side ended its connection: FIN, or RST (and whatever else TCP or TLS calls an error)."""


class Tap(Protocol):
    """Is told everything as it comes from its source, before any fault has seen it.

    All but `ready` must be quick and must not raise. It is told of bytes, not of frames, since the
    proxy does not put together the longest ones, and since a connection may end within one.
    """

    async def ready(self) -> None:
        """Return as soon as more may come; until then the proxy does not read."""

    def asked(self, crossing: Crossing) -> None:
        """A client's opening request is here, and ``crossing.target`` is known."""

    def answered(self, crossing: Crossing, head: bytes) -> None:
        """The head of the answer is here: the server's, or the proxy's own in its place."""

    def received(self, crossing: Crossing, direction: Direction, data: bytes) -> None:
        """Bytes have come behind the opening."""

    def ended(self, crossing: Crossing, direction: Direction, how: End) -> None:
        """The side that a direction comes from has ended."""

    def over(self, crossing: Crossing) -> None:
        """Nothing more will be told of a crossing."""
