"""When to try again, and whether at all. Pure: chance and elapsed time are arguments.

The supervisor asks four questions after each failure: may it be tried again (`retryable`), how many
failures in a row are that now (`failures_after`), how soon may it be tried (`urgency_of`, `delay`),
and is the budget used up (`spent`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from longwire.core.closecodes import describe
from longwire.errors import (
    ClientClosed,
    ConnectError,
    GaveUp,
    HandshakeRejected,
    InboxFull,
    LinkClosed,
    MessageTooBig,
    OutboxFull,
    ProtocolError,
    SocketUsed,
    SubscriptionRefused,
)

if TYPE_CHECKING:
    from longwire.errors import LongwireError

Urgency = Literal["normal", "soon", "later"]
"""How soon the next attempt may come; see `delay`."""

SOON_FAILURES = 3
"""Failures in a row for which ``soon`` keeps the delay from growing. A restart rarely takes more,
and a peer that says ``soon`` for ever must not be hammered for ever."""

DISAGREEMENTS = frozenset({1002, 1003, 1007, 1009})
"""Close codes by which one side tells the other that it broke a rule, or sent too much at once."""

LATER_FLOOR = 5.0
"""Seconds: the least that ``later`` waits. A peer that sheds load needs seconds, not milliseconds;
five is a third of what Ably's clients leave between any two attempts."""

HINT_CEILING = 3600.0
"""Seconds: the most that a server's ``Retry-After`` is believed. A day or a year is nearly always a
mistake in some proxy's maintenance page, and would silence a client until somebody looks."""

HINT_SPREAD = 0.1
"""Share of a hint that is added by chance, so that not all who got it return at once."""


class Retryable(Protocol):
    """What `retryable` is, and what a function that replaces it must be."""

    def __call__(self, error: LongwireError, /, *, been_live: bool) -> bool:
        """True: try again. False: the client ends with this error."""
        ...


def retryable(error: LongwireError, /, *, been_live: bool) -> bool:
    """Whether the client shall try again after this error. The default of `Retry.retryable`.

    By default a client never gives up, with two exceptions. It ends when going on was not wanted
    (it was closed, a ``"fail"`` policy said so, its one ``sock=`` is used up). And it ends when its
    very first connection fails in a way that no retry mends: a URL that is none, a certificate for
    another name, HTTP 401 or 404, a refused subscription. So whoever mistyped something learns it
    at once. After the client has been live once, the same answers are retried, slowly where they
    come again (`urgency_of` says ``later``): a deploy answers 404 for a while, a token service 401,
    and what worked before will most likely work again. Which openings a retry may mend is told by
    the error itself (`ConnectError.retryable`).

    To replace it, give a function of your own to ``Retry(retryable=...)``. It is called after every
    failure with the error; its ``True`` means try again, its ``False`` ends the client with this
    error::

        def only_while_allowed(error, *, been_live):
            if isinstance(error, longwire.HandshakeRejected) and error.status in {401, 403}:
                return False
            return longwire.retryable(error, been_live=been_live)

    Args:
        error: Why the opening failed, or the link ended (`LinkClosed` with its closure).
        been_live: Whether the client has been live before, on any link. A link that refuses a
            subscription counts only once it had been live for `Retry.stable_after`: another
            subscription's data does not make a mistyped one right.
    """
    if isinstance(error, (ClientClosed, GaveUp, InboxFull, OutboxFull, SocketUsed)):
        return False
    if isinstance(error, LinkClosed):
        code = _code(error)
        return code is None or describe(code).retry != "fatal"
    if isinstance(error, (MessageTooBig, ProtocolError)):
        # The next message, or the next version of the server, can be another.
        return True
    return error.retryable or been_live


def no_retry_mends(error: LongwireError, /) -> bool:
    """Whether it is an opening that failed in a way which the next will most likely fail in, too.

    An answer that is no WebSocket's, a certificate for another name, a proxy that denies.
    """
    return isinstance(error, ConnectError) and not error.retryable


