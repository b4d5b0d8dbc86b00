"""All numbers of a client at one instant, from whichever thread asks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from longwire.observe.stats import Stats

if TYPE_CHECKING:
    from longwire.client.supervisor import Supervisor


def snapshot(client: Supervisor) -> Stats:
    """The numbers of this instant. The sums hold, since what can be derived is derived."""
    inbox = client.inbox
    vetting = client.vetting
    held = 0 if vetting is None else vetting.held
    repeated = 0 if vetting is None else vetting.repeated
    with inbox.lock:
        received = inbox.received + (0 if vetting is None else vetting.refilled)
        queued = inbox.queued() + held
        dropped = inbox.dropped
        queued_bytes = inbox.queued_bytes()
    return Stats(
        state=client.state.value,
        received=received,
        delivered=received - dropped - repeated - queued,
        dropped=dropped,
        repeated=repeated,
        missing=0 if vetting is None else vetting.missing,
        queued=queued,
        queued_bytes=queued_bytes,
        sent=client.outbox.sent,
        unsent=client.outbox.queued,
        links=client.opened,
        interruptions=client.chronicle.count,
        loop_lag=client.loop_lag(),
        **clocks(client),
    )


def clocks(client: Supervisor) -> dict[str, object]:
    """Ages on the present link; all None without one."""
    watch = client.watch
    if watch is None or watch.link.closure is not None:
        return {
            "rtt": None,
            "byte_age": None,
            "pong_age": None,
            "data_age": None,
            "data_ages": {},
            "paused_for": None,
        }
    link = watch.link
    # The loop's time and this are the same clock; uvloop's stands still within a turn.
    now = time.monotonic()
    last_byte, last_pong, last_data = link.last_seen
    known = link.clocks()
    named = {} if known is None else dict(known.subscriptions)
    return {
        "rtt": link.rtt,
        "byte_age": max(0.0, now - last_byte),
        "pong_age": None if last_pong is None else max(0.0, now - last_pong),
        "data_age": None if last_data is None else max(0.0, now - last_data),
        "data_ages": {name: max(0.0, now - then) for name, then in named.items()},
        "paused_for": None if link.paused_since is None else max(0.0, now - link.paused_since),
    }
