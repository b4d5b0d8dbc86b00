"""Which ways lead through a turn of a loop, once a certain call has given a certain value.

A rule asks: the connection has ended, and `next().await` gives None: is there a way from there back
to it on which nothing suspends?
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.lint.rust.roles import Role
from longwire.lint.rust.walker import Walker
from longwire.lint.rust.ways import End, TooMany, Way

if TYPE_CHECKING:
    from longwire.lint.rust.meanings import Meanings
    from longwire.lint.rust.records import Call, Loop
    from longwire.lint.rust.values import Value

FREE: Final = Role.RECEIVE | Role.SEND | Role.CLOSE | Role.LOCK
"""What is awaited on a connection that has ended without suspending."""


def turns(
    loop: Loop, target: Call, value: Value, meanings: Meanings, free: Role = FREE
) -> frozenset[Way]:
    """The ways through a turn of a loop that come by a call.

    Args:
        loop: The loop. The call may be in a loop inside it.
        target: The call.
        value: What it gives: awaited, where it gives a future.
        meanings: Of the module.
        free: What is awaited without suspending.

    Returns:
        None of them, where there are too many.
    """
    walker = Walker(target.node, value, meanings, free)
    try:
        ways = {_own(one, loop.label) for one in walker.turn(loop.node, Way())}
        ways = {_look_ahead(walker, loop, way) for way in ways if way.marked}
    except TooMany:
        return frozenset()
    return frozenset(way._replace(names=frozenset()) for way in ways)


def _own(way: Way, label: str) -> Way:
    """A way out of a turn, as its loop sees it."""
    if way.end is End.CONTINUES and way.label not in ("", label):
        return way._replace(end=End.BREAKS)
    return way


def _look_ahead(walker: Walker, loop: Loop, way: Way) -> Way:
    """The way as it is; it breaks, where names that it has set lead out of the next turn."""
    if not way.stays or not way.names:
        return way
    again = Way(names=way.names)
    ways = {_own(one, loop.label) for one in walker.turn(loop.node, again)}
    leaves = not any(one.marked or (one.stays and not one.suspends) for one in ways)
    return way._replace(end=End.BREAKS) if leaves else way
