"""The cells: one at least for each cause that a client can meet and chaos can make.

A feed says goodbye in words that real ones use. Where a close code makes a careful client wait for
seconds (1008, 1013), most cells have one of the private range in its place, to be short; two have
those codes themselves.
"""

from __future__ import annotations

from typing import Any, Final

from longwire.testing.misbehave import StrictPinger
from scoreboard.cell import Cell
from scoreboard.steps import Burst, Expired, Order, Quiet, for_all, there

AT_ONCE: Final = 0.1
"""Seconds: the end of a connection is told by the system."""
BEATS: Final = 1.1
"""Seconds: a heartbeat every 0.5 s that waits 0.5 s."""
SILENT: Final = 1.8
"""Seconds: one without a message, and what a second connection takes to tell a deaf link from a
quiet feed."""

_STRICT: Final = (StrictPinger(every=0.5, within=1.0),)
"""A server that wants its pings answered within a second."""


def _goodbye(cause: str, code: int, reason: str, **more: Any) -> Cell:
    """The server says why it closes."""
    return Cell(
        cause=cause,
        what=f"close {code}, “{reason}”",
        kind="cut",
        steps=(there(f"close code={code} reason='{reason}'"),),
        within=AT_ONCE,
        **more,
    )


_CUTS: Final = (
    Cell(
        cause="proxy-reload",
        what="TCP ends without a close frame",
        kind="cut",
        steps=(there("fin"),),
        evidence=False,
        within=AT_ONCE,
    ),
    Cell(
        cause="close-reason-lost",
        what="TCP ends inside a frame",
        kind="cut",
        steps=(there("limit-data size=30"),),
        evidence=False,
        within=AT_ONCE + 0.05,
    ),
    Cell(
        cause="silent-end-of-iteration",
        what="close 1000",
        kind="cut",
        steps=(there("close code=1000"),),
        evidence=False,
        within=AT_ONCE,
    ),
    Cell(
        cause="lost-subscriptions",
        what="a reset; the server has forgotten who wanted what",
        kind="cut",
        steps=(there("reset"),),
        evidence=False,
        within=AT_ONCE,
        subscription=True,
    ),
    Cell(
        cause="slow-close-delays-reconnect",
        what="close 1000, and then neither an answer nor the end of TCP",
        kind="cut",
        steps=(there("close-then-data code=1000"),),
        evidence=False,
        within=AT_ONCE,
        seconds=2.0,
    ),
    _goodbye("upstream-feed-dead", 1011, "upstream feed lost"),
    _goodbye("slow-consumer-eviction", 4102, "too many pending messages"),
    _goodbye("upstream-feed-dead", 1013, "upstream feed lost", variant="1013", returns_later=True),
    _goodbye("slow-consumer-eviction", 1008, "slow consumer", variant="1008", returns_later=True),
    _goodbye("auth-expired", 4401, "token expired"),
    _goodbye("provider-quota-violation", 4429, "rate limit exceeded"),
    _goodbye("lease-expired", 4002, "listenKey expired"),
    _goodbye("forced-lifetime-disconnect", 1001, "maximum connection lifetime reached"),
    _goodbye("heartbeat-dialect-mismatch", 4008, "no heartbeat received"),
    Cell(
        cause="overlapping-sessions",
        what="messages come twice, then close 4001, “replaced by another session”",
        kind="cut",
        steps=(
            for_all("duplicate n=5", lasting=0.5),
            there("close code=4001 reason='replaced by another session'", at=0.5),
        ),
        within=AT_ONCE,
        seconds=2.0,
        struck=("close", "strikes"),
    ),
    Cell(
        cause="deploy-restart",
        what="close 1012, and nobody listens for 0.8 s",
        kind="cut",
        steps=(there("close code=1012 reason='service restart'"), for_all("refuse", lasting=0.8)),
        within=AT_ONCE,
        reachable=0.8,
        seconds=3.0,
    ),
    Cell(
        cause="reconnect-gives-up",
        what="a reset, and HTTP 503 for 1.2 s",
        kind="cut",
        steps=(there("reset"), for_all("reject-opening status=503", lasting=1.2)),
        evidence=False,
        within=AT_ONCE,
        reachable=1.2,
        seconds=4.0,
    ),
    Cell(
        cause="provider-quota-violation",
        variant="429",
        what="a reset, and for 1 s HTTP 429 with `Retry-After: 1`",
        kind="cut",
        steps=(there("reset"), for_all("reject-opening status=429 retry_after=1", lasting=1.0)),
        within=AT_ONCE,
        reachable=1.0,
        seconds=3.0,
    ),
    Cell(
        cause="tls-expiry",
        what="a reset, and for 1.2 s the certificate has run out",
        kind="cut",
        steps=(Expired(lasting=1.2), there("reset")),
        within=AT_ONCE,
        reachable=1.2,
        seconds=3.0,
        tls=True,
    ),
    Cell(
        cause="backoff-reset-on-open",
        what="the end, and three connections that are accepted and cut again",
        kind="cut",
        steps=(
            there("fin"),
            for_all("mute crossings=2-4"),
            for_all("close code=1000 crossings=2-4 after=50ms"),
        ),
        within=AT_ONCE,
        seconds=5.0,
    ),
)

