"""What every link must do, as a list of small checks: `check_link` runs them all.

Each check takes a fresh pair of links, acts on one and looks at both. It asks for nothing but what
`longwire.link.base.Link` promises, and depends on no speed: its waits end by events, and a deadline
that only a failure reaches.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from longwire.testing.conformance.closing import CLOSING_CHECKS
from longwire.testing.conformance.ending import ENDING_CHECKS
from longwire.testing.conformance.fragments import FRAGMENT_CHECKS, STREAM_CHECKS
from longwire.testing.conformance.limits import LIMIT, LIMIT_CHECKS
from longwire.testing.conformance.messages import MESSAGE_CHECKS
from longwire.testing.conformance.receiving import RECEIVING_CHECKS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from longwire.link.base import Link

    Check = Callable[[Link, Link], Awaitable[None]]
    """A check: acts on the first link, with the second as its peer."""

    MakePair = Callable[[], AbstractAsyncContextManager[tuple[Link, Link]]]
    """Makes a pair of live links, and ends what is left of them."""

    MakeLimitedPair = Callable[[int], AbstractAsyncContextManager[tuple[Link, Link]]]
    """The same; the second link accepts and sends messages of at most so many bytes."""

CHECKS: Final = (
    *MESSAGE_CHECKS,
    *RECEIVING_CHECKS,
    *FRAGMENT_CHECKS,
    *CLOSING_CHECKS,
    *ENDING_CHECKS,
)
"""Every check that any two links must pass, in either direction."""

DEADLINE: Final = 15.0
"""Seconds that one check may take: far above what a loaded machine needs."""


async def check_link(
    make_pair: MakePair,
    make_limited_pair: MakeLimitedPair | None = None,
    make_stream_pair: MakePair | None = None,
) -> None:
    """Hold a link against everything that `longwire.link.base.Link` promises.

    Args:
        make_pair: Makes a fresh pair for each check. Both links must have the bounds of
            `longwire.link.options.LinkOptions` or smaller ones; small ones make it faster.
        make_limited_pair: Makes a pair whose second link has the given ``max_message_bytes``, and
            whose first has not. None: the limit is not checked.
        make_stream_pair: Makes a pair whose second link has ``LinkOptions(stream=True)``, and whose
            first has not. None: streaming is not checked.

    Raises:
        AssertionError: a promise was broken; the exception's notes say in which check.
    """
    for check in CHECKS:
        await run_check(check, make_pair)
    if make_limited_pair is not None:
        for limit_check in LIMIT_CHECKS:
            await run_limit_check(limit_check, make_limited_pair)
    if make_stream_pair is not None:
        for stream_check in STREAM_CHECKS:
            await run_stream_check(stream_check, make_stream_pair)


async def run_check(check: Check, make_pair: MakePair) -> None:
    """Run one of `CHECKS` in both directions, each on a pair of its own."""
    async with make_pair() as (first, second):
        await _run(check, first, second, "acting on the first link")
    async with make_pair() as (first, second):
        await _run(check, second, first, "acting on the second link")


async def run_limit_check(check: Check, make_limited_pair: MakeLimitedPair) -> None:
    """Run one of `LIMIT_CHECKS`."""
    async with make_limited_pair(LIMIT) as (first, limited):
        await _run(check, first, limited, "the second link is limited")


async def run_stream_check(check: Check, make_stream_pair: MakePair) -> None:
    """Run one of `STREAM_CHECKS`."""
    async with make_stream_pair() as (first, streaming):
        await _run(check, first, streaming, "the second link has streaming")


async def _run(check: Check, one: Link, other: Link, how: str) -> None:
    before = asyncio.all_tasks()
    try:
        async with asyncio.timeout(DEADLINE):
            await check(one, other)
    except BaseException as error:
        error.add_note(f"in the conformance check {check.__name__}, {how}")
        await _end(asyncio.all_tasks() - before)
        raise


async def _end(tasks: set[asyncio.Task[object]]) -> None:
    """End what a failed check has left running; what it raises is of no interest any more."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


__all__ = [
    "CHECKS",
    "LIMIT_CHECKS",
    "STREAM_CHECKS",
    "check_link",
    "run_check",
    "run_limit_check",
    "run_stream_check",
]