def urgency_of(error: LongwireError, /, *, failures: int = 1, accident: bool = False) -> Urgency:
    """How soon to try again after this error.

    The close code decides where there is one (`longwire.core.closecodes`). ``later`` for HTTP 429
    and a refused subscription; for a broken protocol or a message too big, unless the link had been
    stable; and for an opening that no retry mends, unless it is the first behind a link that had
    been stable. Once in a day is an accident, twice in a minute is how this peer is.

    Args:
        error: Why the opening failed, or the link ended.
        failures: Failures in a row, see `failures_after`; 0 after a link that had been stable.
        accident: Whether a link has been stable, and no opening since has failed so that no retry
            mends it (`no_retry_mends`).
    """
    if isinstance(error, LinkClosed):
        code = _code(error)
        judged = "normal" if code is None else describe(code).retry
        if code in DISAGREEMENTS and not failures:
            judged = "normal"
        return "later" if judged == "fatal" else judged
    if isinstance(error, (MessageTooBig, ProtocolError)):
        return "later" if failures else "normal"
    slowly = (
        isinstance(error, SubscriptionRefused)
        or (isinstance(error, HandshakeRejected) and error.status == 429)
        or (no_retry_mends(error) and not accident)
    )
    return "later" if slowly else "normal"


def _code(error: LinkClosed) -> int | None:
    """The peer's close code, or ours if none came. The closure's own type lives above this room."""
    for field in ("received_code", "sent_code"):
        code = getattr(error.closure, field, None)
        if isinstance(code, int):
            return code
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Retry:
    """How a client comes back after its link was lost. Times are in seconds.

    The delay before an attempt is drawn at random between 0 and a ceiling that doubles with each
    failure in a row (full jitter), so that clients cut off together do not come back together.
    Where our heartbeat found a dead peer, the time since its last byte counts as waited, which
    leaves nothing of the first delays: the reconnect starts at once. There no crowd has to be
    spread, since each client notices by its own beat. A reset and a close (1001, 1012) reach all
    at the same moment, and keep the jitter. ``retry=None`` in `connect` means no retry: the first
    end is the end.

    Args:
        first: The ceiling of the first delay; 0.1, so that a single cut costs some 50 ms.
        factor: By how much the ceiling grows with each failure in a row; 2. 1 keeps it constant.
        cap: The highest ceiling; 30, slow enough for a peer in trouble and quick enough after a
            long outage. Only a server's own ``Retry-After`` makes a client wait longer, up to an
            hour.
        jitter: The share of the delay left to chance, 0 to 1; 1 (all of it). 0 makes delays exact,
            and a fleet return in lockstep.
        stable_after: How long a link must have been live for the count of failures to start anew;
            30. A peer that accepts and closes at once is no success. 0: every live link counts.
        attempts: How many attempts in a row may fail before the client raises `GaveUp`; None (no
            limit). One that made a link which was not live for ``stable_after`` has failed, too.
        give_up_after: How long the client may go on without a link that is live for
            ``stable_after`` before it raises `GaveUp`; None (no limit). It counts from the
            beginning, or from the end of the last such link. An opening under way and a live link
            are let finish; one that has been subscribed and brings no data is not.
        retryable: Decides whether an error may be retried; the function `retryable` of
            this module, whose text says how to replace it.

    Raises:
        ValueError: a value is out of its range; the text says which range, and what to do.
    """

    first: float = 0.1
    factor: float = 2.0
    cap: float = 30.0
    jitter: float = 1.0
    stable_after: float = 30.0
    attempts: int | None = None
    give_up_after: float | None = None
    retryable: Retryable = retryable

    def __post_init__(self) -> None:
        for name, value, valid, rule in (
            ("first", self.first, 0 < self.first < math.inf, "must be seconds above 0"),
            ("factor", self.factor, 1 <= self.factor < math.inf, "must be 1 or more"),
            ("cap", self.cap, self.first <= self.cap < math.inf, "must be at least `first`"),
            ("jitter", self.jitter, 0 <= self.jitter <= 1, "must be between 0 and 1"),
            ("stable_after", self.stable_after, 0 <= self.stable_after < math.inf, _SECONDS),
            ("attempts", self.attempts, self.attempts is None or self.attempts >= 1, _ATTEMPTS),
            ("give_up_after", self.give_up_after, _budget(self.give_up_after), _BUDGET),
        ):
            if not valid:
                raise ValueError(f"Retry.{name} {rule}, not {value!r}")


