"""Back-off, budget and the judgement whether to try again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwire.core.retry import (
    DISAGREEMENTS,
    HINT_CEILING,
    LATER_FLOOR,
    SOON_FAILURES,
    Retry,
    Urgency,
    delay,
    failures_after,
    retryable,
    spent,
    urgency_of,
)
from longwire.errors import (
    AddressError,
    ClientClosed,
    ConnectError,
    GaveUp,
    HandshakeRejected,
    InboxFull,
    LinkClosed,
    LongwireError,
    MessageTooBig,
    OutboxFull,
    ProtocolError,
    SubscriptionRefused,
    TLSError,
)

chances = st.floats(0, 1, exclude_max=True)
failure_counts = st.integers(0, 50) | st.integers(0, 10**9) | st.just(10**400)
hints = st.none() | st.floats(allow_nan=True, allow_infinity=True)
urgencies = st.sampled_from(get_args(Urgency))


@st.composite
def retries(draw: st.DrawFn) -> Retry:
    """Any valid options."""
    first = draw(st.floats(1e-6, 1e3))
    return Retry(
        first=first,
        factor=draw(st.floats(1, 1e6) | st.just(1.0) | st.floats(1, 1.0001)),
        cap=draw(st.floats(first, 1e9)),
        jitter=draw(st.floats(0, 1)),
        stable_after=draw(st.floats(0, 1e6)),
    )


@dataclass
class Ended:
    """The part of a closure that matters here."""

    received_code: int | None = None
    sent_code: int | None = None


# ---------------------------------------------------------------- options


def test_defaults() -> None:
    """The defaults are those of the design."""
    retry = Retry()
    assert (retry.first, retry.factor, retry.cap, retry.jitter) == (0.1, 2.0, 30.0, 1.0)
    assert (retry.stable_after, retry.attempts, retry.give_up_after) == (30.0, None, None)
    assert retry.retryable is retryable


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"first": 0}, "Retry.first must be seconds above 0, not 0"),
        ({"first": math.inf}, "Retry.first"),
        ({"first": math.nan}, "Retry.first"),
        ({"factor": 0.5}, "Retry.factor must be 1 or more"),
        ({"factor": math.nan}, "Retry.factor"),
        ({"cap": 0.01}, "Retry.cap must be at least `first`"),
        ({"cap": math.inf}, "Retry.cap"),
        ({"jitter": 1.5}, "Retry.jitter must be between 0 and 1"),
        ({"jitter": -0.1}, "Retry.jitter"),
        ({"stable_after": -1}, "Retry.stable_after must be seconds, 0 or more"),
        ({"attempts": 0}, "pass retry=None"),
        ({"give_up_after": 0}, "Retry.give_up_after must be seconds above 0"),
        ({"give_up_after": math.inf}, "or None for no limit"),
    ],
)
def test_bad_options_say_what_to_do(options: dict[str, Any], text: str) -> None:
    """A value out of range is refused with its name, its rule and the value."""
    with pytest.raises(ValueError) as caught:
        Retry(**options)
    assert text in str(caught.value)


def test_options_are_frozen_and_keyword_only() -> None:
    """Options can be shared between clients, because nobody can change them."""
    with pytest.raises(AttributeError):
        Retry().cap = 1.0  # type: ignore[misc]  # the very thing tested
    with pytest.raises(TypeError):
        Retry(0.1)  # type: ignore[call-arg]  # the very thing tested


# ---------------------------------------------------------------- delay


@given(retries(), failure_counts, chances, hints, urgencies)
def test_delay_is_always_bounded(
    retry: Retry, failures: int, chance: float, hint: float | None, urgency: Urgency
) -> None:
    """Whatever comes in, the wait is a finite number within the cap, or a believable hint."""
    wait = delay(retry, failures, chance, hint=hint, urgency=urgency)
    longest = HINT_CEILING + max(retry.first, 0.1 * HINT_CEILING) if hint is not None else 0.0
    assert 0 <= wait <= max(retry.cap, longest)


@given(retries(), st.integers(0, 200), chances)
def test_normal_delay_is_the_formula(retry: Retry, failures: int, chance: float) -> None:
    """The ceiling is min(cap, first * factor ** failures), also where that power overflows."""
    try:
        ceiling = min(retry.cap, retry.first * retry.factor**failures)
    except OverflowError:
        ceiling = retry.cap
    low = ceiling * (1 - retry.jitter)
    wait = delay(retry, failures, chance)
    assert wait == pytest.approx(low + (ceiling - low) * chance, rel=1e-6)


@given(retries(), failure_counts, failure_counts, chances, urgencies)
def test_delay_never_shrinks_with_failures(
    retry: Retry, one: int, other: int, chance: float, urgency: Urgency
) -> None:
    """With the same luck, more failures never make the client hastier."""
    fewer, more = sorted((one, other))
    less = delay(retry, fewer, chance, urgency=urgency)
    assert less <= delay(retry, more, chance, urgency=urgency) * (1 + 1e-9)


def test_full_jitter_uses_the_whole_range() -> None:
    """With jitter 1 the delay is evenly spread from 0 to the ceiling; with 0 it is the ceiling."""
    full, none = Retry(), Retry(jitter=0)
    assert [delay(full, 3, chance) for chance in (0.0, 0.25, 0.5)] == pytest.approx([0, 0.2, 0.4])
    assert [delay(none, 3, chance) for chance in (0.0, 0.5, 0.99)] == pytest.approx([0.8] * 3)
    assert delay(Retry(jitter=0.5), 3, 0.0) == pytest.approx(0.4)


def test_the_ceiling_doubles() -> None:
    """Without chance the delays are those that one would write down."""
    waits = [delay(Retry(jitter=0), failures, 0.5) for failures in range(11)]
    assert waits == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30])


def test_one_cut_of_a_stable_link_costs_little() -> None:
    """The median wait after a single cut is at most 100 ms with the defaults."""
    retry = Retry()
    assert delay(retry, failures_after(7, 3600.0, retry.stable_after), 0.5) <= 0.1
    assert delay(retry, failures_after(0, None, retry.stable_after), 0.5) <= 0.1


def test_the_delay_neither_overflows_nor_drops_after_a_thousand_failures() -> None:
    """Where a naive power overflows and falls to 0, the cap stays the cap."""
    retry = Retry(jitter=0)
    assert {delay(retry, failures, 0.5) for failures in range(1_000, 1_100)} == {30.0}
    assert delay(retry, 10**400, 0.5) == 30.0
    assert delay(Retry(factor=1, jitter=0), 10**400, 0.5) == 0.1
    assert delay(Retry(factor=1, jitter=0), -1, 0.5) == 0.1


@given(retries(), st.floats(0, 1e9, exclude_min=True), failure_counts, chances, urgencies)
def test_a_hint_is_a_floor(
    retry: Retry, hint: float, failures: int, chance: float, urgency: Urgency
) -> None:
    """The client never comes before the time the server named, up to the ceiling of belief."""
    wait = delay(retry, failures, chance, hint=hint, urgency=urgency)
    assert wait >= min(hint, HINT_CEILING)
    usual = "normal" if urgency == "later" else urgency
    assert wait >= delay(retry, failures, chance, urgency=usual)


def test_a_hint_takes_the_place_of_the_guess() -> None:
    """Who is told to come back in a second does not stay away for ten; failures still add up."""
    assert delay(Retry(), 0, 0.0, hint=1, urgency="later") == 1
    assert delay(Retry(), 0, 1.0, hint=1, urgency="later") < 1.5
    assert delay(Retry(jitter=0), 6, 0.5, hint=1, urgency="later") == pytest.approx(6.4)
    assert delay(Retry(), 0, 0.0, hint=0, urgency="later") >= 5


@pytest.mark.parametrize("hint", [0.0, -5.0, math.nan, -math.inf])
def test_a_hint_that_asks_for_nothing(hint: float) -> None:
    """Zero, a date in the past and nonsense leave the usual delay."""
    assert delay(Retry(), 4, 0.5, hint=hint) == delay(Retry(), 4, 0.5)


def test_a_hint_is_spread_and_capped() -> None:
    """Clients that got the same hint do not return together, and a year is not believed."""
    assert delay(Retry(), 0, 0.0, hint=20) == 20
    assert delay(Retry(), 0, 0.5, hint=20) == pytest.approx(21)
    assert delay(Retry(jitter=0), 0, 0.5, hint=20) == 20
    assert delay(Retry(), 0, 0.0, hint=365 * 86_400) == HINT_CEILING
    assert delay(Retry(), 0, 0.0, hint=math.inf) == HINT_CEILING


@given(retries(), failure_counts, chances, urgencies, st.floats(0, 1e6))
def test_what_was_waited_counts(
    retry: Retry, failures: int, chance: float, urgency: Urgency, waited: float
) -> None:
    """The time in which a dead peer was waited for is taken off the delay, which ends at 0."""
    whole = delay(retry, failures, chance, urgency=urgency)
    left = delay(retry, failures, chance, urgency=urgency, waited=waited)
    assert left == max(0.0, whole - waited)


def test_a_hint_is_waited_for_all_the_same() -> None:
    """What the server asked for begins when it asks."""
    assert delay(Retry(), 0, 0.0, hint=20, waited=30) == 20


@given(retries(), st.integers(0, SOON_FAILURES), chances)
def test_soon_stays_quick_but_spread(retry: Retry, failures: int, chance: float) -> None:
    """A peer that says it will be back is asked at once-ish, within ``first``, a few times."""
    assert 0 <= delay(retry, failures, chance, urgency="soon") <= retry.first


def test_soon_does_not_hammer() -> None:
    """A peer that says 1012 for ever meets the usual back-off after a few attempts."""
    retry = Retry(jitter=0)
    waits = [delay(retry, failures, 0.5, urgency="soon") for failures in range(14)]
    assert waits[: SOON_FAILURES + 1] == [0.1] * (SOON_FAILURES + 1)
    assert waits[-1] == 30.0


@given(retries(), failure_counts, chances)
def test_later_leaves_seconds(retry: Retry, failures: int, chance: float) -> None:
    """``later`` waits some seconds even the first time, unless the user's cap is smaller."""
    wait = delay(retry, failures, chance, urgency="later")
    assert wait >= min(LATER_FLOOR, retry.cap / 2)
    assert wait <= retry.cap
    assert wait * (1 + 1e-9) >= delay(retry, failures, chance)