_BROKEN: Final = (
    Cell(
        cause="permessage-deflate-fault",
        what="a frame that says it is compressed, and is noise",
        kind="cut",
        steps=(there("corrupt what=deflate"),),
        within=AT_ONCE,
        compression=True,
    ),
    Cell(
        cause="fragmentation-mishandled",
        what="a continuation of nothing",
        kind="cut",
        steps=(there("corrupt what=continuation"),),
        within=AT_ONCE,
    ),
    Cell(
        cause="middlebox-interference",
        what="a reset, and an answer to the next opening that is none",
        kind="cut",
        steps=(for_all("wrong-accept crossings=2"), there("reset")),
        within=AT_ONCE,
    ),
)

_HIDDEN: Final = (
    Cell(
        cause="half-open-undetected",
        what="everything vanishes, nothing ends",
        kind="hidden",
        steps=(there("black-hole"),),
        within=BEATS,
        seconds=3.0,
    ),
    Cell(
        cause="half-open-undetected",
        variant="frozen",
        what="everything stands still for 2.5 s, and then comes all at once",
        kind="hidden",
        steps=(for_all("freeze", lasting=2.5),),
        within=BEATS,
        reachable=2.5,
        seconds=4.0,
    ),
    Cell(
        cause="network-change",
        what="everything vanishes, and for 1.5 s there is no way",
        kind="hidden",
        steps=(there("black-hole"), for_all("refuse", lasting=1.5)),
        # No interface of this machine goes down, so that is all there is to see.
        also=("half-open-undetected",),
        within=BEATS,
        reachable=1.5,
        seconds=4.0,
    ),
    Cell(
        cause="zombie-stream",
        what="pings are answered, messages do not come",
        kind="hidden",
        steps=(there("mute"),),
        within=SILENT,
        seconds=3.0,
    ),
    Cell(
        cause="reconnected-but-deaf",
        what="a reset, and a new connection on which nothing comes",
        kind="cut",
        steps=(for_all("stale-subscription until=3"), there("reset")),
        # What is known is that a subscription was sent and nothing came; no other link is asked.
        also=("subscription-not-confirmed",),
        within=AT_ONCE,
        seconds=3.5,
        subscription=True,
    ),
    Cell(
        cause="subscription-not-confirmed",
        what="a reset; then subscriptions are lost on the way for 2 s",
        kind="cut",
        steps=(for_all("forget-subscriptions crossings=2-", lasting=2.0), there("reset")),
        # A second connection may hear something at the very moment that the fault ends.
        also=("reconnected-but-deaf",),
        within=AT_ONCE,
        reachable=2.0,
        seconds=5.0,
        subscription=True,
    ),
)

_LOSSY: Final = (
    Cell(
        cause="sequence-gap",
        what="every 20th message is lost for a second",
        kind="lossy",
        steps=(for_all("drop-every n=20", lasting=1.0),),
        within=0.2,
    ),
)

_HARMLESS: Final = (
    Cell(
        cause="blocked-event-loop",
        what="the handler blocks for 2.5 s; the server wants pongs in 1 s",
        kind="harmless",
        steps=(Order(block=2.5),),
        seconds=4.0,
        watchers=_STRICT,
    ),
    Cell(
        cause="slow-handler-inline",
        what="the handler waits for 2.5 s; the server wants pongs in 1 s",
        kind="harmless",
        steps=(Order(wait=2.5),),
        evidence=False,
        seconds=4.0,
        watchers=_STRICT,
    ),
    Cell(
        cause="bounded-queue-overflow",
        what="2,000 messages at once while the handler waits",
        kind="harmless",
        steps=(Order(wait=0.5), Burst(count=2_000, at=0.1)),
        evidence=False,
        seconds=2.0,
    ),
    Cell(
        cause="message-too-big",
        what="a snapshot of 5 MiB, once",
        kind="harmless",
        steps=(there("oversize"),),
        evidence=False,
        seconds=2.5,
    ),
    Cell(
        cause="idle-timeout-intermediary",
        what="no message for 2.2 s; who is idle for 1 s is cut",
        kind="harmless",
        steps=(Quiet(lasting=2.2), for_all("idle-kill idle=1s how=fin")),
        evidence=False,
        seconds=3.0,
    ),
    Cell(
        cause="nat-silent-drop",
        what="no message for 2.2 s; who is idle for 1 s is forgotten, silently",
        kind="harmless",
        steps=(Quiet(lasting=2.2), for_all("idle-kill idle=1s how=silent")),
        evidence=False,
        seconds=3.0,
    ),
    Cell(
        cause="heartbeat-starved-by-data",
        what="for 2 s pongs come 2 s late; messages come",
        kind="harmless",
        steps=(for_all("late-pongs seconds=2s", lasting=2.0),),
        evidence=False,
        seconds=3.0,
    ),
    Cell(
        cause="broken-watchdog",
        what="for 2 s pongs are lost; messages come",
        kind="harmless",
        steps=(for_all("drop-pongs", lasting=2.0),),
        evidence=False,
        seconds=3.0,
    ),
    Cell(
        cause="pong-not-flushed",
        what="no message for 2.5 s; the server wants pongs in 1 s",
        kind="harmless",
        steps=(Quiet(lasting=2.5),),
        evidence=False,
        seconds=3.0,
        watchers=_STRICT,
    ),
    Cell(
        cause="no-concurrent-reader",
        what="1,000 pings a second for a second",
        kind="harmless",
        steps=(for_all("ping-flood rate=1000", lasting=1.0),),
        evidence=False,
        seconds=2.0,
    ),
)

GROUPS: Final = (_CUTS, _BROKEN, _HIDDEN, _LOSSY, _HARMLESS)
CELLS: Final = {cell.name: cell for group in GROUPS for cell in group}
"""All cells by their names."""
