"""The client's state machine: the table itself, and the stories it tells."""

from __future__ import annotations

import pytest

from longwire.core.lifecycle import (
    TABLE,
    Action,
    Event,
    IllegalEvent,
    State,
    Transition,
    diagram,
    step,
)

# ---------------------------------------------------------------- the table as it stands


def reachable(start: State, *, by: frozenset[Event] = frozenset(Event)) -> set[State]:
    """Every state that some sequence of the events leads to."""
    found, todo = {start}, [start]
    while todo:
        state = todo.pop()
        for (origin, event), transition in TABLE.items():
            if origin is state and event in by and transition.state not in found:
                found.add(transition.state)
                todo.append(transition.state)
    return found


def test_every_state_is_reachable() -> None:
    """No state stands idle in the table."""
    assert reachable(State.IDLE) == set(State)


def test_every_event_and_action_is_used() -> None:
    """Nothing is declared that cannot happen or is never done."""
    assert {event for _, event in TABLE} == set(Event)
    assert {action for transition in TABLE.values() for action in transition.actions} == set(Action)


@pytest.mark.parametrize("state", State)
def test_close_leads_to_the_end(state: State) -> None:
    """The user can end it in every state, with one step or with one answer more."""
    after = step(state, Event.CLOSE)
    if state.is_final:
        assert after == Transition(state)
        return
    if after.state is State.CLOSING:
        after = step(after.state, Event.CLOSE_DONE)
    assert after.state is State.CLOSED


@pytest.mark.parametrize("state", State)
def test_final_is_final(state: State) -> None:
    """Out of a final state nothing leads; out of every other a way leads to an end."""
    if state.is_final:
        assert reachable(state) == {state}
    else:
        assert {State.CLOSED, State.FAILED} <= reachable(state)
        assert step(state, Event.CRASHED).state is State.FAILED


@pytest.mark.parametrize("state", State)
def test_an_illegal_event_raises_and_changes_nothing(state: State) -> None:
    """What the table does not hold is refused, by state and event."""
    legal = {event for origin, event in TABLE if origin is state}
    for event in set(Event) - legal:
        with pytest.raises(IllegalEvent) as caught:
            step(state, event)
        assert (caught.value.state, caught.value.event) == (state, event)
        assert str(caught.value) == f"event {event} is illegal in state {state}"


def test_the_table_cannot_be_changed() -> None:
    """The shared table is read-only."""
    with pytest.raises(TypeError):
        TABLE[State.IDLE, Event.START] = Transition(State.LIVE)  # type: ignore[index]  # the test


def test_predicates() -> None:
    """Which states are live, down, final and take messages."""
    assert [state for state in State if state.is_live] == [State.LIVE, State.PROBING]
    assert [state for state in State if state.is_down] == [
        State.WAITING,
        State.RECONNECTING,
        State.RESETTLING,
    ]
    assert [state for state in State if state.is_final] == [State.CLOSED, State.FAILED]
    assert [state for state in State if state.can_send] == [
        State.SETTLING,
        State.LIVE,
        State.PROBING,
        State.RESETTLING,
    ]


def test_a_failing_link_is_aborted_and_only_a_wish_closes_politely() -> None:
    """No failure path waits for a close handshake."""
    closing = {event for (_, event), then in TABLE.items() if Action.CLOSE_LINK in then.actions}
    assert closing == {Event.CLOSE}


def test_the_outcome_is_told_before_the_new_link_is_live() -> None:
    """`Recovered` comes before whoever waits for the client to be live, and before its messages."""
    for transition in TABLE.values():
        if Action.CONCLUDE_RECOVERED in transition.actions:
            assert transition.actions[-2:] == (Action.CONCLUDE_RECOVERED, Action.GO_LIVE)


def test_a_finish_is_the_last_action() -> None:
    """When the end is told everything has been cleaned up."""
    for transition in TABLE.values():
        finishes = [action for action in transition.actions if action.startswith("finish-")]
        assert len(finishes) <= 1
        if finishes:
            assert transition.state.is_final
            assert transition.actions[-1] is finishes[0]


def test_the_diagram_shows_the_table() -> None:
    """Every transition that does something has its arrow, and every state its place."""
    drawn = diagram()
    assert drawn.startswith("stateDiagram-v2\n    [*] --> idle\n")
    assert "    live --> probing: silent\n" in drawn
    assert "    connecting --> failed: open-failed-fatal, crashed\n" in drawn
    assert drawn.endswith("    closed --> [*]\n    failed --> [*]\n")
    for (state, event), transition in TABLE.items():
        arrow = next(
            (
                line
                for line in drawn.splitlines()
                if line.startswith(f"    {state} --> {transition.state}: ")
            ),
            "",
        )
        assert (event in arrow.partition(": ")[2].split(", ")) == bool(transition.actions)


# ---------------------------------------------------------------- stories


def play(*events: Event) -> tuple[State, list[Action]]:
    """The state and all actions after these events."""
    state, actions = State.IDLE, list[Action]()
    for event in events:
        transition = step(state, event)
        state = transition.state
        actions += transition.actions
    return state, actions