def test_later_in_numbers() -> None:
    """The documented ranges: 5 to 10 s at first, up to the cap in the end."""
    retry, small = Retry(), Retry(cap=1.0)
    assert (delay(retry, 0, 0.0, urgency="later"), delay(retry, 0, 0.5, urgency="later")) == (
        5,
        7.5,
    )
    assert delay(retry, 99, 0.999999, urgency="later") == pytest.approx(30, abs=0.001)
    assert delay(small, 0, 0.0, urgency="later") == 0.5


# ---------------------------------------------------------------- counting


@given(st.integers(0, 10**6), st.floats(0, 1e6), st.floats(0, 1e6))
def test_only_a_stable_life_resets(previous: int, age: float, stable_after: float) -> None:
    """A link that died young counts as one failure more; one that was stable clears the count."""
    expected = 0 if age >= stable_after else previous + 1
    assert failures_after(previous, age, stable_after) == expected


@given(st.integers(0, 10**6), st.floats(0, 1e6))
def test_an_opening_that_failed_is_a_failure(previous: int, stable_after: float) -> None:
    """What never was live cannot have been stable, even with stable_after=0."""
    assert failures_after(previous, None, stable_after) == previous + 1


def test_accept_then_close_is_slowed_down() -> None:
    """A peer that accepts and closes at once gets a dozen attempts a minute, not a thousand."""
    retry, failures, elapsed, attempts = Retry(), 0, 0.0, 0
    while elapsed < 60:
        failures = failures_after(failures, 0.001, retry.stable_after)
        elapsed += delay(retry, failures, 0.5) + 0.001
        attempts += 1
    assert attempts <= 12


