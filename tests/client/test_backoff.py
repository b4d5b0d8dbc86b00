"""When a client tries again: counts, budgets and hints, over a history of failures."""

from __future__ import annotations

from typing import Any

import pytest

import longwire
from longwire.client.backoff import Backoff
from longwire.core.causes import UNKNOWN, Evidence
from longwire.core.lifecycle import Event

EXACT = longwire.Retry(first=1.0, factor=2.0, cap=100.0, jitter=0.0, stable_after=30.0)


def refused(*, retry_after: float | None = None, retryable: bool = True) -> longwire.ConnectError:
    """An opening that failed."""
    return longwire.ConnectError("no", kind="refused", retryable=retryable, retry_after=retry_after)


def pending(*, attempts: int = 0, noticed: float = 0.0) -> longwire.Interruption:
    """An interruption that goes on."""
    return longwire.Interruption(
        cause=UNKNOWN,
        reasons=(),
        started=noticed,
        noticed=noticed,
        ended=None,
        outcome="pending",
        evidence=Evidence(end="eof"),
        closure=None,
        attempts=attempts,
    )


def wait_of(backoff: Backoff, **interruption: Any) -> float:
    """The next wait, which is followed by another attempt."""
    wait, over = backoff.next_wait(refused(), pending(**interruption), now=0.0)
    assert over is Event.BACKOFF_OVER
    return wait


def test_waits_grow_until_a_link_was_stable() -> None:
    """Failures in a row double the wait; a short life does not reset it, a long one does."""
    backoff = Backoff(EXACT)
    waits = []
    for _ in range(3):
        backoff.failed()
        waits.append(wait_of(backoff))
    backoff.opened()
    backoff.live(100.0)
    backoff.failed(101.0)
    waits.append(wait_of(backoff))
    backoff.opened()
    backoff.live(200.0)
    backoff.failed(230.0)
    waits.append(wait_of(backoff))
    assert waits == [2.0, 4.0, 8.0, 16.0, 1.0]


def test_a_link_that_never_lived_is_a_failure() -> None:
    """Opened and ended before it counted as live: the age of the link before says nothing."""
    backoff = Backoff(EXACT)
    backoff.live(0.0)
    backoff.opened()
    backoff.failed(1000.0)
    assert wait_of(backoff) == 2.0


@pytest.mark.parametrize(("retry_after", "least"), [(60.0, 60.0), (None, 0.0), (-5.0, 0.0)])
def test_the_servers_hint_is_a_floor(retry_after: float | None, least: float) -> None:
    """Retry-After is honoured, whatever the count says."""
    backoff = Backoff(longwire.Retry(first=0.001, cap=0.001))
    wait, over = backoff.next_wait(refused(retry_after=retry_after), pending(), now=0.0)
    assert over is Event.BACKOFF_OVER
    assert least <= wait <= max(least * 1.1, 0.001)


def test_attempts_are_a_budget() -> None:
    """After so many attempts it is over at once."""
    backoff = Backoff(exact(attempts=2))
    assert backoff.next_wait(refused(), pending(attempts=1), 0.0)[1] is Event.BACKOFF_OVER
    assert backoff.next_wait(refused(), pending(attempts=2), 0.0) == (0.0, Event.BUDGET_SPENT)


def test_the_time_of_one_interruption_is_a_budget() -> None:
    """A wait that would outlast the budget ends with it; a hint does not stretch it."""
    backoff = Backoff(exact(give_up_after=10.0))
    wait, over = backoff.next_wait(refused(retry_after=60.0), pending(noticed=5.0), now=8.0)
    assert (wait, over) == (7.0, Event.BUDGET_SPENT)
    assert backoff.next_wait(refused(), pending(noticed=5.0), now=15.0) == (
        0.0,
        Event.BUDGET_SPENT,
    )


def exact(**options: Any) -> longwire.Retry:
    """Exact waits with a budget."""
    return longwire.Retry(first=1.0, cap=100.0, jitter=0.0, **options)


def test_without_retry_nothing_is_allowed() -> None:
    """retry=None: no error may be retried, and there is no wait to ask for."""
    backoff = Backoff(None)
    assert not backoff.allows(refused())
    assert backoff.next_wait(refused(), pending(), 0.0) == (0.0, Event.BUDGET_SPENT)


def test_having_been_live_makes_the_difference() -> None:
    """A typo ends a new client at once; the same answer is retried by one that was live."""
    backoff = Backoff(longwire.Retry())
    assert not backoff.allows(refused(retryable=False))
    backoff.live(0.0)
    assert backoff.allows(refused(retryable=False))


def test_the_users_own_judgement_counts() -> None:
    """Retry.retryable is asked with the error and whether the client was live."""
    asked: list[Any] = []

    def retryable(error: longwire.LongwireError, *, been_live: bool) -> bool:
        asked.append((error, been_live))
        return False

    error = refused()
    assert not Backoff(longwire.Retry(retryable=retryable)).allows(error)
    assert asked == [(error, False)]


def test_another_ones_data_does_not_make_a_refused_subscription_right() -> None:
    """On the first link a refusal is fatal, unless that link was stable; later it never is."""
    refusal = longwire.SubscriptionRefused("trades", "no")

    def allowed_after(*, lived: float, links: int = 1) -> bool:
        backoff = Backoff(EXACT)
        for _ in range(links):
            backoff.opened()
            backoff.live(0.0)
            backoff.failed(lived)
        return backoff.allows(refusal)

    assert not Backoff(EXACT).allows(refusal)
    assert not allowed_after(lived=1.0)
    assert allowed_after(lived=30.0)
    assert allowed_after(lived=1.0, links=2)
    second = Backoff(EXACT)
    second.live(0.0)
    second.failed(1.0)
    second.opened()
    second.failed(2.0)
    assert second.allows(refusal)
