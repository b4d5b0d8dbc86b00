"""A client driven by the table of its state machine, through anything that may happen.

Every state such a client can get into is visited, and Hypothesis lives long random lives on top.
"""

from __future__ import annotations

import copy
from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from longwire.core.lifecycle import TABLE, Action, Event, State, step

# What a client may hold, and what may then happen.
HAPPENS = {
    "dial": {
        *(Event.OPENED, Event.OPENED_TO_SUBSCRIBE),
        *(Event.OPEN_FAILED_RETRYABLE, Event.OPEN_FAILED_FATAL),
    },
    "link": {
        *(Event.LINK_ENDED_RETRYABLE, Event.LINK_ENDED_FATAL, Event.LINK_ENDED_NORMAL),
        *(Event.SILENT, Event.SETTLED),
    },
    "canary": {
        *(Event.DATA_RESUMED, Event.CANARY_DATA),
        *(Event.CANARY_QUIET, Event.CANARY_FAILED),
    },
    "timer": {Event.BACKOFF_OVER, Event.BUDGET_SPENT},
    "closing": {Event.CLOSE_DONE},
}
ONLY_WITH_RETRY = {Event.OPEN_FAILED_RETRYABLE, Event.LINK_ENDED_RETRYABLE, Event.SILENT}
ONLY_WITHOUT_RETRY = {Event.LINK_ENDED_NORMAL}
ONLY_SUBSCRIBING = {Event.OPENED_TO_SUBSCRIBE, Event.SETTLED}
ONLY_NOT_SUBSCRIBING = {Event.OPENED}

# What an event leaves of what is held: answered is answered.
ANSWERS = {
    **{event: {"dial"} for event in HAPPENS["dial"]},
    **{event: {"timer"} for event in HAPPENS["timer"]},
    Event.CLOSE_DONE: {"link", "closing"},
}

# What must be held, exactly, when an action is done.
NEEDS: dict[Action, set[str]] = {
    Action.DIAL: set(),
    Action.SUBSCRIBE: {"link"},
    Action.GO_LIVE: {"link"},
    Action.CLOSE_LINK: {"link"},
    Action.DIAL_CANARY: {"link"},
    Action.PROMOTE_CANARY: {"canary"},
    Action.TELL_QUIET: {"link"},
    Action.TELL_UNDECIDED: {"link"},
    Action.WAIT_BACKOFF: set(),
    Action.FINISH_CLOSED: set(),
    Action.FINISH_ENDED: set(),
    Action.FINISH_FAILED: set(),
}
# What an action lets go of (it must be there), and what it starts.
LETS_GO = {
    Action.CANCEL_DIAL: "dial",
    Action.ABORT_LINK: "link",
    Action.PROMOTE_CANARY: "canary",
    Action.DROP_CANARY: "canary",
    Action.CANCEL_BACKOFF: "timer",
}
STARTS = {
    Action.DIAL: "dial",
    Action.CLOSE_LINK: "closing",
    Action.DIAL_CANARY: "canary",
    Action.PROMOTE_CANARY: "link",
    Action.WAIT_BACKOFF: "timer",
}
CONCLUDES = {Action.CONCLUDE_RECOVERED, Action.CONCLUDE_GAVE_UP, Action.CONCLUDE_CLOSED}
FINISHES = {Action.FINISH_CLOSED, Action.FINISH_ENDED, Action.FINISH_FAILED}

HELD_IN = {
    State.CONNECTING: {"dial"},
    State.RECONNECTING: {"dial"},
    State.SETTLING: {"link"},
    State.RESETTLING: {"link"},
    State.LIVE: {"link"},
    State.PROBING: {"link", "canary"},
    State.WAITING: {"timer"},
    State.CLOSING: {"link", "closing"},
}


