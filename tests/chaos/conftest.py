"""A numbered feed behind a chaos proxy, and a client that judges nothing in front of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from longwire.testing import NumberedFeed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def feed() -> AsyncIterator[NumberedFeed]:
    """Sends only what it is told to."""
    async with NumberedFeed() as running:
        yield running
