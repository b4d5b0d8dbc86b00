"""A client that is not ours, to test the feed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from websockets.asyncio.client import connect

if TYPE_CHECKING:
    from collections.abc import Callable

    from websockets.asyncio.client import connect as Connect  # noqa: N812 - a class in disguise


@pytest.fixture
def dial() -> Callable[[str], Connect]:
    """Connect with ``websockets``: no proxy, no compression, no keepalive of its own."""
    return lambda url: connect(
        url, proxy=None, compression=None, ping_interval=None, open_timeout=10, close_timeout=1
    )