@given(
    st.none() | st.integers(1, 100),
    st.none() | st.floats(0.1, 1e6),
    st.integers(0, 200),
    st.floats(0, 1e7),
)
def test_spent(attempts: int | None, within: float | None, tried: int, outage: float) -> None:
    """Either limit ends the trying; without a limit it never ends."""
    retry = Retry(attempts=attempts, give_up_after=within)
    over = attempts is not None and tried >= attempts
    late = within is not None and outage >= within
    assert spent(retry, tried, outage) == (over or late)


# ---------------------------------------------------------------- judgement


def opening(*, may_mend: bool) -> ConnectError:
    return ConnectError("it failed", kind="refused", retryable=may_mend)


def rejected(status: int, *, may_mend: bool) -> HandshakeRejected:
    return HandshakeRejected(status=status, headers={}, body=b"", retryable=may_mend)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 426, 200])
def test_a_typo_is_seen_at_once_but_a_deploy_is_survived(status: int) -> None:
    """A status that blames the request ends a new client; one that was live retries it slowly."""
    error = rejected(status, may_mend=False)
    assert not retryable(error, been_live=False)
    assert retryable(error, been_live=True)
    assert urgency_of(error) == "later"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_status_of_the_moment_is_retried(status: int) -> None:
    """Overload, restarts and gateways in trouble pass."""
    error = rejected(status, may_mend=True)
    assert retryable(error, been_live=False)
    assert urgency_of(error) == ("later" if status == 429 else "normal")


