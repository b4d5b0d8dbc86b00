"""Streams: links that live and yet bring no data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.core.causes.judges.facts import many, span

if TYPE_CHECKING:
    from longwire.core.causes.evidence import Evidence
    from longwire.core.causes.judges.facts import Reasons

_LIVED: Final = 1.0
"""Seconds of life after which an earlier link counts as having worked."""

NO_PASSING_LOSS: Final = 3
"""Retransmissions in a row that are more than a lost packet."""

_STILL_ARRIVING: Final = 2.0
"""Seconds since the last byte within which the peer's packets count as still arriving."""


def transport_in_doubt(e: Evidence) -> bool:
    """Whether it may be the transport that is dead, and not the stream."""
    if e.byte_age is not None and e.byte_age < (e.heartbeat_within or _STILL_ARRIVING):
        # An unanswered ping on a link that still brings bytes is no sign of death.
        return False
    overdue = (
        e.ping_unanswered_for is not None
        and e.heartbeat_within is not None
        and e.ping_unanswered_for >= e.heartbeat_within
    )
    return overdue or (e.kernel is not None and (e.kernel.retransmits or 0) >= NO_PASSING_LOSS)


def zombie(e: Evidence) -> Reasons | None:
    """zombie-stream: no data here, data on the canary."""
    if e.end != "silence" or e.canary != "data" or transport_in_doubt(e):
        return None
    return _deaf(e)


def deaf_since_the_opening(e: Evidence) -> Reasons | None:
    """reconnected-but-deaf: a later link that never brought data, though the canary did."""
    if e.end != "settle-timeout" or e.canary != "data" or transport_in_doubt(e):
        return None
    longest = max(e.earlier_ages, default=0.0)
    if longest < _LIVED:
        return None
    return (*_deaf(e), f"An earlier link with the same settings had lived {span(longest)}.")


def unconfirmed(e: Evidence) -> Reasons | None:
    """subscription-not-confirmed: refused, or nothing came behind it although the link lived."""
    if e.end == "subscription-refused":
        return ("The peer answered a subscription with a refusal.",)
    if e.end != "settle-timeout" or not e.subscriptions or transport_in_doubt(e):
        return None
    sent = many(e.subscriptions, "subscription")
    return (f"We sent {sent}, and no first data came in time.", *_alive(e))


def _deaf(e: Evidence) -> Reasons:
    if e.data_age is None:
        here = "No data came on this link"
    else:
        here = f"No data came on this link for {span(e.data_age)}"
    bound = "" if e.silence is None else f" (Heartbeat.silence is {span(e.silence)})"
    return (
        f"{here}{bound}, while a second link with the same subscriptions received data.",
        *_alive(e),
    )


def _alive(e: Evidence) -> Reasons:
    if e.pong_age is None:
        return ()
    return (f"The transport was alive: the last pong had come {span(e.pong_age)} before.",)
