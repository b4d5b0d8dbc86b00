"""Our own side: a machine that slept, a loop that stood still, a full inbox, a stuffed way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.core.causes.judges.facts import ending, local_state, many, span, waiting
from longwire.core.causes.judges.words import ping_timeout

if TYPE_CHECKING:
    from longwire.core.causes.evidence import Evidence
    from longwire.core.causes.judges.facts import Reasons

_SLEPT: Final = 10.0
"""Seconds by which the wall clock must have run ahead. Less is bridged by TCP and most servers."""

_LAG: Final = 0.5
"""Seconds of lag that explain a missed ping, where the peer says that it missed one."""

_STANDSTILL: Final = (2.0, 4.0)
"""Least and most seconds of lag that explain an end without words; see `_wordless`."""

_PAUSE: Final = 1.0
"""Seconds of paused reading that explain an end without words."""

_STUCK: Final = 64 * 1024
"""Bytes before a pong that make it late. Less fits into any network's buffers."""

_EVICTION_CODES: Final = frozenset({1008, 1013})
"""Policy violation and try again later: what servers throw slow clients out with."""


def sleep(e: Evidence) -> Reasons | None:
    """sleep-wake: the wall clock ran on while the machine stood still, and the link was dead."""
    if e.clock_jump is None or e.clock_jump < _SLEPT:
        return None
    dead = e.end in {"heartbeat-timeout", "reset", "eof", "write-timeout"} or ping_timeout(e)
    if not dead:
        return None
    ahead = f"During the link the wall clock ran {span(e.clock_jump)} ahead of the monotonic clock"
    return (f"{ahead}, as it does when the machine sleeps.", ending(e))


def blocked_loop(e: Evidence) -> Reasons | None:
    """blocked-event-loop: a lag that explains the end."""
    carrying = _lag_of_the_link(e)
    if ping_timeout(e):
        # Where the lag of the loop that carries the link is not known, the user's must do.
        lag = (e.loop_lag or 0.0) if e.io_lag is None else carrying
        enough = lag >= _LAG or _inbox_kept_full_by_lag(e)
    elif e.end == "heartbeat-timeout":
        # Our own heartbeat reads before it judges: only a standstill as long as its bound counts.
        enough = carrying >= max(e.heartbeat_within or 0.0, _STANDSTILL[0])
    elif e.end in {"eof", "reset"}:
        enough = carrying >= _wordless(e) or _inbox_kept_full_by_lag(e)
    else:
        enough = False
    return (*local_state(e), ending(e)) if enough else None


def _lag_of_the_link(e: Evidence) -> float:
    """The lag of the loop that carries the link: inline that is the user's loop, too."""
    carrying = e.io_lag or 0.0
    return carrying if e.isolated else max(carrying, e.loop_lag or 0.0)


def _wordless(e: Evidence) -> float:
    """The lag that explains an end without words: the heartbeat's bound, within reason.

    Without words the lag and the end may be a coincidence. Peers cut at some 5 s at the strictest,
    and a lag is measured up to a fifth too low.
    """
    least, most = _STANDSTILL
    return most if e.heartbeat_within is None else min(most, max(least, 0.8 * e.heartbeat_within))


def _inbox_kept_full_by_lag(e: Evidence) -> bool:
    """Reading was paused, and mostly because the user's loop stood still."""
    paused, lag = e.reading_paused_for, e.loop_lag or 0.0
    return paused is not None and lag >= max(_LAG, 0.5 * paused)


def slow_handler(e: Evidence) -> Reasons | None:
    """slow-handler-inline: a full inbox had stopped reading, and the peer gave up."""
    paused = e.reading_paused_for
    if paused is None:
        return None
    wordless = e.end in {"eof", "reset", "heartbeat-timeout"} and paused >= _PAUSE
    return (*local_state(e), ending(e)) if wordless or ping_timeout(e) else None


def evicted(e: Evidence) -> Reasons | None:
    """slow-consumer-eviction: thrown out without words while reading was paused."""
    paused = e.reading_paused_for
    if paused is None or paused < _PAUSE or e.received_reason:
        return None
    if e.end != "close-received" or e.received_code not in _EVICTION_CODES:
        return None
    return (*local_state(e), ending(e))


def starved_pong(e: Evidence) -> Reasons | None:
    """heartbeat-starved-by-data: the peer missed a pong that was stuck behind our own data."""
    if not ping_timeout(e):
        return None
    unsent = max(e.write_buffered, (e.kernel.unsent or 0) if e.kernel is not None else 0)
    if unsent < _STUCK:
        return None
    return (f"{many(unsent, 'byte')} of ours were still on the way when it closed.", ending(e))


def overflow(e: Evidence) -> Reasons | None:
    """bounded-queue-overflow: a full inbox whose policy is to fail."""
    if e.end != "local-error" or not e.error.startswith("InboxFull"):
        return None
    return (f'The inbox was full ({waiting(e)}) and its policy is "fail".',)
