"""What a client of some kind connects to: the feed, and what is in front of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from longwire.testing import NumberedFeed
from soak import secure
from soak.between import Between
from soak.fragments import FragmentingFeed

if TYPE_CHECKING:
    from types import TracebackType

    from soak.kinds import Kind

RATE: Final = 10.0
"""Messages a second of the feed."""


class Scene:
    """The feed, and the proxy if there is one; all of it on one loop.

    Args:
        kind: Of the client.
    """

    def __init__(self, kind: Kind) -> None:
        self.feed: NumberedFeed
        if kind.streams:
            self.feed = FragmentingFeed(rate=RATE)
        else:
            tls = secure.good() if "tls" in kind.has else None
            self.feed = NumberedFeed(rate=RATE, subscription=kind.subscription, tls=tls)
        self.proxy = Between() if "proxy" in kind.has else None

    async def __aenter__(self) -> Self:
        await self.feed.start()
        if self.proxy is not None:
            await self.proxy.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.proxy is not None:
            await self.proxy.__aexit__(kind, error, trace)
        await self.feed.stop()

    def options(self) -> dict[str, Any]:
        """What `longwire.connect` is told of it."""
        return {"proxy": None if self.proxy is None else self.proxy.address}
