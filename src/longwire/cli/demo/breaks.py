"""The six breaks: what goes wrong, how it is done, and what the client must make of it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from longwire.cli.demo.pace import Pace
    from longwire.cli.demo.stage import Stage

Deed = Callable[["Stage"], Awaitable[str]]
"""Does it, and waits until the client is past it. Returns what else there is to tell."""


@dataclass(frozen=True)
class Break:
    """One break.

    Args:
        name: A few words for a table.
        cause: The id of the cause that the client must name, or warn of where it survives.
        happens: Tells what happens, given the pace.
        deed: Does it.
        survived: Whether the client must live through it without an interruption.
    """

    name: str
    cause: str
    happens: Callable[[Pace], str]
    deed: Deed
    survived: bool = False


async def _reset(stage: Stage) -> str:
    """One reset proves nothing. Several at the same age do: something cuts by age."""
    await stage.far.do("lifetime", seconds=stage.pace.lifetime)
    try:
        await stage.recovered("forced-lifetime-disconnect")
    finally:
        await stage.far.do("lifetime", seconds=None)
    return "each reset alone proves nothing; a constant age does"


async def _half_open(stage: Stage) -> str:
    await stage.far.do("freeze")
    await stage.recovered("half-open-undetected")
    return ""


async def _close_1011(stage: Stage) -> str:
    await stage.far.do("close", code=1011, reason="upstream feed lost")
    await stage.recovered("upstream-feed-dead")
    return ""


async def _block(stage: Stage) -> str:
    await stage.far.do("pongs")
    began = time.monotonic()
    compute_for(stage.pace.block)
    await stage.alerted("blocked-event-loop", since=began)
    pongs = await stage.far.do("pongs")
    return f"{pongs['count']} pongs were due meanwhile, the slowest took {pongs['slowest']:.3f} s"


def compute_for(seconds: float) -> None:
    """What must not be done in an event loop: compute, and let nothing else run."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sum(range(1_000))


async def _restart(stage: Stage) -> str:
    await stage.far.do("restart", away=stage.pace.away)
    await stage.recovered("deploy-restart")
    return ""


async def _zombie(stage: Stage) -> str:
    await stage.far.do("mute")
    await stage.recovered("zombie-stream")
    return ""


BREAKS: Final = (
    Break(
        "reset",
        "forced-lifetime-disconnect",
        lambda pace: f"the path resets every connection at an age of {pace.lifetime:g} s",
        _reset,
    ),
    Break(
        "half-open",
        "half-open-undetected",
        lambda _: "the path forwards nothing any more, and tells nobody",
        _half_open,
    ),
    Break(
        "close 1011",
        "upstream-feed-dead",
        lambda _: 'the server closes with 1011, "upstream feed lost"',
        _close_1011,
    ),
    Break(
        "blocked loop",
        "blocked-event-loop",
        lambda pace: (
            f"our own code computes for {pace.block:g} s; the server pings every "
            f"{pace.ping_every:g} s"
        ),
        _block,
        survived=True,
    ),
    Break(
        "restart",
        "deploy-restart",
        lambda pace: f"the server closes with 1012 and is away for {pace.away:g} s",
        _restart,
    ),
    Break(
        "zombie",
        "zombie-stream",
        lambda _: "the server answers pings, but sends no data on this connection",
        _zombie,
    ),
)
