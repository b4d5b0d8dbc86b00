"""The record of what happened to a client: interruptions, alerts, log lines, and who is told.

What it logs is a contract: `longwire.observe.logbook`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

import msgspec

from longwire.client.events import Interrupted, Recovered
from longwire.core.causes import UNKNOWN, Interruption, Obstacle, classify
from longwire.errors import ConnectError, HandshakeRejected, SubscriptionRefused
from longwire.observe import logbook
from longwire.observe.alerts import Alert
from longwire.observe.sighting import NOWHERE
from longwire.observe.spin import SpinGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from longwire.client.consumer import Consumer
    from longwire.core.causes import Evidence, Outcome
    from longwire.errors import LongwireError
    from longwire.observe.alerts import AlertKind
    from longwire.observe.sighting import Sighting

KEPT = 100
"""Interruptions and alerts kept for who asks later; older ones are forgotten."""

ALERT_AGAIN = 60.0
"""Seconds in which an alert of the same kind and cause is not repeated.

A fast feed can fill an inbox hundreds of times a second.
"""


class Chronicle:
    """What happened, told once each to the inbox, the log and the user's function.

    Args:
        where: The client's address, secrets removed.
        mark: Puts an event into the inbox, in order with the messages.
        tell: Calls the user's ``on_interruption``, wherever that runs.
    """

    def __init__(
        self,
        where: str,
        *,
        mark: Callable[[object], None],
        tell: Callable[[Interruption], None],
    ) -> None:
        self._where = where
        self._mark = mark
        self._tell = tell
        self.interruptions: deque[Interruption] = deque(maxlen=KEPT)
        self.alerts: deque[Alert] = deque(maxlen=KEPT)
        # Alerts come from the links' thread, from the user's and from the watchdog's.
        self._alerting = threading.Lock()
        self._last_alert: dict[tuple[AlertKind, str], float] = {}
        # What is known to keep the client from coming back: a cause's id, or an error's name.
        self._in_the_way: str | None = None
        self.spin = SpinGuard(self._swallowed)
        self.count = 0
        self.pending: Interruption | None = None

    def begin(
        self,
        evidence: Evidence,
        *,
        started: float,
        noticed: float,
        closure: object | None,
        attempts: int = 0,
    ) -> Interruption:
        """An interruption has been noticed. A pending one goes on: its first cause stays."""
        if self.pending is not None:
            return self.pending
        verdict = classify(evidence)
        interruption = Interruption(
            cause=verdict.cause,
            reasons=verdict.reasons,
            started=started,
            noticed=noticed,
            ended=None,
            outcome="pending",
            evidence=evidence,
            closure=closure,
            attempts=attempts,
        )
        self.count += 1
        self.pending = interruption
        self._in_the_way = interruption.cause.id
        self.interruptions.append(interruption)
        self._mark(Interrupted(interruption))
        self._log("interrupted", interruption, cause=interruption.cause.id)
        self._tell(interruption)
        return interruption

    def attempt_begins(self) -> None:
        """Another opening is tried; it counts for the pending interruption."""
        if self.pending is not None:
            self._replace(msgspec.structs.replace(self.pending, attempts=self.pending.attempts + 1))

    def attempt_failed(self, error: LongwireError, evidence: Evidence, *, at: float) -> None:
        """An opening failed, or the link that it made ended before it was live.

        It may prove the cause of a pending interruption that was unknown. If something else stands
        in the way than what began the interruption, that is told, once for each obstacle: a client
        that tries for ever must not hide that it tries in vain.
        """
        verdict = classify(evidence)
        self._log("attempt-failed", error, cause=verdict.cause.id)
        if self.pending is None:
            return
        obstacle = Obstacle(
            cause=verdict.cause, reasons=verdict.reasons, evidence=evidence, error=str(error)
        )
        interruption = msgspec.structs.replace(self.pending, obstacle=obstacle)
        if interruption.cause is UNKNOWN and verdict.cause is not UNKNOWN:
            interruption = msgspec.structs.replace(
                interruption, cause=verdict.cause, reasons=verdict.reasons
            )
        self._replace(interruption)
        name = _name(obstacle, error)
        if name is not None and name != self._in_the_way:
            self._in_the_way = name
            why = obstacle.reasons[0] if obstacle.cause is not UNKNOWN else obstacle.error
            self.alert(
                "still-down",
                f"still down after {interruption.attempts} attempts: {why}",
                at=at,
                cause=obstacle.cause.id,
            )
            self._tell(interruption)

    def end(self, outcome: Outcome, *, ended: float) -> Interruption | None:
        """The pending interruption has its outcome; None if there was none pending."""
        if self.pending is None:
            return None
        interruption = msgspec.structs.replace(self.pending, outcome=outcome, ended=ended)
        self._replace(interruption)
        self.pending = None
        if outcome == "recovered":
            self._mark(Recovered(interruption))
            self._log("recovered", interruption, cause=interruption.cause.id)
        elif outcome == "gave-up":
            self._log("gave-up", interruption, cause=interruption.cause.id)
        self._tell(interruption)
        return interruption

    def _replace(self, interruption: Interruption) -> None:
        self.pending = interruption
        if self.interruptions:
            self.interruptions[-1] = interruption

    def live(self) -> None:
        """The client is live for the first time, without having been interrupted before."""
        self._log("live")

    def note(self, text: str, *, matter: Hashable | None = None) -> None:
        """Something that is good to know; no warning. ``matter`` as `alert` has it."""
        self._log("note", text, matter=matter)

    def lost_unsent(self, count: int) -> None:
        """The client ended with messages that ``send`` had accepted and no link had taken."""
        self._log("unsent", count)

    def orphaned(self) -> None:
        """The user's loop was closed without the client."""
        self._log("orphaned")

    def alert(
        self,
        kind: AlertKind,
        text: str,
        *,
        at: float,
        cause: str,
        seen: Sighting = NOWHERE,
        lag: float | None = None,
        matter: Hashable | None = None,
    ) -> None:
        """Something worth a warning happened; the client lives on. One of a kind per minute.

        The same kind with another cause is another matter. May be called from any thread.

        Args:
            kind: What happened.
            text: The same for a person.
            at: Seconds of the monotonic clock.
            cause: The id of the cause that it may lead to.
            seen: Where in the user's code that was.
            lag: For how many seconds it had lasted.
            matter: What other clients may tell of as well: one record is enough for all.
        """
        with self._alerting:
            last = self._last_alert.get((kind, cause))
            if last is not None and at - last < ALERT_AGAIN:
                return
            self._last_alert[kind, cause] = at
        alert = Alert(
            kind=kind,
            at=at,
            text=text,
            cause=cause,
            place=seen.place,
            task=seen.task,
            lag=lag,
            samples=seen.samples,
            stack=seen.stack,
        )
        self.alerts.append(alert)
        self._log("alert", text, cause=cause, place=seen.place, matter=matter)

    def alert_slow(self, kind: AlertKind, text: str, consumer: Consumer | None) -> None:
        """The consumer is slower than the feed. Called where the inbox fills.

        Args:
            kind: What comes of that.
            text: The same for a person.
            consumer: Where it is; None: not known.
        """
        self.alert(
            kind,
            text if consumer is None else f"{text}; {consumer}",
            at=time.monotonic(),
            cause="slow-handler-inline",
            seen=NOWHERE if consumer is None else consumer.seen,
            lag=None if consumer is None else consumer.away,
        )

    def _swallowed(self, seen: Sighting) -> None:
        """The user's code swallows the client's end and asks again, for ever."""
        self.alert(
            "swallowed-end",
            f"the end of the connection was told a thousand times in a second and swallowed, at "
            f"{seen}: the event loop would stand still, so the task is held back from now on; let "
            "the error out of the loop around it",
            at=time.monotonic(),
            cause="swallowed-exception",
            seen=seen,
        )

    def _log(
        self,
        event: str,
        *details: object,
        cause: str | None = None,
        place: str | None = None,
        matter: Hashable | None = None,
    ) -> None:
        logbook.write(event, *details, url=self._where, cause=cause, place=place, matter=matter)


def _name(obstacle: Obstacle, error: LongwireError) -> str | None:
    """What makes an obstacle worth telling and another than the last one; None if nothing does."""
    if isinstance(error, SubscriptionRefused):
        return None  # the client tells it by itself
    if obstacle.cause is not UNKNOWN:
        return obstacle.cause.id
    if error.retryable or not isinstance(error, ConnectError):
        return None
    status = f" {error.status}" if isinstance(error, HandshakeRejected) else ""
    return f"{type(error).__name__}{status}"