@pytest.mark.parametrize("mends", [False, True])
def test_openings(mends: bool) -> None:
    """What a retry may mend is always retried; what it cannot, only by who has been live."""
    error = opening(may_mend=mends)
    assert retryable(error, been_live=False) is mends
    assert retryable(error, been_live=True)
    assert urgency_of(error) == ("normal" if mends else "later")


@pytest.mark.parametrize(
    "error",
    [opening(may_mend=False), *(rejected(status, may_mend=False) for status in (200, 401, 404))],
    ids=str,
)
def test_the_first_wrong_answer_behind_a_stable_link_is_an_accident(error: ConnectError) -> None:
    """It is retried like any failure, however many others there were; the next one slowly."""
    assert urgency_of(error, failures=1, accident=True) == "normal"
    assert urgency_of(error, failures=4, accident=True) == "normal"
    assert urgency_of(error, failures=1) == "later"


@pytest.mark.parametrize(
    "error",
    [rejected(429, may_mend=True), SubscriptionRefused("trades", "no such channel")],
    ids=lambda error: type(error).__name__,
)
def test_what_a_peer_means_is_no_accident(error: LongwireError) -> None:
    """Who is told that there were too many attempts, or that it gets nothing, waits at once."""
    assert urgency_of(error, failures=1, accident=True) == "later"


def test_the_errors_own_field_decides() -> None:
    """An opening error that knows better than its kind is believed."""
    gone = AddressError("no such host", kind="dns", retryable=False)
    assert not retryable(gone, been_live=False)
    assert retryable(gone, been_live=True)
    wrong_name = TLSError("not for this name", problem="wrong-name", retryable=False)
    assert not retryable(wrong_name, been_live=False)
    assert urgency_of(wrong_name) == "later"


