"""The path and the far end: peers that vanish, freeze or stop reading, packets that do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from longwire.core.causes.judges.facts import kernel_state, many, quoted, says, span
from longwire.core.causes.judges.streams import NO_PASSING_LOSS, transport_in_doubt

if TYPE_CHECKING:
    from longwire.core.causes.evidence import Evidence
    from longwire.core.causes.judges.facts import Reasons

_GAVE_UP: Final = (
    r"connection timed out|no route to host|host is (?:down|unreachable)",
    r"\bE(?:TIMEDOUT|HOSTUNREACH|HOSTDOWN)\b",
)
"""What the kernel says when an established connection has got no acknowledgement for too long."""

_BIG_PACKET: Final = 1_200
"""Bytes; every path carries 1,280 with headers (RFC 8200, 5), so less is never too big."""

_STILL_ARRIVING: Final = 2.0
"""Seconds since the last byte within which the peer's packets count as still arriving."""


def big_packets_lost(e: Evidence) -> Reasons | None:
    """mtu-blackhole: our big packets are repeated in vain while the peer's bytes still arrive."""
    kernel = e.kernel
    if kernel is None or e.byte_age is None or e.end not in {"write-timeout", "reset", "eof"}:
        return None
    if (kernel.retransmits or 0) < NO_PASSING_LOSS or (kernel.unsent or 0) < _BIG_PACKET:
        return None
    if e.byte_age > _STILL_ARRIVING:
        return None
    return (
        *kernel_state(kernel),
        f"Bytes from the peer still arrived, the last {span(e.byte_age)} before.",
    )


def peer_does_not_read(e: Evidence) -> Reasons | None:
    """send-without-timeout: nothing can be written, and nothing says that the way is dead."""
    if e.end != "write-timeout" or transport_in_doubt(e):
        return None
    if e.kernel is not None and e.kernel.retransmits:
        return None
    stuck = f"Nothing could be written in time, with {many(e.write_buffered, 'byte')} waiting."
    return (
        stuck,
        *(() if e.kernel is None else kernel_state(e.kernel)),
    )


def acknowledged_but_mute(e: Evidence) -> Reasons | None:
    """half-open-undetected, and the way is good: TCP acknowledges, and nothing answers.

    It may be the server's program, or that of a proxy which has ended our TCP in front of it.
    """
    kernel = e.kernel
    if kernel is None or kernel.unacked != 0 or kernel.retransmits != 0:
        return None
    reasons = mute(e)
    if reasons is None:
        return None
    return (
        *reasons,
        "Whatever ends TCP there, the server or a proxy in front of it, acknowledged what we sent.",
    )


def never_acknowledged(e: Evidence) -> Reasons | None:
    """half-open-undetected, and no packet gets through: nothing is acknowledged any more."""
    if e.end == "reset" and says(e.error, *_GAVE_UP):
        return (f"The kernel gave up the established connection: {quoted(e.error)}.",)
    if e.kernel is None or not e.kernel.retransmits:
        return None
    reasons = mute(e)
    return None if reasons is None else (*reasons, *kernel_state(e.kernel))


def mute(e: Evidence) -> Reasons | None:
    """half-open-undetected: no byte within the bound after a ping, and we were listening."""
    unanswered = e.end == "heartbeat-timeout" or (
        e.end in {"silence", "settle-timeout", "write-timeout"} and transport_in_doubt(e)
    )
    if not unanswered or e.reading_paused_for is not None:
        return None
    if e.kernel is not None and e.kernel.unread:
        return None
    return (_silence_of(e),)


def _silence_of(e: Evidence) -> str:
    since = "No byte came" if e.byte_age is None else f"No byte came for {span(e.byte_age)}"
    ping = e.ping_unanswered_for
    waited = "" if ping is None else f", a ping of ours was unanswered for {span(ping)}"
    bound = "" if e.heartbeat_within is None else f" (the bound is {span(e.heartbeat_within)})"
    return f"{since}{waited}{bound}."
