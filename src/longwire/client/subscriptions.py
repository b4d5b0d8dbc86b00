"""Subscriptions: sent anew on every link before anything counts as live."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from longwire.errors import SubscriptionRefused
from longwire.link.base import Data

Predicate = Callable[[Data], bool]


@dataclass(frozen=True)
class Subscription:
    """One subscription, and how to read the peer's answers to it.

    The predicates run where the link runs (for an isolated client on longwire's I/O thread) and
    must be quick. Until a link's first data ``is_ack`` and ``is_refusal`` are asked of every
    message; behind it only those of subscriptions that are still open, which is until they were
    acknowledged or refused, or ``matches`` knew their data. So with ``is_refusal`` alone every
    message of the link is looked at.

    Args:
        message: What to send.
        name: What to call it in errors, alerts, the log and ``stats().data_ages``; by default its
            place among the subscriptions of a link: ``"#1"``, ``"#2"``. Its message is told
            nowhere, since many hold a credential.
        is_ack: Whether a message merely acknowledges it. It is handed over like every message, but
            does not make a client live: only data does. Of several subscriptions that could be
            meant, one message acknowledges the first that is open. A server's greeting that crosses
            the subscription on its way looks like data; say so here, or give ``matches``.
        is_refusal: Whether a message refuses it. A refusal ends the link. On a client's first link
            it ends the client, too, with `SubscriptionRefused`; later, or once the link had been
            live for `Retry.stable_after`, it is an interruption and an alert, and is tried again.
        matches: Whether a message is data of this subscription. Where given, the subscription has
            a data clock of its own. Where each subscription of a link has it, only what one of them
            matches makes the client live.
    """

    message: Data
    name: str = ""
    is_ack: Predicate | None = None
    is_refusal: Predicate | None = None
    matches: Predicate | None = None


def judges(subscription: Subscription) -> bool:
    """Whether it looks at messages, which must be whole then."""
    predicates = (subscription.is_ack, subscription.is_refusal, subscription.matches)
    return any(each is not None for each in predicates)


Subscribe = (
    Sequence[Data | Subscription]
    | Callable[[], Sequence[Data | Subscription] | Awaitable[Sequence[Data | Subscription]]]
)
"""What ``subscribe=`` takes: subscriptions, or a function (plain or async) that is asked for them
before each attempt, for tokens that expire. It runs on the user's loop."""


def normalized(given: Sequence[Data | Subscription]) -> tuple[Subscription, ...]:
    """Subscriptions, whichever way they were written; each has a name.

    Raises:
        TypeError: it is one bare message instead of a sequence, or holds something else.
    """
    if isinstance(given, str | bytes):
        raise TypeError("subscribe= takes a list of messages; put the one message into a list")
    subscriptions = []
    for place, item in enumerate(given, 1):
        if isinstance(item, str | bytes):
            subscriptions.append(Subscription(item, name=f"#{place}"))
        elif isinstance(item, Subscription):
            subscriptions.append(item if item.name else replace(item, name=f"#{place}"))
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


class Answers:
    """What a link's messages say about its subscriptions.

    Args:
        subscriptions: What was sent on the link.
        where: Its address, for errors.
    """

    def __init__(self, subscriptions: tuple[Subscription, ...], where: str) -> None:
        self._where = where
        self._subscriptions = subscriptions
        self._data_is_known = all(each.matches is not None for each in subscriptions)
        self._open = list(subscriptions)
        self._answered: list[Subscription] = []
        self.settled = not subscriptions
        """Whether data has come, or there are no subscriptions."""
        self.refusal: SubscriptionRefused | None = None
        """The first refusal. What comes behind it is not judged any more."""

    @property
    def complete(self) -> bool:
        """Whether no message can say anything new."""
        return self.refusal is not None or (self.settled and not self._open)

    def hear(self, message: Data) -> None:
        """Judge a message: a refusal, an acknowledgement, or data."""
        if self.complete or self._is_answer(message) or not self._is_data(message):
            return
        self.settled = True
        self._open = [
            each
            for each in self._open
            if each.is_refusal is not None and not (each.matches and each.matches(message))
        ]

    def _is_answer(self, message: Data) -> bool:
        """Whether it refuses or acknowledges a subscription."""
        # Who has been acknowledged can be refused until there is data, but the open ones go first.
        asked = self._open if self.settled else (*self._open, *self._answered)
        for subscription in asked:
            if subscription.is_refusal is not None and subscription.is_refusal(message):
                self.refusal = SubscriptionRefused(subscription.name, message, where=self._where)
                return True
            if subscription.is_ack is not None and subscription.is_ack(message):
                if subscription in self._open:
                    self._open.remove(subscription)
                    self._answered.append(subscription)
                return True
        return False

    def _is_data(self, message: Data) -> bool:
        """Whether it is data of a subscription, as far as they say what that is."""
        if not self._data_is_known:
            return True
        return any(each.matches(message) for each in self._subscriptions if each.matches)