@pytest.mark.parametrize("been_live", [False, True])
@pytest.mark.parametrize(
    "error",
    [ClientClosed("closed"), GaveUp(None), InboxFull("full"), OutboxFull("full")],
    ids=lambda error: type(error).__name__,
)
def test_what_the_user_decided_is_not_retried(error: LongwireError, been_live: bool) -> None:
    """Closing, giving up and the policy "fail" are ends, not accidents."""
    assert not retryable(error, been_live=been_live)


@pytest.mark.parametrize("been_live", [False, True])
@given(code=st.none() | st.integers(1000, 4999))
def test_the_end_of_a_link_is_always_retried(been_live: bool, code: int | None) -> None:
    """No close code ends a client by default."""
    assert retryable(LinkClosed(Ended(received_code=code)), been_live=been_live)


@pytest.mark.parametrize(
    ("closure", "expected"),
    [
        (Ended(), "normal"),
        (Ended(received_code=1000), "normal"),
        (Ended(received_code=1011), "normal"),
        (Ended(received_code=1012), "soon"),
        (Ended(received_code=1013), "later"),
        (Ended(received_code=1008), "later"),
        (Ended(received_code=4321), "normal"),
        (Ended(sent_code=1002), "later"),
        (Ended(received_code=1012, sent_code=1000), "soon"),
        (None, "normal"),
        ("no closure at all", "normal"),
    ],
)
def test_the_close_code_sets_the_pace(closure: object, expected: Urgency) -> None:
    """The peer's code decides, ours where none came; no code means the usual."""
    assert urgency_of(LinkClosed(closure)) == expected


def test_a_fatal_code_would_be_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that knows a terminal code ends the client, and if overruled makes it slow."""
    from longwire.core import closecodes, retry

    terminal = closecodes.CloseCode(4100, "terminal", "never come back", "fatal")
    monkeypatch.setattr(retry, "describe", lambda code: terminal)
    error = LinkClosed(Ended(received_code=4100))
    assert not retryable(error, been_live=True)
    assert urgency_of(error) == "later"


@pytest.mark.parametrize(
    "error",
    [ProtocolError("bad"), MessageTooBig("big", limit=1, size=2, blame="peer")],
    ids=lambda error: type(error).__name__,
)
def test_a_disagreement_is_retried_slowly(error: LongwireError) -> None:
    """A broken protocol or a message too big is not proof that the next one is bad too.

    Behind a link that had been stable it is an accident, and retried like any end.
    """
    assert retryable(error, been_live=False)
    assert urgency_of(error) == "later"
    assert urgency_of(error, failures=3) == "later"
    assert urgency_of(error, failures=0) == "normal"


@pytest.mark.parametrize("code", sorted(DISAGREEMENTS))
@pytest.mark.parametrize("whose", ["received_code", "sent_code"])
def test_a_disagreement_by_its_close_code(code: int, whose: str) -> None:
    """The same, whichever side has found the other one wrong."""
    error = LinkClosed(Ended(**{whose: code}))
    assert urgency_of(error) == "later"
    assert urgency_of(error, failures=0) == "normal"
    assert urgency_of(LinkClosed(Ended(received_code=1013)), failures=0) == "later"


def test_a_refused_subscription() -> None:
    """At first it is an error that the user sees; later it is retried, slowly."""
    error = SubscriptionRefused("trades", "no such channel")
    assert not retryable(error, been_live=False)
    assert retryable(error, been_live=True)
    assert urgency_of(error) == "later"


def test_the_judgement_can_be_replaced() -> None:
    """A user's function takes the place of the default, and may call it."""

    def stubborn(error: LongwireError, /, *, been_live: bool) -> bool:
        return not isinstance(error, HandshakeRejected) and retryable(error, been_live=been_live)

    retry = Retry(retryable=stubborn)
    assert not retry.retryable(rejected(503, may_mend=True), been_live=True)
    assert retry.retryable(opening(may_mend=True), been_live=False)
