"""When a client tries again: counts, budgets and hints, over a history of failures."""

from __future__ import annotations

from typing import Any

import pytest

import longwire
from longwire.client.backoff import Backoff
from longwire.core.lifecycle import Event

EXACT = longwire.Retry(first=1.0, factor=2.0, cap=100.0, jitter=0.0, stable_after=30.0)


def refused(*, retry_after: float | None = None, retryable: bool = True) -> longwire.ConnectError:
    """An opening that failed."""
    return longwire.ConnectError("no", kind="refused", retryable=retryable, retry_after=retry_after)


def begun(retry: longwire.Retry | None) -> Backoff:
    """A client's, from its beginning at 0."""
    backoff = Backoff(retry)
    backoff.begin(0.0)
    return backoff


def wait_of(backoff: Backoff, **options: Any) -> float:
    """The next wait, which is followed by another attempt."""
    wait, over = backoff.next_wait(refused(), 0.0, **options)
    assert over is Event.BACKOFF_OVER
    return wait


def fail_link(backoff: Backoff, *, live: float | None, ended: float) -> None:
    """A link that was live from one moment to another, or never."""
    backoff.opened()
    if live is not None:
        backoff.live(live)
    backoff.failed(ended)


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
    wait, over = backoff.next_wait(refused(retry_after=retry_after), 0.0)
    assert over is Event.BACKOFF_OVER
    assert least <= wait <= max(least * 1.1, 0.001)


def test_a_dead_peer_was_waited_for() -> None:
    """The time without a sign of life counts, so a dead peer is left at once."""
    backoff = begun(EXACT)
    backoff.failed()
    assert wait_of(backoff) == 2.0
    assert wait_of(backoff, waited=0.5) == 1.5
    assert wait_of(backoff, waited=30.0) == 0.0


def fail_opening(backoff: Backoff, *, retryable: bool) -> float:
    """An opening that failed, and the wait behind it."""
    backoff.failed()
    wait, _ = backoff.next_wait(refused(retryable=retryable), 0.0)
    return wait


def test_one_wrong_answer_behind_a_stable_link_is_an_accident() -> None:
    """It costs no more than any failure does; the second is waited for, until a link was stable."""
    backoff = begun(longwire.Retry(first=0.1, jitter=0.0, stable_after=30.0))
    for ended in (100.0, 200.0):
        fail_link(backoff, live=ended - 50.0, ended=ended)
        waits = [fail_opening(backoff, retryable=one) for one in (True, False, True, False)]
        assert waits == pytest.approx([0.2, 0.4, 0.8, 10.0])


def test_before_a_link_was_stable_no_wrong_answer_is_an_accident() -> None:
    """Neither at the beginning nor behind a link that died young."""
    backoff = begun(longwire.Retry(first=0.1, jitter=0.0, stable_after=30.0))
    assert fail_opening(backoff, retryable=False) == 10.0
    fail_link(backoff, live=0.0, ended=1.0)
    assert fail_opening(backoff, retryable=False) == 10.0


def test_failures_in_a_row_are_a_budget() -> None:
    """After so many it is over at once, whether openings failed or links did not last."""
    backoff = begun(exact(attempts=3))
    fail_link(backoff, live=0.0, ended=100.0)
    assert backoff.failures == 0
    backoff.failed()
    fail_link(backoff, live=100.0, ended=101.0)
    assert backoff.next_wait(refused(), 101.0)[1] is Event.BACKOFF_OVER
    fail_link(backoff, live=None, ended=103.0)
    assert backoff.failures == 3
    assert backoff.next_wait(refused(), 103.0) == (0.0, Event.BUDGET_SPENT)


def test_the_time_without_a_stable_link_is_a_budget() -> None:
    """A wait that would outlast it ends with it; neither a hint nor a short life stretches it."""
    backoff = begun(exact(give_up_after=10.0))
    fail_link(backoff, live=1.0, ended=5.0)
    assert backoff.left(8.0) == 2.0
    assert backoff.next_wait(refused(retry_after=60.0), 8.0) == (2.0, Event.BUDGET_SPENT)
    assert backoff.next_wait(refused(), 10.0) == (0.0, Event.BUDGET_SPENT)
    fail_link(backoff, live=20.0, ended=50.0)
    assert backoff.left(55.0) == 5.0
    assert backoff.next_wait(refused(), 55.0)[1] is Event.BACKOFF_OVER


def test_without_a_limit_there_is_always_time() -> None:
    """By default a client never gives up."""
    backoff = begun(EXACT)
    backoff.failed()
    assert backoff.left(1e9) is None
    assert backoff.next_wait(refused(), 1e9)[1] is Event.BACKOFF_OVER


def exact(**options: Any) -> longwire.Retry:
    """Exact waits with a budget."""
    return longwire.Retry(first=1.0, cap=100.0, jitter=0.0, **options)


def test_without_retry_nothing_is_allowed() -> None:
    """retry=None: no error may be retried, and there is no wait to ask for."""
    backoff = Backoff(None)
    assert not backoff.allows(refused())
    assert backoff.next_wait(refused(), 0.0) == (0.0, Event.BUDGET_SPENT)


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