_SECONDS = "must be seconds, 0 or more"
_ATTEMPTS = "must be 1 or more, or None for no limit; to not retry at all, pass retry=None"
_BUDGET = "must be seconds above 0, or None for no limit"


def _budget(seconds: float | None) -> bool:
    return seconds is None or 0 < seconds < math.inf


def delay(
    retry: Retry,
    failures: int,
    chance: float,
    *,
    hint: float | None = None,
    urgency: Urgency = "normal",
    waited: float = 0.0,
) -> float:
    """Seconds to wait before the next attempt.

    With ``jitter=1`` it lies, evenly distributed, in

    - ``normal``: 0 to ``ceiling = min(cap, first * factor ** failures)``;
    - ``soon``: the same, but the first `SOON_FAILURES` failures do not raise the ceiling;
    - ``later``: `LATER_FLOOR` to twice that, or to the ceiling where that is higher; where ``cap``
      is smaller than 10 s it wins: from ``cap / 2`` to ``cap``. It is a guess: where the server
      has said how long to wait, that takes its place.

    A smaller ``jitter`` moves the lower end up towards the upper one.

    Args:
        retry: The options.
        failures: Failures in a row, see `failures_after`; 0 after a link that had been stable.
        chance: A random number, 0 <= chance < 1.
        hint: Seconds the server asked to wait (``Retry-After``), or None. It is a floor, believed
            up to `HINT_CEILING`; up to a tenth of it, and ``first`` at least, is added by chance.
        urgency: How soon it may be, see `urgency_of`.
        waited: Seconds without a sign of life from a peer that was then found dead. They are taken
            off the delay, but not off a hint.
    """
    # A hint that is no number, or not above 0, asks for nothing.
    hinted = hint is not None and hint > 0
    if urgency == "soon":
        failures = max(0, failures - SOON_FAILURES)
    low, high = 0.0, _ceiling(retry, failures)
    if urgency == "later" and not hinted:
        high = min(max(high, 2 * LATER_FLOOR), retry.cap)
        low = min(LATER_FLOOR, high / 2)
    backoff = max(0.0, high - (high - low) * retry.jitter * (1.0 - chance) - waited)
    if hint is None or not hinted:
        return backoff
    floor = min(hint, HINT_CEILING)
    spread = max(retry.first, HINT_SPREAD * floor)
    return max(backoff, floor + spread * retry.jitter * chance)


def _ceiling(retry: Retry, failures: int) -> float:
    """``min(cap, first * factor ** failures)`` for any count: the power alone would overflow."""
    if failures <= 0 or retry.factor == 1:
        return retry.first
    steps = (math.log(retry.cap) - math.log(retry.first)) / math.log(retry.factor)
    if failures >= steps:
        return retry.cap
    return min(retry.cap, retry.first * retry.factor**failures)


def failures_after(previous_failures: int, link_age: float | None, stable_after: float) -> int:
    """The count of failures in a row after an opening failed or a link ended.

    It starts anew only after a link that was live for ``stable_after``; a mere handshake, or a link
    that died young, is one failure more. Forgetting this is the commonest way to hammer a server.

    Args:
        previous_failures: The count so far, 0 at the start.
        link_age: Seconds from the moment the link counted as live to its end; None if it never did.
        stable_after: `Retry.stable_after`.
    """
    if link_age is not None and link_age >= stable_after:
        return 0
    return previous_failures + 1


def spent(retry: Retry, failures: int, outage_seconds: float) -> bool:
    """Whether the budget is used up, so that the client gives up.

    Args:
        retry: The options.
        failures: Failures in a row, see `failures_after`.
        outage_seconds: How long there has been no stable link.
    """
    if retry.attempts is not None and failures >= retry.attempts:
        return True
    return retry.give_up_after is not None and outage_seconds >= retry.give_up_after
