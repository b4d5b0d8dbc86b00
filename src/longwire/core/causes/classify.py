"""From the record of an interruption to its cause: an ordered table of judges.

The first judge that finds the evidence of its cause complete has the word. The order follows from
what can be mistaken for what:

1. Ends that name themselves: openings that failed, frames that broke the rules, deaf streams.
2. The peer's explanations that no state of ours can explain away.
3. Our own side, before anything that looks the same from outside: a machine that slept, a loop that
   stood still and a full inbox all make a healthy peer hang up.
4. The peer's complaints that our own side could have caused but did not.
5. Patterns over several lives, before the codes of a single end: a proxy's idle timer may well
   close with 1001, "going away".
6. What is left: codes, lives that are too short, silence on the wire.

Whoever sent a close frame is the peer. What ended or stopped without one may have been the server,
or a proxy that ends our TCP in front of it, and nobody on this side can tell them apart: there the
blame is unknown, and the reasons say what is known.

Where no judge is satisfied the verdict is `UNKNOWN`, with all that is known as reasons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from longwire.core.causes.catalogue import UNKNOWN, cause
from longwire.core.causes.interruption import Verdict
from longwire.core.causes.judges import facts, frames, lives, opening, ourside, path, streams, words

if TYPE_CHECKING:
    from longwire.core.causes.evidence import Evidence
    from longwire.core.causes.judges.facts import Judge
    from longwire.errors import Blame


class Rule(NamedTuple):
    """One row of the table."""

    cause: str
    judge: Judge
    blame: Blame | None = None
    """Who is to blame where this judge is satisfied, if it knows better than the catalogue."""


RULES: Final = (
    # 1. Ends that name themselves.
    Rule("tls-expiry", opening.tls_expired),
    Rule("auth-expired", opening.credentials),
    Rule("provider-quota-violation", opening.quota),
    Rule("proxy-env-surprise", opening.proxy),
    Rule("middlebox-interference", opening.intercepted),
    Rule("network-change", opening.network_gone),
    Rule("deploy-restart", opening.server_gone),
    Rule("middlebox-interference", frames.foreign_answer),
    Rule("permessage-deflate-fault", frames.compression),
    Rule("fragmentation-mishandled", frames.fragments),
    Rule("message-too-big", frames.too_big),
    Rule("bounded-queue-overflow", ourside.overflow),
    Rule("zombie-stream", streams.zombie),
    Rule("reconnected-but-deaf", streams.deaf_since_the_opening, "peer"),
    Rule("subscription-not-confirmed", streams.unconfirmed),
    # 2. Explanations.
    Rule("slow-consumer-eviction", words.slow_consumer),
    Rule("provider-quota-violation", words.quota),
    Rule("lease-expired", words.lease),
    Rule("auth-expired", words.credentials),
    Rule("overlapping-sessions", words.other_session),
    Rule("forced-lifetime-disconnect", words.lifetime),
    Rule("upstream-feed-dead", words.upstream),
    # 3. Our own side.
    Rule("sleep-wake", ourside.sleep),
    Rule("mtu-blackhole", path.big_packets_lost),
    Rule("blocked-event-loop", ourside.blocked_loop),
    Rule("slow-handler-inline", ourside.slow_handler),
    Rule("slow-consumer-eviction", ourside.evicted),
    Rule("heartbeat-starved-by-data", ourside.starved_pong, "local"),
    # 4. Complaints.
    Rule("heartbeat-dialect-mismatch", words.heartbeat_dialect),
    Rule("idle-timeout-intermediary", words.idle, "peer"),
    # 5. Patterns.
    Rule("nat-silent-drop", lives.forgotten_flow),
    Rule("idle-timeout-intermediary", lives.closed_for_idleness, "peer"),
    Rule("idle-timeout-intermediary", lives.idle_cut, "unknown"),
    Rule("forced-lifetime-disconnect", lives.closed_for_age),
    Rule("forced-lifetime-disconnect", lives.lifetime, "unknown"),
    # 6. What is left.
    Rule("deploy-restart", words.restart),
    Rule("backoff-reset-on-open", lives.accepted_and_cut, "unknown"),
    Rule("send-without-timeout", path.peer_does_not_read, "unknown"),
    Rule("half-open-undetected", path.acknowledged_but_mute),
    Rule("half-open-undetected", path.never_acknowledged, "network"),
    Rule("half-open-undetected", path.mute),
)
"""The table. A cause may have several rows, one for each kind of evidence that proves it."""


def nameable() -> frozenset[str]:
    """Ids of the causes that `classify` can name."""
    return frozenset(rule.cause for rule in RULES)


def classify(evidence: Evidence) -> Verdict:
    """Judge the record of an interruption. Pure, and total: it never raises.

    Args:
        evidence: What was known when it was noticed.

    Returns:
        The cause whose evidence is complete, with the reasons; otherwise `UNKNOWN`, with what is
        known. The cause's ``blame`` is the catalogue's unless the evidence shows more.
    """
    for rule in RULES:
        reasons = rule.judge(evidence)
        if reasons:
            found = cause(rule.cause)
            if rule.blame is not None and rule.blame != found.blame:
                found = msgspec.structs.replace(found, blame=rule.blame)
            return Verdict(cause=found, reasons=reasons)
    return Verdict(cause=UNKNOWN, reasons=facts.known(evidence))