E, A = Event, Action


@pytest.mark.parametrize(
    ("events", "state", "actions"),
    [
        pytest.param(
            [E.START, E.OPENED, E.LINK_ENDED_RETRYABLE, E.BACKOFF_OVER, E.OPENED],
            State.LIVE,
            [
                *(A.DIAL, A.GO_LIVE),
                *(A.ABORT_LINK, A.BEGIN_INTERRUPTION, A.WAIT_BACKOFF),
                *(A.DIAL, A.CONCLUDE_RECOVERED, A.GO_LIVE),
            ],
            id="a cut, and back",
        ),
        pytest.param(
            [E.START, E.OPEN_FAILED_FATAL],
            State.FAILED,
            [A.DIAL, A.FINISH_FAILED],
            id="a typo in the address is no interruption",
        ),
        pytest.param(
            [
                *(E.START, E.OPEN_FAILED_RETRYABLE),
                *(E.BACKOFF_OVER, E.OPEN_FAILED_RETRYABLE),
                *(E.BACKOFF_OVER, E.OPENED),
            ],
            State.LIVE,
            [
                *(A.DIAL, A.BEGIN_INTERRUPTION, A.WAIT_BACKOFF),
                *(A.DIAL, A.WAIT_BACKOFF),
                *(A.DIAL, A.CONCLUDE_RECOVERED, A.GO_LIVE),
            ],
            id="one interruption spans all attempts before the first success",
        ),
        pytest.param(
            [E.START, E.OPEN_FAILED_RETRYABLE, E.BUDGET_SPENT],
            State.FAILED,
            [A.DIAL, A.BEGIN_INTERRUPTION, A.WAIT_BACKOFF, A.CONCLUDE_GAVE_UP, A.FINISH_FAILED],
            id="one attempt allowed",
        ),
        pytest.param(
            [E.START, E.OPENED_TO_SUBSCRIBE, E.SETTLED, E.SILENT, E.CANARY_DATA],
            State.LIVE,
            [
                *(A.DIAL, A.SUBSCRIBE, A.GO_LIVE, A.DIAL_CANARY),
                *(A.ABORT_LINK, A.BEGIN_INTERRUPTION, A.PROMOTE_CANARY),
                *(A.CONCLUDE_RECOVERED, A.GO_LIVE),
            ],
            id="a deaf link is replaced by the canary",
        ),
        pytest.param(
            [E.START, E.OPENED, E.SILENT, E.CANARY_QUIET],
            State.LIVE,
            [A.DIAL, A.GO_LIVE, A.DIAL_CANARY, A.DROP_CANARY, A.TELL_QUIET],
            id="a quiet feed is left alone",
        ),
        pytest.param(
            [E.START, E.OPENED, E.SILENT, E.CANARY_FAILED],
            State.LIVE,
            [A.DIAL, A.GO_LIVE, A.DIAL_CANARY, A.DROP_CANARY, A.TELL_UNDECIDED],
            id="a canary that cannot tell changes nothing",
        ),
        pytest.param(
            [
                *(E.START, E.OPENED_TO_SUBSCRIBE, E.SETTLED, E.LINK_ENDED_RETRYABLE),
                *(E.BACKOFF_OVER, E.OPENED_TO_SUBSCRIBE, E.SILENT),
            ],
            State.WAITING,
            [
                *(A.DIAL, A.SUBSCRIBE, A.GO_LIVE),
                *(A.ABORT_LINK, A.BEGIN_INTERRUPTION, A.WAIT_BACKOFF),
                *(A.DIAL, A.SUBSCRIBE, A.ABORT_LINK, A.WAIT_BACKOFF),
            ],
            id="reconnected but deaf is still the same interruption",
        ),
        pytest.param(
            [E.START, E.OPENED, E.LINK_ENDED_NORMAL],
            State.CLOSED,
            [A.DIAL, A.GO_LIVE, A.ABORT_LINK, A.FINISH_ENDED],
            id="retry=None and a normal close",
        ),
        pytest.param(
            [E.START, E.OPENED, E.LINK_ENDED_FATAL],
            State.FAILED,
            [
                *(A.DIAL, A.GO_LIVE, A.ABORT_LINK, A.BEGIN_INTERRUPTION),
                *(A.CONCLUDE_GAVE_UP, A.FINISH_FAILED),
            ],
            id="retry=None and any other end",
        ),
        pytest.param(
            [E.START, E.OPENED, E.CLOSE, E.LINK_ENDED_RETRYABLE, E.CLOSE, E.CLOSE_DONE],
            State.CLOSED,
            [A.DIAL, A.GO_LIVE, A.CLOSE_LINK, A.FINISH_CLOSED],
            id="closing twice while the link ends by itself",
        ),
    ],
)
def test_stories(events: list[Event], state: State, actions: list[Action]) -> None:
    """What a client does in the cases that matter most, action by action."""
    assert play(*events) == (state, actions)
