"""When to try again: `longwire.core.retry`, applied to one client's history of failures."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from longwire.core.lifecycle import Event
from longwire.core.retry import delay, failures_after, spent, urgency_of
from longwire.errors import ConnectError, SubscriptionRefused

if TYPE_CHECKING:
    from longwire.core.causes import Interruption
    from longwire.core.retry import Retry
    from longwire.errors import LongwireError


class Backoff:
    """Counts failures and lives, and says how long to wait.

    Args:
        retry: The user's options; None: never try again.
    """

    def __init__(self, retry: Retry | None) -> None:
        self._retry = retry
        self._failures = 0
        self._live_since: float | None = None
        self._earlier_was_live = False
        self.been_live = False
        """Whether any link has ever counted as live."""

    def opened(self) -> None:
        """A link was opened; it does not count as live yet."""
        self._live_since = None
        self._earlier_was_live = self.been_live

    def live(self, now: float) -> None:
        """The link counts as live from now on."""
        self._earlier_was_live = self.been_live
        self.been_live = True
        self._live_since = now

    def failed(self, ended: float | None = None) -> None:
        """An opening failed, or a link ended at ``ended``."""
        lived = None if ended is None or self._live_since is None else ended - self._live_since
        stable_after = 0.0 if self._retry is None else self._retry.stable_after
        self._failures = failures_after(self._failures, lived, stable_after)

    def allows(self, error: LongwireError) -> bool:
        """Whether to try again after this error."""
        if self._retry is None:
            return False
        been_live = self.been_live
        if isinstance(error, SubscriptionRefused):
            # The data of another subscription may have come first, by chance.
            been_live = self._earlier_was_live or (been_live and self._failures == 0)
        return self._retry.retryable(error, been_live=been_live)

    def next_wait(
        self, error: LongwireError | None, pending: Interruption | None, now: float
    ) -> tuple[float, Event]:
        """Seconds to wait, and the event when they are over.

        ``BUDGET_SPENT`` where the attempts are used up, or the time will be before the next one.
        """
        retry = self._retry
        if retry is None or pending is None or error is None:
            return 0.0, Event.BUDGET_SPENT
        outage = now - pending.noticed
        if spent(retry, pending.attempts, outage):
            return 0.0, Event.BUDGET_SPENT
        wait = delay(
            retry,
            self._failures,
            random.random(),  # noqa: S311 - spreads attempts in time, no secret
            hint=error.retry_after if isinstance(error, ConnectError) else None,
            urgency=urgency_of(error),
        )
        if retry.give_up_after is not None and outage + wait >= retry.give_up_after:
            return retry.give_up_after - outage, Event.BUDGET_SPENT
        return wait, Event.BACKOFF_OVER
