"""The client's state machine, as a table.

`TABLE` says for each state and event which state follows and which actions are due. The supervisor
holds the state, calls `step` with what happened, and does the actions in order; it decides nothing
itself. An event that a state does not know raises `IllegalEvent` and changes nothing: it is a bug
of the supervisor. The documentation's diagram is drawn from the table (`diagram`).

The rules behind the table:

- A client *has* at most one link, and while probing one canary. Each link it got is given up
  exactly once, by ``ABORT_LINK`` or ``CLOSE_LINK``; failure paths abort, only the user's wish
  closes politely.
- An *interruption* is open from ``BEGIN_INTERRUPTION`` to exactly one ``CONCLUDE_…``. It begins
  when a live client loses its link, or when the first attempt comes to nothing and is tried again.
  Before that there is nothing to interrupt: if the first attempt is fatal the client ends with the
  bare error.
- With subscriptions a link counts as live after the first data that follows them (`SETTLING`), not
  after the handshake. Without any it is live at once.
- Silence does not end a live link, it asks a canary (`PROBING`). The old link still delivers
  meanwhile. If it speaks, or the canary hears no more than what comes with every opening, it stays;
  if the canary goes on hearing data, the old link is deaf and the canary takes its place. A link
  that never settled has delivered nothing worth keeping: silence ends it.
- Whether a failure may be retried is judged outside (`longwire.core.retry.retryable`,
  ``retry=None``) and comes in the event's name. What is left of the back-off's budget is the
  supervisor's sum.
- ``CLOSE`` is legal in every state and leads to `CLOSED` from every state that is not final.

How to drive it: feed events one at a time, from one task. Do each action in order and await it
where it takes time, except the four that start something (`Action.DIAL`, `Action.DIAL_CANARY`,
`Action.WAIT_BACKOFF`, `Action.CLOSE_LINK`): these run on and are answered by an event, each exactly
once. What has been cancelled, aborted or dropped must not be heard of again: an event of a dial,
a link or a timer that is no longer the current one is thrown away by the supervisor.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping


class State(StrEnum):
    """What a client is doing. The values are what users see in ``client.state``."""

    IDLE = "idle"
    """Made, not started."""
    CONNECTING = "connecting"
    """The first attempt is under way; no interruption."""
    SETTLING = "settling"
    """The first link is open and subscribed; no data yet; no interruption."""
    LIVE = "live"
    """Messages arrive, or could."""
    PROBING = "probing"
    """Live, but silent for too long: a canary link is asked whether the feed is just quiet."""
    WAITING = "waiting"
    """Interrupted, and backing off before the next attempt."""
    RECONNECTING = "reconnecting"
    """Interrupted, and an attempt is under way."""
    RESETTLING = "resettling"
    """Interrupted; a new link is open and subscribed; no data yet."""
    CLOSING = "closing"
    """The user wants the end; the close handshake is under way."""
    CLOSED = "closed"
    """Ended as wanted. Final."""
    FAILED = "failed"
    """Ended with an error that the user gets. Final."""

    @property
    def is_live(self) -> bool:
        """Messages can arrive."""
        return self in _LIVE

    @property
    def is_down(self) -> bool:
        """An interruption is open."""
        return self in _DOWN

    @property
    def is_final(self) -> bool:
        """Nothing follows."""
        return self in _FINAL

    @property
    def can_send(self) -> bool:
        """There is a link that takes messages; before its first data too, as some servers wait."""
        return self in _CAN_SEND


_LIVE: Final = frozenset({State.LIVE, State.PROBING})
_DOWN: Final = frozenset({State.WAITING, State.RECONNECTING, State.RESETTLING})
_FINAL: Final = frozenset({State.CLOSED, State.FAILED})
_CAN_SEND: Final = _LIVE | {State.SETTLING, State.RESETTLING}


class Event(StrEnum):
    """What happened."""

    START = "start"
    """The user entered the client."""

    OPENED = "opened"
    """A dial made a link, and there is nothing to subscribe to."""
    OPENED_TO_SUBSCRIBE = "opened-to-subscribe"
    """A dial made a link, and there are subscriptions to send."""
    OPEN_FAILED_RETRYABLE = "open-failed-retryable"
    """A dial failed; it may be tried again."""
    OPEN_FAILED_FATAL = "open-failed-fatal"
    """A dial failed; trying again is not allowed or no use."""

    SETTLED = "settled"
    """The first data after the subscriptions came."""
    LINK_ENDED_RETRYABLE = "link-ended-retryable"
    """The link ended, or was condemned (heartbeat, refused subscription); it may be tried again."""
    LINK_ENDED_FATAL = "link-ended-fatal"
    """The same, but trying again is not allowed or no use; or the inbox is full with ``"fail"``."""
    LINK_ENDED_NORMAL = "link-ended-normal"
    """The link was closed with 1000 or 1001 and ``retry`` is None: the feed is over."""

    SILENT = "silent"
    """No data for `Heartbeat.silence`, although the link answers. With ``retry=None`` there is no
    other link to ask or to go to: say ``LINK_ENDED_FATAL`` then."""
    DATA_RESUMED = "data-resumed"
    """The silent link spoke again while the canary was asked."""
    CANARY_DATA = "canary-data"
    """The canary hears data beyond its opening, and the old link none: it is deaf."""
    CANARY_QUIET = "canary-quiet"
    """The canary heard no news either, for as long as the old link: the feed is quiet."""
    CANARY_FAILED = "canary-failed"
    """The canary could not be opened, or ended before it could tell."""

    BACKOFF_OVER = "backoff-over"
    """The wait before the next attempt is over."""
    BUDGET_SPENT = "budget-spent"
    """Attempts or time of `Retry` are used up."""

    CLOSE = "close"
    """The user wants the end."""
    CLOSE_DONE = "close-done"
    """The closing link has ended, in good order or not."""
    CRASHED = "crashed"
    """Something of ours, or a function the user gave us, raised where nothing should."""


class Action(StrEnum):
    """What the supervisor does, in the order given."""

    DIAL = "dial"
    """Start opening a link. Answered by ``OPENED``, ``OPENED_TO_SUBSCRIBE`` or ``OPEN_FAILED_…``,
    unless ``CANCEL_DIAL`` comes first."""
    CANCEL_DIAL = "cancel-dial"
    """Cancel the dial and await its end. If it came through meanwhile, abort what it made."""
    SUBSCRIBE = "subscribe"
    """Send all subscriptions on the new link. Answered by ``SETTLED`` or ``LINK_ENDED_…``."""
    GO_LIVE = "go-live"
    """Tell who waits for it that the client is live; from here on the link's age counts."""

    ABORT_LINK = "abort-link"
    """Let go of the current link: abort it unless it has ended, and take its closure. What it had
    received is handed over all the same."""
    CLOSE_LINK = "close-link"
    """Start the close handshake. Answered by ``CLOSE_DONE`` within the close time limit."""

    DIAL_CANARY = "dial-canary"
    """Start opening a second link with the same subscriptions, and watch it for data and the old
    link too. Answered by ``CANARY_…`` or ``DATA_RESUMED``, unless ``DROP_CANARY`` comes first."""
    PROMOTE_CANARY = "promote-canary"
    """The canary becomes the current link; what it heard is handed over."""
    DROP_CANARY = "drop-canary"
    """Let go of the canary: cancel its dial, or abort its link, and discard what it heard."""
    TELL_QUIET = "tell-quiet"
    """Say (alert, log) that the feed is quiet, not deaf."""
    TELL_UNDECIDED = "tell-undecided"
    """Say that the canary could not decide; it is asked again after the next silence."""

    BEGIN_INTERRUPTION = "begin-interruption"
    """Record the interruption: cause, evidence, and the event to the user."""
    CONCLUDE_RECOVERED = "conclude-recovered"
    """Its outcome is ``recovered``. Told before any message of the new link."""
    CONCLUDE_GAVE_UP = "conclude-gave-up"
    """Its outcome is ``gave-up``."""
    CONCLUDE_CLOSED = "conclude-closed"
    """Its outcome is ``closed``."""

    WAIT_BACKOFF = "wait-backoff"
    """Start the timer. Answered by ``BACKOFF_OVER`` or ``BUDGET_SPENT`` (also at once, if no budget
    is left; and in its stead, if the budget ends before the wait), unless ``CANCEL_BACKOFF`` comes
    first."""
    CANCEL_BACKOFF = "cancel-backoff"
    """Stop the timer."""

    FINISH_CLOSED = "finish-closed"
    """The end the user wanted: hand over what is left; then the iteration ends."""
    FINISH_ENDED = "finish-ended"
    """The feed is over: hand over what is left; then the iteration ends quietly."""
    FINISH_FAILED = "finish-failed"
    """The end with an error: hand over what is left; then raise the error that led here, or
    `GaveUp` with the interruption where the client gave up on one."""


