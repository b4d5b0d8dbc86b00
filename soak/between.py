"""A proxy between client and feed, which goes wrong itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Self

from tests.proxies import ProxyServer

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSALS: Final = (403, 407, 500, 502, 503)
STAGES: Final = ("accepted", "asked", "half answered", "tunnelled")

FROZEN: Final = 60.0
"""Seconds until a frozen tunnel is taken down, so that the feed knows it, too."""


class Between(ProxyServer):
    """An HTTP proxy whose tunnels can be cut and frozen."""

    async def __aenter__(self) -> Self:
        self._tunnels: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        return await super().__aenter__()

    @property
    def address(self) -> str:
        """Its URL. With an address instead of a name: a name takes real time."""
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """End every tunnel, on both sides, without a word."""
        self._all(lambda transport: transport.abort())

    def freeze(self) -> None:
        """Carry nothing more, in either direction; after a while cut what is frozen."""
        frozen = set(self._tunnels)
        self._all(lambda transport: transport.pause_reading())

        def thaw() -> None:
            for tunnel in frozen & self._tunnels:
                for side in tunnel:
                    side.transport.abort()

        asyncio.get_running_loop().call_later(FROZEN, thaw)

    def _all(self, deed: Callable[[Any], None]) -> None:
        for tunnel in self._tunnels:
            for side in tunnel:
                if not side.is_closing():
                    deed(side.transport)

    async def _pump(
        self,
        answer: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        back: asyncio.StreamWriter,
    ) -> None:
        self._tunnels.add((writer, back))
        try:
            await super()._pump(answer, reader, writer, there, back)
        finally:
            self._tunnels.discard((writer, back))
