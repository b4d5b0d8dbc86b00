"""The clients that are tried: what each was asked for, and what it therefore promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import longwire
from longwire.testing import number_of
from soak import secure
from soak.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from longwire.testing import NumberedFeed
    from longwire.testing.feed import Subscription
    from soak.faults import Need

EVERY, WITHIN, SILENCE = 20.0, 10.0, 45.0

_QUIET: Final = longwire.Heartbeat(every=EVERY, within=WITHIN)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One of them.

    Args:
        options: Makes what `longwire.connect` gets, given the feed.
        losses: How numbers may be missing: not at all, as a `Gap`, counted as dropped, or between
            two links, with no more than an interruption told.
        subscription: What the feed does about subscriptions.
        has: What some faults need: see `Fault.needs`.
    """

    options: Callable[[NumberedFeed], dict[str, Any]]
    losses: Literal["none", "told", "counted", "untold"]
    subscription: Subscription = "none"
    has: frozenset[Need] = frozenset()

    @property
    def streams(self) -> bool:
        """Whether messages are handed over piece by piece."""
        return "streaming" in self.has

    def faults(self) -> list[str]:
        """Those that it can get over."""
        return [name for name, one in FAULTS.items() if one.needs is None or one.needs in self.has]


def _refill_from(feed: NumberedFeed) -> Callable[[longwire.Gap], Awaitable[list[str | bytes]]]:
    async def refill(gap: longwire.Gap) -> list[str | bytes]:
        if gap.first is None or gap.last is None:
            return []
        return await feed.refill(gap.first, gap.last)

    return refill


KINDS: Final = {
    "plain": Kind(options=lambda _: {"heartbeat": _QUIET}, losses="untold"),
    "numbered": Kind(
        options=lambda _: {"heartbeat": _QUIET, "sequence": longwire.Sequence(number_of)},
        losses="told",
    ),
    "refilled": Kind(
        options=lambda feed: {
            "heartbeat": _QUIET,
            "sequence": longwire.Sequence(number_of, refill=_refill_from(feed)),
        },
        losses="none",
    ),
    "dropping": Kind(
        options=lambda _: {
            "heartbeat": _QUIET,
            "inbox": longwire.Inbox(messages=200, when_full="drop-oldest"),
        },
        losses="counted",
    ),
    "subscribed": Kind(
        options=lambda _: {
            "heartbeat": longwire.Heartbeat(every=EVERY, within=WITHIN, silence=SILENCE),
            "sequence": longwire.Sequence(number_of),
            "subscribe": [longwire.Subscription("trades", is_ack=lambda data: '"ok"' in str(data))],
            "inbox": longwire.Inbox(messages=500),
        },
        losses="told",
        subscription="ack",
        has=frozenset({"silence"}),
    ),
    "secured": Kind(
        options=lambda _: {
            "heartbeat": _QUIET,
            "sequence": longwire.Sequence(number_of),
            "tls": secure.trusting(),
        },
        losses="told",
        has=frozenset({"tls"}),
    ),
    "proxied": Kind(
        options=lambda _: {"heartbeat": _QUIET, "sequence": longwire.Sequence(number_of)},
        losses="told",
        has=frozenset({"proxy"}),
    ),
    "streaming": Kind(
        options=lambda _: {
            "heartbeat": _QUIET,
            "stream": True,
            "inbox": longwire.Inbox(messages=300),
        },
        losses="untold",
        has=frozenset({"streaming"}),
    ),
}
