"""Patterns over several lives: constant ages, constant idle times, lives that are too short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.core.causes.judges.facts import ending, span, spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longwire.core.causes.evidence import End, Evidence
    from longwire.core.causes.judges.facts import Reasons

FROM_OUTSIDE: Final[frozenset[End]] = frozenset({"eof", "reset", "close-received"})
"""Ends that somebody else made, the server or something on the way.

No bound of our own can be the reason for what they have in common.
"""

_LIVES: Final = 3
"""Lives, the present one included, that a pattern needs."""

_LIFETIME_MIN: Final = 2.0
"""Seconds of age below which no policy on lifetimes is at work."""

_IDLE_MIN: Final = 1.0
"""Seconds of idleness below which a cut is no idle timer, where the link had never worked."""

_IDLE_MIN_AFTER_DATA: Final = 0.2
"""The same where it had: then being cut right after the opening is no explanation."""

_NAT_IDLE_MIN: Final = 5.0
"""Seconds of idleness below which no NAT forgets a flow (RFC 5382 asks for hours)."""

_AT_ONCE: Final = 2.0
"""Seconds within which the answer to a ping comes at once."""

_SPEAKING: Final = frozenset({1012, 1013})
"""Codes that name their reason; a pattern does not overrule them."""


def _constant(values: Sequence[float]) -> bool:
    """Whether all are nearly the same: within 0.1 s, 5 % up to 1 s, or 1 % of more than 100 s."""
    mean = sum(values) / len(values)
    tolerance = max(0.1, min(0.05 * mean, max(1.0, 0.01 * mean)))
    return all(abs(value - mean) <= tolerance for value in values)


def _last_ages(e: Evidence, ends: frozenset[End]) -> tuple[float, ...] | None:
    """Ages of the last lives, oldest first, if there were enough and all ended in these ways."""
    if e.end not in ends or e.link_age is None:
        return None
    earlier = e.earlier_ages[-(_LIVES - 1) :]
    return (*earlier, e.link_age) if _ended_so(e, len(earlier), ends) else None


def _last_idle(e: Evidence, ends: frozenset[End]) -> tuple[float, ...] | None:
    """Byte ages at the end of the last lives, likewise."""
    if e.end not in ends or e.byte_age is None:
        return None
    earlier = e.earlier_idle[-(_LIVES - 1) :]
    return (*earlier, e.byte_age) if _ended_so(e, len(earlier), ends) else None


def _ended_so(e: Evidence, earlier: int, ends: frozenset[End]) -> bool:
    recent = e.earlier_ends[-(_LIVES - 1) :]
    return earlier == len(recent) == _LIVES - 1 and all(end in ends for end in recent)


def _closed_each_time(e: Evidence) -> bool:
    """Whether each of the lives was ended by a close frame of the peer."""
    return {e.end, *e.earlier_ends[-(_LIVES - 1) :]} == {"close-received"}


def closed_for_idleness(e: Evidence) -> Reasons | None:
    """idle-timeout-intermediary, the peer's doing: it closed each time in good order."""
    return idle_cut(e) if _closed_each_time(e) else None


def idle_cut(e: Evidence) -> Reasons | None:
    """idle-timeout-intermediary: cut after the same time without a byte, again and again."""
    idle = _last_idle(e, FROM_OUTSIDE)
    if idle is None or not _constant(idle) or e.partial_frame or e.received_code in _SPEAKING:
        return None
    if min(idle) < (_IDLE_MIN_AFTER_DATA if e.messages else _IDLE_MIN):
        return None
    ages = _last_ages(e, FROM_OUTSIDE)
    # A fixed lifetime under a steady heartbeat leaves constant idle times, too: the rest of the
    # lifetime after the last pong. So either the ages differ, or most of each life was idle.
    if ages is None or (_constant(ages) and idle[-1] < 0.5 * ages[-1]):
        return None
    beat = (
        "no heartbeat was set"
        if e.heartbeat_every is None
        else f"our heartbeat is sent every {span(e.heartbeat_every)}"
    )
    cut = f"The last {len(idle)} links were ended from outside after {spans(idle)}"
    return (f"{cut} without a byte; {beat}.", ending(e))


def closed_for_age(e: Evidence) -> Reasons | None:
    """forced-lifetime-disconnect, the peer's doing: it closed each time in good order."""
    return lifetime(e) if _closed_each_time(e) else None


def lifetime(e: Evidence) -> Reasons | None:
    """forced-lifetime-disconnect: ended at the same age, again and again, while bytes flowed."""
    ages = _last_ages(e, FROM_OUTSIDE)
    if ages is None or not _constant(ages) or min(ages) < _LIFETIME_MIN:
        return None
    if e.received_code in _SPEAKING or e.byte_age is None:
        return None
    idle = _last_idle(e, FROM_OUTSIDE)
    flowed = e.byte_age <= 0.1 * ages[-1] or (idle is not None and not _constant(idle))
    if not flowed:
        return None
    cut = f"The last {len(ages)} links were ended from outside at ages of {spans(ages)}"
    return (f"{cut}; the last byte had come {span(e.byte_age)} before.", ending(e))


def forgotten_flow(e: Evidence) -> Reasons | None:
    """nat-silent-drop: the first ping after an idle stretch is fatal, again and again."""
    idle = _last_idle(e, frozenset({"heartbeat-timeout", "reset", "write-timeout"}))
    if idle is None or not _constant(idle) or e.ping_unanswered_for is None:
        return None
    before = idle[-1] - e.ping_unanswered_for
    if before < _NAT_IDLE_MIN:
        return None
    if e.end == "reset" and e.ping_unanswered_for <= _AT_ONCE:
        fate = "answered by a reset"
    elif e.kernel is not None and e.kernel.retransmits and e.kernel.unsent:
        fate = f"never acknowledged ({e.kernel.retransmits} retransmissions)"
    else:
        return None
    again = f"the last {len(idle)} links ended so, {spans(idle)} after their last byte"
    return (f"After {span(before)} without a byte our next ping was {fate}; {again}.",)


def accepted_and_cut(e: Evidence) -> Reasons | None:
    """backoff-reset-on-open: link after link opens, brings nothing and is ended at once."""
    ends = (*e.earlier_ends[-(_LIVES - 1) :], e.end)
    if e.short_lives < _LIVES or not FROM_OUTSIDE.issuperset(ends):
        return None
    loop = f"{e.short_lives} links in a row opened, brought no message"
    return (f"{loop} and were ended from outside within a second each.", ending(e))
