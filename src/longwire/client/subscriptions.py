"""Subscriptions: sent anew on every link before anything counts as live."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from longwire.errors import SubscriptionRefused
from longwire.link.base import Data

Predicate = Callable[[Data], bool]


@dataclass(frozen=True)
class Subscription:
    """One subscription, and how to read the peer's answers to it.

    The predicates run where the link runs (for an isolated client on longwire's I/O thread) and
    must be quick. Those of acknowledgement and refusal are asked only until the first data.

    Args:
        message: What to send.
        name: What to call it in errors and in ``stats().data_ages``; by default the beginning of
            the message.
        is_ack: Whether a message merely acknowledges it. It is handed over like every message, but
            does not make a client live: only data does.
        is_refusal: Whether a message refuses it. A refusal ends the link, and the user sees
            `SubscriptionRefused`.
        matches: Whether a message is data of this subscription. Where given, the subscription has
            a data clock of its own.
    """

    message: Data
    name: str = ""
    is_ack: Predicate | None = None
    is_refusal: Predicate | None = None
    matches: Predicate | None = None

    @property
    def label(self) -> str:
        """Its name, or the beginning of its message."""
        if self.name:
            return self.name
        text = self.message if isinstance(self.message, str) else repr(self.message)
        return text if len(text) <= 40 else f"{text[:37]}..."


Subscribe = (
    Sequence[Data | Subscription]
    | Callable[[], Sequence[Data | Subscription] | Awaitable[Sequence[Data | Subscription]]]
)
"""What ``subscribe=`` takes: subscriptions, or a function (plain or async) that is asked for them
before each attempt, for tokens that expire. It runs on the user's loop."""


def normalized(given: Sequence[Data | Subscription]) -> tuple[Subscription, ...]:
    """Subscriptions, whichever way they were written.

    Raises:
        TypeError: it is one bare message instead of a sequence, or holds something else.
    """
    if isinstance(given, str | bytes):
        raise TypeError("subscribe= takes a list of messages; put the one message into a list")
    subscriptions = []
    for item in given:
        if isinstance(item, str | bytes):
            subscriptions.append(Subscription(item))
        elif isinstance(item, Subscription):
            subscriptions.append(item)
        else:
            raise TypeError(
                f"subscribe= takes str, bytes and Subscription, not {type(item).__name__}"
            )
    return tuple(subscriptions)


async def asked(subscribe: Subscribe | None) -> tuple[Subscription, ...]:
    """The subscriptions for the next link, asked for where they are given as a function."""
    if subscribe is None:
        return ()
    if callable(subscribe):
        answer = subscribe()
        if inspect.isawaitable(answer):
            answer = await answer
        return normalized(answer)
    return normalized(subscribe)


class Settling:
    """Watches a new link's first messages until one is data."""

    def __init__(self, subscriptions: tuple[Subscription, ...], where: str) -> None:
        self._subscriptions = subscriptions
        self._where = where
        self.settled = not subscriptions
        self.refusal: SubscriptionRefused | None = None

    def saw(self, message: Data) -> bool:
        """Whether this message is the first data. Sets `refusal` where it is a refusal."""
        for subscription in self._subscriptions:
            if subscription.is_refusal is not None and subscription.is_refusal(message):
                self.refusal = SubscriptionRefused(subscription.label, message, where=self._where)
                return False
            if subscription.is_ack is not None and subscription.is_ack(message):
                return False
        self.settled = True
        return True