class Transition(msgspec.Struct, frozen=True):
    """What follows an event."""

    state: State
    actions: tuple[Action, ...] = ()


class IllegalEvent(RuntimeError):
    """An event that its state does not know: a bug in longwire itself. Nothing was changed."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"event {event} is illegal in state {state}")
        self.state = state
        self.event = event


def step(state: State, event: Event) -> Transition:
    """What follows when ``event`` happens in ``state``.

    Raises:
        IllegalEvent: this cannot happen in this state.
    """
    transition = TABLE.get((state, event))
    if transition is None:
        raise IllegalEvent(state, event)
    return transition


# ---------------------------------------------------------------- the table

_S, _E, _A = State, Event, Action

_INTERRUPTED: Final = (_A.ABORT_LINK, _A.BEGIN_INTERRUPTION, _A.WAIT_BACKOFF)
_BROKEN_OFF: Final = (
    _A.ABORT_LINK,
    _A.BEGIN_INTERRUPTION,
    _A.CONCLUDE_GAVE_UP,
    _A.FINISH_FAILED,
)
_GAVE_UP: Final = (_A.CONCLUDE_GAVE_UP, _A.FINISH_FAILED)
_CLOSED_WHILE_DOWN: Final = (_A.CONCLUDE_CLOSED, _A.FINISH_CLOSED)
_RECOVERED: Final = (_A.CONCLUDE_RECOVERED, _A.GO_LIVE)

_Row = tuple[State, tuple[Action, ...]]

_ROWS: dict[State, dict[Event, _Row]] = {
    State.IDLE: {
        _E.START: (_S.CONNECTING, (_A.DIAL,)),
        _E.CLOSE: (_S.CLOSED, (_A.FINISH_CLOSED,)),
        _E.CRASHED: (_S.FAILED, (_A.FINISH_FAILED,)),
    },
    State.CONNECTING: {
        _E.OPENED: (_S.LIVE, (_A.GO_LIVE,)),
        _E.OPENED_TO_SUBSCRIBE: (_S.SETTLING, (_A.SUBSCRIBE,)),
        _E.OPEN_FAILED_RETRYABLE: (_S.WAITING, (_A.BEGIN_INTERRUPTION, _A.WAIT_BACKOFF)),
        _E.OPEN_FAILED_FATAL: (_S.FAILED, (_A.FINISH_FAILED,)),
        _E.CLOSE: (_S.CLOSED, (_A.CANCEL_DIAL, _A.FINISH_CLOSED)),
        _E.CRASHED: (_S.FAILED, (_A.CANCEL_DIAL, _A.FINISH_FAILED)),
    },
    State.SETTLING: {
        _E.SETTLED: (_S.LIVE, (_A.GO_LIVE,)),
        _E.SILENT: (_S.WAITING, _INTERRUPTED),
        _E.LINK_ENDED_RETRYABLE: (_S.WAITING, _INTERRUPTED),
        _E.LINK_ENDED_FATAL: (_S.FAILED, (_A.ABORT_LINK, _A.FINISH_FAILED)),
        _E.LINK_ENDED_NORMAL: (_S.CLOSED, (_A.ABORT_LINK, _A.FINISH_ENDED)),
        _E.CLOSE: (_S.CLOSING, (_A.CLOSE_LINK,)),
        _E.CRASHED: (_S.FAILED, (_A.ABORT_LINK, _A.FINISH_FAILED)),
    },
    State.LIVE: {
        _E.SILENT: (_S.PROBING, (_A.DIAL_CANARY,)),
        _E.LINK_ENDED_RETRYABLE: (_S.WAITING, _INTERRUPTED),
        _E.LINK_ENDED_FATAL: (_S.FAILED, _BROKEN_OFF),
        _E.LINK_ENDED_NORMAL: (_S.CLOSED, (_A.ABORT_LINK, _A.FINISH_ENDED)),
        _E.CLOSE: (_S.CLOSING, (_A.CLOSE_LINK,)),
        _E.CRASHED: (_S.FAILED, _BROKEN_OFF),
    },
    State.PROBING: {
        _E.SILENT: (_S.PROBING, ()),
        _E.DATA_RESUMED: (_S.LIVE, (_A.DROP_CANARY,)),
        _E.CANARY_QUIET: (_S.LIVE, (_A.DROP_CANARY, _A.TELL_QUIET)),
        _E.CANARY_FAILED: (_S.LIVE, (_A.DROP_CANARY, _A.TELL_UNDECIDED)),
        _E.CANARY_DATA: (
            _S.LIVE,
            (_A.ABORT_LINK, _A.BEGIN_INTERRUPTION, _A.PROMOTE_CANARY, *_RECOVERED),
        ),
        # A canary that has not spoken yet is no better than a fresh attempt, so it goes too.
        _E.LINK_ENDED_RETRYABLE: (_S.WAITING, (_A.DROP_CANARY, *_INTERRUPTED)),
        _E.LINK_ENDED_FATAL: (_S.FAILED, (_A.DROP_CANARY, *_BROKEN_OFF)),
        _E.CLOSE: (_S.CLOSING, (_A.DROP_CANARY, _A.CLOSE_LINK)),
        _E.CRASHED: (_S.FAILED, (_A.DROP_CANARY, *_BROKEN_OFF)),
    },
    State.WAITING: {
        _E.BACKOFF_OVER: (_S.RECONNECTING, (_A.DIAL,)),
        _E.BUDGET_SPENT: (_S.FAILED, _GAVE_UP),
        _E.CLOSE: (_S.CLOSED, (_A.CANCEL_BACKOFF, *_CLOSED_WHILE_DOWN)),
        _E.CRASHED: (_S.FAILED, (_A.CANCEL_BACKOFF, *_GAVE_UP)),
    },
    State.RECONNECTING: {
        _E.OPENED: (_S.LIVE, _RECOVERED),
        _E.OPENED_TO_SUBSCRIBE: (_S.RESETTLING, (_A.SUBSCRIBE,)),
        _E.OPEN_FAILED_RETRYABLE: (_S.WAITING, (_A.WAIT_BACKOFF,)),
        _E.OPEN_FAILED_FATAL: (_S.FAILED, _GAVE_UP),
        _E.CLOSE: (_S.CLOSED, (_A.CANCEL_DIAL, *_CLOSED_WHILE_DOWN)),
        _E.CRASHED: (_S.FAILED, (_A.CANCEL_DIAL, *_GAVE_UP)),
    },
    State.RESETTLING: {
        _E.SETTLED: (_S.LIVE, _RECOVERED),
        _E.SILENT: (_S.WAITING, (_A.ABORT_LINK, _A.WAIT_BACKOFF)),
        _E.LINK_ENDED_RETRYABLE: (_S.WAITING, (_A.ABORT_LINK, _A.WAIT_BACKOFF)),
        _E.LINK_ENDED_FATAL: (_S.FAILED, (_A.ABORT_LINK, *_GAVE_UP)),
        _E.CLOSE: (_S.CLOSING, (_A.CONCLUDE_CLOSED, _A.CLOSE_LINK)),
        _E.CRASHED: (_S.FAILED, (_A.ABORT_LINK, *_GAVE_UP)),
    },
    State.CLOSING: {
        _E.CLOSE_DONE: (_S.CLOSED, (_A.FINISH_CLOSED,)),
        # The link is still read to its end, so it may still tell of data or of that end.
        **dict.fromkeys(
            (
                _E.CLOSE,
                _E.SETTLED,
                _E.SILENT,
                _E.LINK_ENDED_RETRYABLE,
                _E.LINK_ENDED_FATAL,
                _E.LINK_ENDED_NORMAL,
            ),
            (_S.CLOSING, ()),
        ),
        _E.CRASHED: (_S.FAILED, (_A.ABORT_LINK, _A.FINISH_FAILED)),
    },
    State.CLOSED: {_E.CLOSE: (_S.CLOSED, ())},
    State.FAILED: {_E.CLOSE: (_S.FAILED, ())},
}

TABLE: Mapping[tuple[State, Event], Transition] = MappingProxyType(
    {
        (state, event): Transition(follower, actions)
        for state, row in _ROWS.items()
        for event, (follower, actions) in row.items()
    }
)
"""What follows which event in which state. Whatever is not in it is illegal."""


def diagram() -> str:
    """The table as a Mermaid state diagram, for the documentation.

    Events that lead the same way share an arrow; events that change nothing are left out.
    """
    arrows: dict[tuple[State, State], list[Event]] = {}
    for (state, event), transition in TABLE.items():
        if transition.actions:
            arrows.setdefault((state, transition.state), []).append(event)
    lines = ["stateDiagram-v2", f"    [*] --> {State.IDLE}"]
    for (state, follower), events in arrows.items():
        lines.append(f"    {state} --> {follower}: {', '.join(events)}")
    lines += [f"    {state} --> [*]" for state in State if state.is_final]
    return "\n".join(lines) + "\n"
