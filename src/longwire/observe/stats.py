"""Numbers about a client at one instant."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot; in each ``delivered + dropped + repeated + queued == received``."""

    state: str
    """The client's state, as in the lifecycle diagram."""
    received: int
    """Messages received over all links, those fetched by ``Sequence.refill`` included."""
    delivered: int
    """Messages handed over."""
    dropped: int
    """Messages dropped by the inbox's policy, or because there was no place for them when a link
    ended; see `Inbox`."""
    repeated: int
    """Messages not handed over a second time because their number had come before."""
    missing: int
    """Messages known to be missing: the sum of the counts of all sequence gaps."""
    queued: int
    """Messages that wait in the inbox, or in line for a refill."""
    queued_bytes: int
    sent: int
    """Messages handed to a link."""
    unsent: int
    """Messages accepted by ``send`` and not yet handed to a link."""
    links: int
    """Links that were opened."""
    interruptions: int
    """Interruptions so far."""
    rtt: float | None
    """The latest round-trip time in seconds."""
    loop_lag: float
    """How late the user's loop is now, in seconds; 0 for a blocking client, which has none."""
    byte_age: float | None
    """Seconds since the last byte on the present link; None without one."""
    pong_age: float | None
    data_age: float | None
    data_ages: Mapping[str, float]
    """The same for every subscription with ``matches``, by its name."""
    paused_for: float | None
    """How long reading has been paused by a full inbox; None while it is not."""
