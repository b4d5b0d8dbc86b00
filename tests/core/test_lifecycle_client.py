"""A client driven by the table of its state machine, through anything that may happen.

Every state such a client can get into is visited, and Hypothesis lives long random lives on top.
"""

from __future__ import annotations

import copy
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from longwire.core.lifecycle import Action, Event, State, step

if TYPE_CHECKING:
    from collections.abc import Iterator


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

    def possible(self) -> Iterator[Event]:
        """What may happen next."""
        yield Event.CLOSE
        if not self.state.is_final:
            yield Event.CRASHED
        if self.state is State.IDLE:
            yield Event.START
        if "dial" in self.holds:
            yield Event.OPENED_TO_SUBSCRIBE if self.subscribing else Event.OPENED
            yield Event.OPEN_FAILED_FATAL
            if self.retry:
                yield Event.OPEN_FAILED_RETRYABLE
        if "link" in self.holds:
            yield Event.LINK_ENDED_FATAL
            yield Event.LINK_ENDED_RETRYABLE if self.retry else Event.LINK_ENDED_NORMAL
            if self.retry:
                yield Event.SILENT
            if self.subscribing and not self.live:
                yield Event.SETTLED
        if "canary" in self.holds:
            yield from (Event.DATA_RESUMED, Event.CANARY_DATA)
            yield from (Event.CANARY_QUIET, Event.CANARY_FAILED)
        if "timer" in self.holds:
            yield from (Event.BACKOFF_OVER, Event.BUDGET_SPENT)
        if "closing" in self.holds:
            yield Event.CLOSE_DONE

    def happens(self, event: Event) -> None:
        """Let it happen, and do what the table says."""
        if event in {Event.OPENED, Event.OPENED_TO_SUBSCRIBE}:
            self.holds = self.holds - {"dial"} | {"link"}
        elif event in {Event.OPEN_FAILED_FATAL, Event.OPEN_FAILED_RETRYABLE}:
            self.holds -= {"dial"}
        elif event in {Event.BACKOFF_OVER, Event.BUDGET_SPENT}:
            self.holds -= {"timer"}
        elif event is Event.CLOSE_DONE:
            self.holds -= {"link", "closing"}
        transition = step(self.state, event)
        self.state = transition.state
        for action in transition.actions:
            self.told[action] += 1
            self.do(action)
        self.check()

    # ---- the supervisor

    def do(self, action: Action) -> None:
        match action:
            case Action.DIAL:
                assert self.holds == set()
                self.holds = {"dial"}
            case Action.CANCEL_DIAL:
                self.let_go("dial")
            case Action.SUBSCRIBE:
                assert self.subscribing
                assert self.holds == {"link"}
            case Action.GO_LIVE:
                assert self.holds == {"link"}
                assert not self.live
                assert not self.interrupted
                self.live = True
            case Action.ABORT_LINK:
                self.let_go("link")
                self.holds -= {"closing"}
                self.live = False
            case Action.CLOSE_LINK:
                assert self.holds == {"link"}
                assert not self.interrupted
                self.holds |= {"closing"}
                self.live = False
            case Action.DIAL_CANARY:
                assert self.holds == {"link"}
                self.holds |= {"canary"}
            case Action.PROMOTE_CANARY:
                assert self.holds == {"canary"}
                self.holds = {"link"}
            case Action.DROP_CANARY:
                self.let_go("canary")
            case Action.TELL_QUIET | Action.TELL_UNDECIDED:
                assert self.holds == {"link"}
            case Action.BEGIN_INTERRUPTION:
                assert "link" not in self.holds
                assert not self.interrupted
                self.interrupted = True
            case Action.CONCLUDE_RECOVERED | Action.CONCLUDE_GAVE_UP | Action.CONCLUDE_CLOSED:
                assert self.interrupted
                self.interrupted = False
            case Action.WAIT_BACKOFF:
                assert self.interrupted
                assert self.retry
                assert self.holds == set()
                self.holds = {"timer"}
            case Action.CANCEL_BACKOFF:
                self.let_go("timer")
            case Action.FINISH_CLOSED | Action.FINISH_ENDED | Action.FINISH_FAILED:
                assert self.state.is_final
                assert self.holds == set()

    def let_go(self, what: str) -> None:
        assert what in self.holds
        self.holds -= {what}

    # ---- what always holds

    def check(self) -> None:
        held = {
            State.CONNECTING: {"dial"},
            State.RECONNECTING: {"dial"},
            State.SETTLING: {"link"},
            State.RESETTLING: {"link"},
            State.LIVE: {"link"},
            State.PROBING: {"link", "canary"},
            State.WAITING: {"timer"},
            State.CLOSING: {"link", "closing"},
        }
        # Until the end something is always under way that will be answered.
        assert self.holds == held.get(self.state, set())
        assert self.live == self.state.is_live
        assert self.interrupted == self.state.is_down
        assert ("link" in self.holds and "closing" not in self.holds) == self.state.can_send
        outcomes = sum(self.told[action] for action in Action if action.startswith("conclude-"))
        assert self.told[Action.BEGIN_INTERRUPTION] == outcomes + self.interrupted
        finishes = sum(self.told[action] for action in Action if action.startswith("finish-"))
        assert finishes == self.state.is_final

    def ends_when_closed(self) -> None:
        """Wherever it has got to, closing ends it."""
        failed = self.state is State.FAILED
        self.happens(Event.CLOSE)
        if "closing" in self.holds:
            self.happens(Event.CLOSE_DONE)
        assert self.state is (State.FAILED if failed else State.CLOSED)


@pytest.mark.parametrize("retry", [False, True])
@pytest.mark.parametrize("subscribing", [False, True])
def test_every_situation(retry: bool, subscribing: bool) -> None:
    """In every situation a client can get into, everything that may happen is handled in full."""
    begin = Client(retry=retry, subscribing=subscribing)
    known = {begin.situation}
    todo = [begin]
    while todo:
        client = todo.pop()
        copy.deepcopy(client).ends_when_closed()
        for event in client.possible():
            after = copy.deepcopy(client)
            after.happens(event)
            if after.situation not in known:
                known.add(after.situation)
                todo.append(after)
    states = {situation[0] for situation in known}
    if retry and subscribing:
        assert states == set(State)
    assert len(known) == len(states), "the state says all that there is to say"


class Lives(RuleBasedStateMachine):
    """Long lives: whatever has happened before, all interruptions have their outcomes."""

    client = Client(retry=True, subscribing=True)

    @initialize(retry=st.sampled_from([True, True, True, False]), subscribing=st.booleans())
    def begin(self, retry: bool, subscribing: bool) -> None:
        self.client = Client(retry=retry, subscribing=subscribing)

    @precondition(lambda self: not self.client.state.is_final)
    @rule(data=st.data())
    def anything(self, data: st.DataObject) -> None:
        """What may happen, with ends drawn rarely so that most lives are long."""
        ends = {Event.CLOSE, Event.CRASHED, Event.OPEN_FAILED_FATAL, Event.LINK_ENDED_FATAL}
        possible = list(self.client.possible())
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
