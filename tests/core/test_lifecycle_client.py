"""A client driven by the table of its state machine, through anything that may happen."""

from __future__ import annotations

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from longwire.core.lifecycle import Action, Event, State, step


class Client(RuleBasedStateMachine):
    """A supervisor without input and output, in a world where anything happens at any time.

    The rules follow from what the client holds (a dial, a link, a canary, a timer), not from the
    table: whatever can happen to what it holds, the table must know.
    """

    def __init__(self) -> None:
        super().__init__()
        self.state = State.IDLE
        self.dialing = self.waiting = self.closing = False
        self.link = self.canary = False
        self.interrupted = False
        self.told: Counter[Action] = Counter()
        self.retry = self.subscribing = True

    @initialize(retry=st.sampled_from([True, True, True, False]), subscribing=st.booleans())
    def options(self, retry: bool, subscribing: bool) -> None:
        self.retry = retry
        self.subscribing = subscribing

    @property
    def holds(self) -> set[str]:
        """What is under way or open."""
        names = ("dialing", "waiting", "closing", "link", "canary")
        return {name for name in names if getattr(self, name)}

    # ---- the supervisor

    def feed(self, event: Event) -> None:
        transition = step(self.state, event)
        self.state = transition.state
        for action in transition.actions:
            self.told[action] += 1
            getattr(self, f"do_{action.name.lower()}")()

    def do_dial(self) -> None:
        assert self.holds == set()
        self.dialing = True

    def do_cancel_dial(self) -> None:
        assert self.dialing
        self.dialing = False

    def do_subscribe(self) -> None:
        assert self.link
        assert self.subscribing

    def do_go_live(self) -> None:
        assert self.link
        assert not self.interrupted

    def do_abort_link(self) -> None:
        assert self.link
        self.link = self.closing = False

    def do_close_link(self) -> None:
        assert self.link
        assert not self.closing
        assert not self.interrupted
        self.closing = True

    def do_dial_canary(self) -> None:
        assert self.link
        assert not self.canary
        self.canary = True

    def do_promote_canary(self) -> None:
        assert self.canary
        assert not self.link
        self.canary, self.link = False, True

    def do_drop_canary(self) -> None:
        assert self.canary
        self.canary = False

    def do_tell_quiet(self) -> None:
        assert self.link

    def do_tell_undecided(self) -> None:
        assert self.link

    def do_begin_interruption(self) -> None:
        assert not self.interrupted
        assert not self.link
        self.interrupted = True

    def conclude(self) -> None:
        assert self.interrupted
        self.interrupted = False

    do_conclude_recovered = do_conclude_gave_up = do_conclude_closed = conclude

    def do_wait_backoff(self) -> None:
        assert self.interrupted
        assert self.holds == set()
        self.waiting = True

    def do_cancel_backoff(self) -> None:
        assert self.waiting
        self.waiting = False

    def finish(self) -> None:
        assert self.state.is_final
        assert not self.interrupted
        assert self.holds == set()

    do_finish_closed = do_finish_ended = do_finish_failed = finish

    # ---- the world

    @precondition(lambda self: self.state is State.IDLE)
    @rule()
    def start(self) -> None:
        self.feed(Event.START)

    @precondition(lambda self: self.dialing)
    @rule()
    def dial_succeeds(self) -> None:
        self.dialing, self.link = False, True
        self.feed(Event.OPENED_TO_SUBSCRIBE if self.subscribing else Event.OPENED)

    @precondition(lambda self: self.dialing)
    @rule(fatal=st.sampled_from([False] * 9 + [True]))
    def dial_fails(self, fatal: bool) -> None:
        self.dialing = False
        judged = self.retry and not fatal
        self.feed(Event.OPEN_FAILED_RETRYABLE if judged else Event.OPEN_FAILED_FATAL)

    @precondition(lambda self: self.state in {State.SETTLING, State.RESETTLING, State.CLOSING})
    @rule()
    def first_data(self) -> None:
        self.feed(Event.SETTLED)

    @precondition(lambda self: self.link)
    @rule(end=st.sampled_from(["retryable"] * 6 + ["normal", "fatal"]))
    def link_ends(self, end: str) -> None:
        if not self.retry:
            judged = Event.LINK_ENDED_NORMAL if end == "normal" else Event.LINK_ENDED_FATAL
        elif end == "fatal":
            judged = Event.LINK_ENDED_FATAL
        else:
            judged = Event.LINK_ENDED_RETRYABLE
        self.feed(judged)

    @precondition(lambda self: self.link)
    @rule()
    def link_is_silent(self) -> None:
        self.feed(Event.SILENT if self.retry else Event.LINK_ENDED_FATAL)

    @precondition(lambda self: self.canary)
    @rule(
        event=st.sampled_from(
            [Event.DATA_RESUMED, Event.CANARY_DATA, Event.CANARY_QUIET, Event.CANARY_FAILED]
        )
    )
    def canary_tells(self, event: Event) -> None:
        self.feed(event)

    @precondition(lambda self: self.waiting)
    @rule(spent=st.sampled_from([False] * 9 + [True]))
    def timer_ends(self, spent: bool) -> None:
        self.waiting = False
        self.feed(Event.BUDGET_SPENT if spent else Event.BACKOFF_OVER)

    @precondition(lambda self: self.closing)
    @rule()
    def close_is_done(self) -> None:
        self.link = self.closing = False
        self.feed(Event.CLOSE_DONE)

    # The ends are drawn rarely, so that most lives are long.

    @rule(chance=st.integers(0, 19))
    def close(self, chance: int) -> None:
        if chance == 0:
            self.feed(Event.CLOSE)

    @precondition(lambda self: not self.state.is_final)
    @rule(chance=st.integers(0, 19))
    def crash(self, chance: int) -> None:
        if chance == 0:
            self.feed(Event.CRASHED)

    # ---- what always holds

    @invariant()
    def state_says_what_the_client_holds(self) -> None:
        state = self.state
        assert self.dialing == (state in {State.CONNECTING, State.RECONNECTING})
        assert self.waiting == (state is State.WAITING)
        assert self.canary == (state is State.PROBING)
        assert self.closing == (state is State.CLOSING)
        assert self.link == (state.can_send or self.closing)
        assert self.interrupted == state.is_down

    @invariant()
    def nothing_is_stuck(self) -> None:
        """Something is always under way that will be answered, until the end."""
        assert self.holds or self.state is State.IDLE or self.state.is_final

    @invariant()
    def every_interruption_has_one_outcome(self) -> None:
        outcomes = sum(self.told[action] for action in Action if action.startswith("conclude-"))
        assert self.told[Action.BEGIN_INTERRUPTION] == outcomes + self.interrupted

    @invariant()
    def the_end_is_told_once(self) -> None:
        finishes = sum(self.told[action] for action in Action if action.startswith("finish-"))
        assert finishes == self.state.is_final

    def teardown(self) -> None:
        """Wherever it has got to, closing ends it."""
        was_final = self.state.is_final
        self.feed(Event.CLOSE)
        if self.closing:
            self.close_is_done()
        assert self.state.is_final
        assert was_final or self.state is State.CLOSED
        self.every_interruption_has_one_outcome()
        self.the_end_is_told_once()


TestClient = Client.TestCase
TestClient.settings = settings(stateful_step_count=60)
