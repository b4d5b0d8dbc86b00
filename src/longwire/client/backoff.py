"""When to try again: `longwire.core.retry`, applied to one client's history of failures."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from longwire.core.lifecycle import Event
from longwire.core.retry import delay, failures_after, no_retry_mends, spent, urgency_of
from longwire.errors import ConnectError, SubscriptionRefused

if TYPE_CHECKING:
    from longwire.core.retry import Retry
    from longwire.errors import LongwireError


class Backoff:
    """Counts failures and lives, and says how long to wait.

    Args:
        retry: The user's options; None: never try again.
    """

    def __init__(self, retry: Retry | None) -> None:
        self._retry = retry
        self._stable_until = 0.0
        self._live_since: float | None = None
        self._earlier_was_live = False
        # Whether an opening that no retry mends is still an accident; see `urgency_of`.
        self._accident = False
        self.failures = 0
        """Attempts in a row that failed, or made a link that was not live for ``stable_after``."""
        self.been_live = False
        """Whether any link has ever counted as live."""

    def begin(self, now: float) -> None:
        """The client begins to try."""
        self._stable_until = now

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
        self.failures = failures_after(self.failures, lived, stable_after)
        if ended is not None and self.failures == 0:
            self._stable_until = ended
            self._accident = True

    def allows(self, error: LongwireError) -> bool:
        """Whether to try again after this error."""
        if self._retry is None:
            return False
        been_live = self.been_live
        if isinstance(error, SubscriptionRefused):
            # The data of another subscription may have come first, by chance.
            been_live = self._earlier_was_live or (been_live and self.failures == 0)
        return self._retry.retryable(error, been_live=been_live)

    def left(self, now: float) -> float | None:
        """Seconds until ``give_up_after`` is over; None without such a limit."""
        if self._retry is None or self._retry.give_up_after is None:
            return None
        return max(0.0, self._stable_until + self._retry.give_up_after - now)

    def next_wait(
        self, error: LongwireError | None, now: float, *, waited: float = 0.0
    ) -> tuple[float, Event]:
        """Seconds to wait, and the event when they are over. To be asked once for each failure.

        ``BUDGET_SPENT`` where the attempts are used up, or the time will be before the next one.

        Args:
            error: What failed.
            now: The time.
            waited: Seconds without a sign of life from the peer; they count as waited.
        """
        retry = self._retry
        if retry is None or error is None:
            return 0.0, Event.BUDGET_SPENT
        if spent(retry, self.failures, now - self._stable_until):
            return 0.0, Event.BUDGET_SPENT
        wait = delay(
            retry,
            self.failures,
            random.random(),  # noqa: S311 - spreads attempts in time, no secret
            hint=error.retry_after if isinstance(error, ConnectError) else None,
            urgency=urgency_of(error, failures=self.failures, accident=self._accident),
            waited=waited,
        )
        self._accident = self._accident and not no_retry_mends(error)
        left = self.left(now)
        if left is not None and wait >= left:
            return left, Event.BUDGET_SPENT
        return wait, Event.BACKOFF_OVER