class Client:
    """A supervisor without input and output, in a world where anything happens at any time.

    What can happen follows from what the client holds (a dial, a link, a canary, a timer), not from
    the table: whatever can happen to what it holds, the table must know.
    """

    def __init__(self, *, retry: bool, subscribing: bool) -> None:
        self.retry = retry
        self.subscribing = subscribing
        self.state = State.IDLE
        self.holds: set[str] = set()
        self.live = self.interrupted = False
        self.told: Counter[Action] = Counter()

    @property
    def situation(self) -> tuple[object, ...]:
        """All that the future depends on."""
        return (self.state, frozenset(self.holds), self.live, self.interrupted)

    # ---- the world

    def possible(self) -> list[Event]:
        """What may happen next."""
        events = {Event.CLOSE}.union(*(HAPPENS[thing] for thing in self.holds))
        if not self.state.is_final:
            events.add(Event.CRASHED)
        if self.state is State.IDLE:
            events.add(Event.START)
        events -= ONLY_WITHOUT_RETRY if self.retry else ONLY_WITH_RETRY
        events -= ONLY_NOT_SUBSCRIBING if self.subscribing else ONLY_SUBSCRIBING
        if self.live:
            events.discard(Event.SETTLED)
        return sorted(events)

    def happens(self, event: Event) -> None:
        """Let it happen, and do what the table says."""
        self.holds = self.holds - ANSWERS.get(event, set())
        if event in {Event.OPENED, Event.OPENED_TO_SUBSCRIBE}:
            self.holds |= {"link"}
        transition = step(self.state, event)
        self.state = transition.state
        for action in transition.actions:
            self.told[action] += 1
            self.do(action)
        self.check()

    # ---- the supervisor

    def do(self, action: Action) -> None:
        assert self.holds == NEEDS.get(action, self.holds)
        if action in LETS_GO:
            assert LETS_GO[action] in self.holds
            self.holds = self.holds - {LETS_GO[action]}
        if action in STARTS:
            self.holds = self.holds | {STARTS[action]}
        if action in CONCLUDES | {Action.WAIT_BACKOFF}:
            assert self.interrupted
        if action in {Action.BEGIN_INTERRUPTION, Action.GO_LIVE, Action.CLOSE_LINK}:
            assert not self.interrupted
        if action is Action.BEGIN_INTERRUPTION:
            assert "link" not in self.holds
        if action in {Action.BEGIN_INTERRUPTION, *CONCLUDES}:
            self.interrupted = not self.interrupted
        if action is Action.GO_LIVE:
            assert not self.live
            self.live = True
        if action is Action.ABORT_LINK:
            self.holds = self.holds - {"closing"}
        if action in {Action.ABORT_LINK, Action.CLOSE_LINK}:
            self.live = False

    # ---- what always holds

    def check(self) -> None:
        # Until the end something is always under way that will be answered.
        assert self.holds == HELD_IN.get(self.state, set())
        assert self.live == self.state.is_live
        assert self.interrupted == self.state.is_down
        assert ("link" in self.holds and "closing" not in self.holds) == self.state.can_send
        outcomes = sum(self.told[action] for action in CONCLUDES)
        assert self.told[Action.BEGIN_INTERRUPTION] == outcomes + self.interrupted
        finishes = sum(self.told[action] for action in FINISHES)
        assert finishes == self.state.is_final

    def ends_when_closed(self) -> None:
        """Wherever it has got to, closing ends it."""
        failed = self.state is State.FAILED
        self.happens(Event.CLOSE)
        if "closing" in self.holds:
            self.happens(Event.CLOSE_DONE)
        assert self.state is (State.FAILED if failed else State.CLOSED)


def explore(*, retry: bool, subscribing: bool) -> dict[tuple[object, ...], Client]:
    """A client in every situation that one with these options can get into."""
    begin = Client(retry=retry, subscribing=subscribing)
    found = {begin.situation: begin}
    todo = [begin]
    while todo:
        client = todo.pop()
        for event in client.possible():
            after = copy.deepcopy(client)
            after.happens(event)
            if after.situation not in found:
                found[after.situation] = after
                todo.append(after)
    return found


OPTIONS = [(False, False), (False, True), (True, False), (True, True)]


@pytest.mark.parametrize(("retry", "subscribing"), OPTIONS)
def test_every_situation(retry: bool, subscribing: bool) -> None:
    """In every situation everything that may happen is handled in full, and closing ends it."""
    found = explore(retry=retry, subscribing=subscribing)
    states = {client.state for client in found.values()}
    assert len(found) == len(states), "the state says all that there is to say"
    assert not (retry and subscribing) or states == set(State)
    for client in found.values():
        client.ends_when_closed()


def test_the_table_holds_nothing_else() -> None:
    """Every entry of the table is for something that can happen."""
    met = {
        (client.state, event)
        for retry, subscribing in OPTIONS
        for client in explore(retry=retry, subscribing=subscribing).values()
        for event in client.possible()
    }
    assert met == set(TABLE)


class Lives(RuleBasedStateMachine):
    """Long lives: whatever has happened before, all interruptions have their outcomes."""

    def __init__(self) -> None:
        super().__init__()
        self.client = Client(retry=True, subscribing=True)

    @initialize(retry=st.sampled_from([True, True, True, False]), subscribing=st.booleans())
    def begin(self, retry: bool, subscribing: bool) -> None:
        self.client = Client(retry=retry, subscribing=subscribing)

    @precondition(lambda self: not self.client.state.is_final)
    @rule(data=st.data())
    def anything(self, data: st.DataObject) -> None:
        """What may happen, with ends drawn rarely so that most lives are long."""
        ends = {Event.CLOSE, Event.CRASHED, Event.OPEN_FAILED_FATAL, Event.LINK_ENDED_FATAL}
        possible = self.client.possible()
        usual = [event for event in possible if event not in ends]
        self.client.happens(data.draw(st.sampled_from(usual * 5 + possible)))

    @rule()
    def close_again(self) -> None:
        """Closing what has ended changes nothing."""
        if self.client.state.is_final:
            before = self.client.situation
            self.client.happens(Event.CLOSE)
            assert self.client.situation == before

    @invariant()
    def always(self) -> None:
        self.client.check()

    def teardown(self) -> None:
        self.client.ends_when_closed()


TestLives = Lives.TestCase
TestLives.settings = settings(stateful_step_count=60)
