"""A scripted server for client tests: a handler per link, and what it saw."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest

import longwire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Handler = Callable[[Any], Awaitable[None]]

DEADLINE = 10.0
"""Seconds that nothing here takes unless it is broken."""


@pytest.fixture(params=[True, False], ids=["isolated", "inline"])
def isolate(request: pytest.FixtureRequest) -> bool:
    """Both kinds of client."""
    return bool(request.param)


@pytest.fixture
def serving() -> Callable[[Handler], contextlib.AbstractAsyncContextManager[str]]:
    """``async with serving(handler) as url:``."""

    @contextlib.asynccontextmanager
    async def serve(handler: Handler) -> AsyncIterator[str]:
        async with longwire.serve(handler, "127.0.0.1", 0) as server:
            yield f"ws://127.0.0.1:{server.port}/feed"

    return serve


@pytest.fixture
def within() -> Callable[[], asyncio.Timeout]:
    """``async with within():``: a deadline for what must not hang."""
    return lambda: asyncio.timeout(DEADLINE)
