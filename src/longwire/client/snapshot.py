"""All numbers of a client at one instant, from whichever thread asks."""

from __future__ import annotations

import time
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from longwire.observe.stats import Stats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from longwire.client.supervisor import Supervisor


def snapshot(client: Supervisor) -> Stats:
    """The numbers of this instant. The sums hold, since what can be derived is derived."""
    clocks = ages(client)
    inbox = client.inbox
    vetting = client.vetting
    repeated = missing = 0
    # All of it under the lock: in between, messages go from one counter to the other.
    with inbox.lock:
        received = inbox.received
        queued = inbox.queued()
        dropped = inbox.dropped
        queued_bytes = inbox.queued_bytes()
        if vetting is not None:
            received += vetting.refilled
            repeated = vetting.repeated
            missing = vetting.missing
    return Stats(
        state=client.state.value,
        received=received,
        delivered=received - dropped - repeated - queued,
        dropped=dropped,
        repeated=repeated,
        missing=missing,
        queued=queued,
        queued_bytes=queued_bytes,
        sent=client.outbox.sent,
        unsent=client.outbox.queued,
        links=client.opened,
        interruptions=client.chronicle.count,
        loop_lag=client.loop_lag(),
        rtt=clocks.rtt,
        byte_age=clocks.byte_age,
        pong_age=clocks.pong_age,
        data_age=clocks.data_age,
        data_ages=clocks.data_ages,
        paused_for=clocks.paused_for,
    )


class Ages(NamedTuple):
    """Ages on the present link in seconds; all None without one."""

    rtt: float | None = None
    byte_age: float | None = None
    pong_age: float | None = None
    data_age: float | None = None
    data_ages: Mapping[str, float] = MappingProxyType({})
    paused_for: float | None = None


def ages(client: Supervisor) -> Ages:
    """How old the signs of life of the present link are."""
    watch = client.watch
    if watch is None or watch.link.closure is not None:
        return Ages()
    link = watch.link
    # The loop's time and this are the same clock; uvloop's stands still within a turn.
    now = time.monotonic()
    last_byte, last_pong, last_data = link.last_seen
    known = link.clocks()
    named = {} if known is None else dict(known.subscriptions)
    return Ages(
        rtt=link.rtt,
        byte_age=age(last_byte, now),
        pong_age=age(last_pong, now),
        data_age=age(last_data, now),
        data_ages={name: max(0.0, now - then) for name, then in named.items()},
        paused_for=age(link.paused_since, now),
    )


def age(then: float | None, now: float) -> float | None:
    """Seconds between, or None."""
    return None if then is None else max(0.0, now - then)
