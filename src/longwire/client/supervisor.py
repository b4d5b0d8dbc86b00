"""Keeps a client receiving: runs `longwire.core.lifecycle` on real links."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, Any

from longwire.client.backoff import Backoff
from longwire.client.chronicle import Chronicle
from longwire.client.consumer import where_is
from longwire.client.opener import open_link
from longwire.client.outbox import Outbox, closed_error
from longwire.client.policy import make_inbox
from longwire.client.postmortem import History, last_sign, of_link, of_opening, waited_for
from longwire.client.probe import Probe
from longwire.client.surroundings import Surroundings
from longwire.client.vetting import Vetting
from longwire.client.waiters import Waiters
from longwire.core.lifecycle import Action, Event, State, step
from longwire.errors import (
    GaveUp,
    InboxFull,
    LongwireError,
    NotConnected,
    SubscriptionRefused,
    fresh,
)
from longwire.link.closing import write_close

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from longwire.client.carriage import Carriage
    from longwire.client.postmortem import Circumstances
    from longwire.client.settings import Settings
    from longwire.client.watch import Watch
    from longwire.core.causes import End, Evidence, Interruption, Outcome
    from longwire.link.base import Closure
    from longwire.link.inbox import Inbox
    from longwire.observe.alerts import AlertKind

SLOW = 5.0
"""Seconds of back-off from which a client says that it slows down."""


class Supervisor:
    """The engine of one client. What the user's side may call says so; the rest runs on one loop.

    Links call back when they open, speak, fall silent and end; each call is an event for the state
    machine, and each of the machine's actions is a method here.

    Args:
        settings: What the client was asked for.
        carriage: Where its links live.
    """

    def __init__(self, settings: Settings, carriage: Carriage) -> None:
        self._settings = settings
        self._carriage = carriage
        self.where = str(settings.addresses[0])
        self.state = State.IDLE
        self.inbox = self._new_inbox()
        self.vetting: Vetting | None = None
        if settings.sequence is not None:
            self.vetting = self.inbox.vet = Vetting(
                settings.sequence, self.inbox, on_trouble=self._on_number_trouble
            )
        self.outbox = Outbox(
            settings.outbox,
            user_loop=carriage.user_loop,
            call_writer=carriage.call_soon,
            same_loop=not carriage.isolated,
            where=self.where,
        )
        self.waiters = Waiters(carriage)
        self.chronicle = Chronicle(self.where, mark=self.inbox.mark, tell=self._tell)
        self.inbox.on_asked = self.chronicle.spin.asked
        self.surroundings = Surroundings(carriage, self.chronicle, self.inbox, self._orphaned)
        self.opened = 0
        self.watch: Watch | None = None
        self._links: set[Watch] = set()
        self._working: set[asyncio.Task[None]] = set()
        self._history = History()
        self._events: list[Event] = []
        self._handling = False
        self._dialling: asyncio.Task[None] | None = None
        self._probe: Probe | None = None
        self._closing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._settle_by: asyncio.TimerHandle | None = None
        self._over = asyncio.Event()
        self._turn = 0
        self._waits = Backoff(settings.retry)
        self._close_with = (1000, "")
        self._problem: LongwireError | None = None
        self._final: LongwireError | None = None
        self._ended: Closure | None = None
        self._evidence: Evidence | None = None
        self._actions: dict[Action, Callable[[], None]] = {
            Action.DIAL: self._dial,
            Action.CANCEL_DIAL: self._cancel_dial,
            Action.SUBSCRIBE: self._subscribe,
            Action.GO_LIVE: self._go_live,
            Action.ABORT_LINK: self._abort_link,
            Action.CLOSE_LINK: self._close_link,
            Action.DIAL_CANARY: self._dial_canary,
            Action.PROMOTE_CANARY: self._promote_canary,
            Action.DROP_CANARY: self._drop_canary,
            Action.TELL_QUIET: self._tell_quiet,
            Action.TELL_UNDECIDED: self._tell_undecided,
            Action.BEGIN_INTERRUPTION: self._begin_interruption,
            Action.CONCLUDE_RECOVERED: lambda: self._conclude("recovered"),
            Action.CONCLUDE_GAVE_UP: lambda: self._conclude("gave-up"),
            Action.CONCLUDE_CLOSED: lambda: self._conclude("closed"),
            Action.WAIT_BACKOFF: self._wait_backoff,
            Action.CANCEL_BACKOFF: self._cancel_backoff,
            Action.FINISH_CLOSED: lambda: self._finish(self._closed, quiet=True),
            Action.FINISH_ENDED: lambda: self._finish(self._closed, quiet=True),
            Action.FINISH_FAILED: lambda: self._finish(self._failure, quiet=False),
        }

    def _new_inbox(self) -> Inbox:
        inbox = make_inbox(
            self._settings.inbox,
            on_trouble=self._on_key_trouble,
            where=self.where,
            stream=self._settings.link.stream,
        )
        inbox.on_near_limit = self._on_near_limit
        return inbox

    # -- for the user's side, from any thread --------------------------------------------------

    def close(self, code: int, reason: str) -> None:
        """Begin the end that the user wants. Raises ValueError for what cannot be sent."""
        write_close(code, reason)
        self.outbox.refuse(self._closed)

        def begin() -> None:
            if not self.state.is_final and self.state is not State.CLOSING:
                self._close_with = (code, reason)
            self.post(Event.CLOSE)

        self._carriage.call_soon(begin)

    def abort(self) -> None:
        """End the closing link at once."""

        def cut() -> None:
            if self.watch is not None:
                self.watch.link.abort()

        self._carriage.call_soon(cut)

    async def ping(self, payload: bytes | str | None = None) -> float:
        """Round-trip time on the present link."""
        self.check()
        if self.watch is None:
            raise NotConnected("there is no link to ping on", where=self.where)
        return await self.watch.link.ping(payload)

    def check(self) -> None:
        """Raise the client's error if it has ended."""
        if self._over.is_set():
            raise self._failure() if self.state is State.FAILED else self._closed()

    def loop_lag(self) -> float:
        """How late the user's loop is now, in seconds."""
        return self.surroundings.loop_lag()

    # -- the machine ---------------------------------------------------------------------------

    async def run(self) -> None:
        """The client's life on the links' loop, from its start to its end, nothing left behind."""
        self._loop = asyncio.get_running_loop()
        self.surroundings.start()
        self._begun = self._loop.time()
        self._waits.begin(self._begun)
        try:
            async with asyncio.TaskGroup() as self._tasks:
                if self.state is State.IDLE:
                    self.post(Event.START)
                if not self.state.is_final:
                    await self._over.wait()
                self._cancel_tasks()
        except* Exception as errors:  # noqa: BLE001 - a bug of ours: the user gets it
            self._crash(errors.exceptions[0], "a task of the client failed unexpectedly")
        finally:
            if not self._over.is_set():
                self._cut_off()
            await self._clean()

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = self._tasks.create_task(work, name=name)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return task

    def owns(self, task: asyncio.Task[Any] | None) -> bool:
        """Whether the client's end waits for this task, which therefore cannot wait for it.

        A user's function of an inline client runs in such a task, and may close the client.
        """
        return task in self._working

    def post(self, event: Event) -> None:
        """Handle an event, after those that are being handled."""
        self._events.append(event)
        if self._handling:
            return
        self._handling = True
        try:
            while self._events:
                self._handle(self._events.pop(0))
        finally:
            self._handling = False

    def _handle(self, event: Event) -> None:
        transition = step(self.state, event)
        self.state = transition.state
        for action in transition.actions:
            try:
                self._actions[action]()
            except Exception as error:
                if event is Event.CRASHED:
                    raise
                self._crash(error, f"{action.value} failed")
                return

    def _crash(self, error: BaseException, what: str) -> None:
        """Something raised where nothing should: the user gets it, with its traceback."""
        problem = LongwireError(
            # Its text may be of the user's own code, and hold a secret.
            f"{what}: {type(error).__name__}",
            where=self.where,
            hint="read __cause__: if one of your functions is in its traceback, mend it; else "
            "please report this",
        )
        problem.__cause__ = error
        self._problem = problem
        if self._evidence is None:
            self._evidence = of_opening(problem, self._around(), self._history)
        if not self.state.is_final:
            self.post(Event.CRASHED)
        elif not self._over.is_set():
            # In the middle of the last transition: the rest of it is still due.
            self._conclude("gave-up")
            self._finish(self._failure, quiet=False)

    # -- opening -------------------------------------------------------------------------------

    def _dial(self) -> None:
        self.chronicle.attempt_begins()
        self._dialling = self._start(self._attempt(), "longwire dial")

    async def _attempt(self) -> None:
        self._turn += 1
        try:
            await open_link(
                self._settings, self._carriage, self._turn - 1, inbox=self.inbox, listener=self
            )
        except LongwireError as error:
            self._open_failed(error)
        except Exception as error:  # noqa: BLE001 - a bug of ours: the user gets it
            self._crash(error, "opening a link failed unexpectedly")
        finally:
            self._dialling = None

    def _open_failed(self, error: LongwireError) -> None:
        if self.state not in {State.CONNECTING, State.RECONNECTING}:
            return
        self._problem = error
        self._waits.failed()
        self._evidence = of_opening(error, self._around(), self._history)
        self._ended = None
        self.chronicle.attempt_failed(error, self._evidence, at=self._loop.time())
        self._judge(error, Event.OPEN_FAILED_RETRYABLE, Event.OPEN_FAILED_FATAL)

    def _judge(self, error: LongwireError, retryable: Event, fatal: Event) -> None:
        """Ask the user's options whether to try again, and go on as they say."""
        try:
            # An inbox that its policy has ended takes nothing from another link either.
            allowed = not self.inbox.ended and self._waits.allows(error)
        except Exception as failure:  # noqa: BLE001 - the user's function failed: the user gets it
            self._crash(failure, "Retry.retryable failed")
            return
        if not allowed:
            self._final = error
        self.post(retryable if allowed else fatal)

    def _cancel_dial(self) -> None:
        if self._dialling is not None:
            self._dialling.cancel()
            self._dialling = None

    # -- what links tell -----------------------------------------------------------------------

    def link_opened(self, watch: Watch) -> None:
        """See `Listener`."""
        self._keep(watch)
        if self.state not in {State.CONNECTING, State.RECONNECTING}:
            watch.link.abort()
            return
        self.watch = watch
        self.opened += 1
        self._waits.opened()
        self.post(Event.OPENED_TO_SUBSCRIBE if watch.subscriptions else Event.OPENED)

    def _keep(self, watch: Watch) -> None:
        """Remember a link until its socket is closed."""
        self._links = {each for each in self._links if not each.link.gone}
        self._links.add(watch)

    def link_spoke(self, watch: Watch) -> None:
        """See `Listener`."""
        if watch is not self.watch:
            return
        if self.state in {State.SETTLING, State.RESETTLING}:
            self.post(Event.SETTLED)
        elif self.state is State.PROBING:
            self.post(Event.DATA_RESUMED)

    def link_silent(self, watch: Watch) -> None:
        """See `Listener`."""
        if watch is not self.watch:
            return
        if self.state in {State.SETTLING, State.RESETTLING}:
            watch.condemn("settle-timeout")
        elif self.state is State.LIVE and self._settings.retry is None:
            watch.condemn("silence")
        elif self.state is State.LIVE:
            self.post(Event.SILENT)

    def link_paused(self, watch: Watch) -> None:
        """See `Listener`."""
        self.chronicle.alert_slow(
            "reading-paused",
            f"the inbox is full ({self.inbox.queued()} messages): reading is paused until half of "
            "them have been taken; pings cannot be answered meanwhile",
            where_is(self.inbox),
        )

    def link_writable(self, watch: Watch) -> None:
        """See `Listener`."""
        if watch is self.watch:
            self.outbox.drain()

    def link_ended(self, watch: Watch, closure: Closure) -> None:
        """See `Listener`."""
        if watch is not self.watch:
            return
        self.outbox.detach()
        self._problem = watch.problem(closure)
        evidence = self._note_end(closure, watch.end)
        if self.state in {State.SETTLING, State.RESETTLING}:
            self.chronicle.attempt_failed(self._problem, evidence, at=self._loop.time())
        if watch.refusal is not None:
            self._tell_refused(watch.refusal)
        if self._settings.retry is None and closure.normal:
            self.post(Event.LINK_ENDED_NORMAL)
        else:
            self._judge(self._problem, Event.LINK_ENDED_RETRYABLE, Event.LINK_ENDED_FATAL)

    def _note_end(self, closure: Closure, end: End | None) -> Evidence:
        """Keep the evidence of a link's end."""
        around = self._around(age=self._loop.time() - closure.opened)
        self._evidence = of_link(closure, around, self._history, end)
        self._history.note(closure)
        self._waits.failed(closure.ended)
        self._ended = closure
        return self._evidence

    def _around(self, *, age: float = math.inf) -> Circumstances:
        queued = self.inbox.queued()
        return self.surroundings.circumstances(
            self._settings,
            queued=queued,
            consumer=where_is(self.inbox) if queued else None,
            subscriptions=0 if self.watch is None else len(self.watch.subscriptions),
            canary=None if self._probe is None else self._probe.verdict,
            age=age,
        )

    def _tell_refused(self, refusal: SubscriptionRefused) -> None:
        self.chronicle.alert(
            "subscription-refused",
            f"{refusal.what}: {refusal.hint}",
            at=self._loop.time(),
            cause="subscription-not-confirmed",
        )

    def _on_near_limit(self) -> None:
        self.chronicle.alert_slow(
            "inbox-near-limit",
            f"{self.inbox.queued()} messages ({self.inbox.queued_bytes()} bytes) wait; at "
            f"{self.inbox.max_messages} messages or {self.inbox.max_bytes} bytes the policy "
            f"{self._settings.inbox.when_full!r} begins: receive faster, or in batches",
            where_is(self.inbox),
        )

    def _on_number_trouble(self, kind: AlertKind, text: str) -> None:
        self.chronicle.alert(kind, text, at=time.monotonic(), cause="sequence-gap")

    def _on_key_trouble(self, text: str) -> None:
        self.chronicle.alert("inbox-key", text, at=self._loop.time(), cause="slow-handler-inline")

    # -- actions on the link -------------------------------------------------------------------

    def _subscribe(self) -> None:
        if self.watch is not None and self.watch.link.closure is None:
            self.watch.subscribe()
            self.outbox.attach(self.watch.link)
            left = self._waits.left(self._loop.time())
            if left is not None:
                self._settle_by = self._loop.call_later(left, self._settle_too_late)

    def _settle_too_late(self) -> None:
        """The link brings no data, and ``Retry.give_up_after`` is over."""
        self._settle_by = None
        if self.watch is not None and self.state in {State.SETTLING, State.RESETTLING}:
            self.watch.condemn("settle-timeout")

    def _no_settling(self) -> None:
        """It is over, one way or the other."""
        if self._settle_by is not None:
            self._settle_by.cancel()
            self._settle_by = None

    def _go_live(self) -> None:
        self._no_settling()
        if self.watch is None:
            return
        if not self._waits.been_live and self.chronicle.count == 0:
            self.chronicle.live()
        self._waits.live(self._loop.time())
        if self.watch.link.closure is None:
            if self.watch.link.inbox is not self.inbox:
                self.watch.link.hand_over_to(self.inbox)
            self.outbox.attach(self.watch.link)
        self.waiters.live()

    def _abort_link(self) -> None:
        """Let go of the current link; it is no longer heard of."""
        self._no_settling()
        watch, self.watch = self.watch, None
        if watch is None:
            return
        self.outbox.detach()
        self.waiters.down()
        if watch.link.closure is None:
            # Only a silent link ends this way while it lives, and a crash.
            end: End = "local-error" if self._probe is None else "silence"
            self._note_end(watch.condemn(end), end)

    def _close_link(self) -> None:
        self._closing = self._start(self._close_politely(), "longwire close")

    async def _close_politely(self) -> None:
        """Write what was accepted, then close; each within the close time limit."""
        if self.watch is not None:
            link = self.watch.link
            try:
                async with asyncio.timeout(self._settings.link.close_timeout):
                    self.outbox.drain()
                    while self.outbox.queued and link.closure is None:
                        if link.writable and not link.overdue:
                            break  # It is closing, and takes no more.
                        await link.wait_writable()
                        self.outbox.drain()
            except TimeoutError:
                # The peer reads nothing; `Outbox.end` says how much was not sent.
                link.abort()
            await link.close(*self._close_with)
        if self.state is State.CLOSING:
            self.post(Event.CLOSE_DONE)

    # -- the canary ----------------------------------------------------------------------------

    def _dial_canary(self) -> None:
        if self.watch is not None:
            self.watch.listen_again()
        self._turn += 1
        self._probe = Probe(self._settings, self._carriage, self._turn - 1, tell=self._probe_said)
        _ = self._start(self._probe.run(), "longwire canary")

    def _probe_said(self, probe: Probe, event: Event) -> None:
        if probe is self._probe and self.state is State.PROBING:
            self.post(event)

    def _promote_canary(self) -> None:
        probe, self._probe = self._probe, None
        if probe is not None:
            self.watch = probe.watch
            if self.watch is not None:
                self.watch.adopt(self)
                self._keep(self.watch)
                self.opened += 1

    def _drop_canary(self) -> None:
        probe, self._probe = self._probe, None
        if probe is not None:
            probe.stop()
            if probe.watch is not None:
                self._keep(probe.watch)

    def _tell_quiet(self) -> None:
        self.chronicle.alert(
            "quiet-feed",
            f"no data for {self._settings.silence:g} s, and a second link with the same "
            "subscriptions hears no news either: the feed is quiet, the link stays",
            at=self._loop.time(),
            cause="upstream-feed-dead",
        )

    def _tell_undecided(self) -> None:
        self.chronicle.alert(
            "quiet-feed",
            f"no data for {self._settings.silence:g} s, and a second link could not be opened "
            "to find out whether the feed is quiet; it will be tried again",
            at=self._loop.time(),
            cause="zombie-stream",
        )

    # -- the interruption ----------------------------------------------------------------------

    def _begin_interruption(self) -> None:
        if self._evidence is None:
            return
        now = self._loop.time()
        started = self._begun if self._ended is None else last_sign(self._ended)
        self.waiters.down()
        self.chronicle.begin(
            self._evidence,
            started=started,
            noticed=now,
            closure=self._ended,
            attempts=1 if self._ended is None else 0,
        )

    def _conclude(self, outcome: Outcome) -> None:
        self.chronicle.end(outcome, ended=self._loop.time())

    def _tell(self, interruption: Interruption) -> None:
        function = self._settings.on_interruption
        if function is not None:
            self._carriage.tell_user(lambda: function(interruption))

    def _wait_backoff(self) -> None:
        pending = self.chronicle.pending
        waited = 0.0 if self._ended is None else waited_for(self._ended)
        wait, over = self._waits.next_wait(self._problem, self._loop.time(), waited=waited)
        if wait >= SLOW and pending is not None:
            self.chronicle.alert(
                "slowing-down",
                f"attempt {pending.attempts + 1} follows in {wait:.1f} s: {self._problem}",
                at=self._loop.time(),
                cause=pending.cause.id,
            )
        self._timer = self._loop.call_later(wait, self._backoff_over, over)

    def _backoff_over(self, over: Event) -> None:
        self._timer = None
        self.post(over)

    def _cancel_backoff(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- the end -------------------------------------------------------------------------------

    def _closed(self) -> LongwireError:
        return closed_error(self.where)

    def _failure(self) -> LongwireError:
        """What the user gets: the bare error of a first attempt, else `GaveUp`.

        A new one for each who asks: a traceback grows with every time its exception is raised.
        """
        problem = self._problem or self._closed()
        last = self.chronicle.interruptions[-1] if self.chronicle.interruptions else None
        if last is None or last.outcome != "gave-up":
            return fresh(problem)
        if problem is self._final and isinstance(problem, InboxFull | SubscriptionRefused):
            return fresh(problem)
        failures = self._waits.failures
        tried = f"it tried {failures} times in a row, and no link lasted" if failures else ""
        error = GaveUp(last, where=self.where, tried=tried)
        error.__cause__ = problem
        return error

    def _finish(self, error: Callable[[], LongwireError], *, quiet: bool) -> None:
        self.inbox.end(error, quiet=quiet)
        unsent = self.outbox.end(error)
        if unsent:
            self.chronicle.lost_unsent(unsent)
        self.waiters.end(error)
        self._over.set()

    def _orphaned(self) -> None:
        """The user's loop was closed, and the client was not: nobody is left to receive."""
        if not self.state.is_final and self.state is not State.CLOSING:
            self.chronicle.orphaned()
            self._close_with = (1001, "")
            self.post(Event.CLOSE)

    def _cancel_tasks(self) -> None:
        for task in (self._dialling, self._closing):
            if task is not None:
                task.cancel()
        self._drop_canary()

    def _cut_off(self) -> None:
        """The run was cancelled, because its loop ends: there is no time for good order."""
        watch, self.watch = self.watch, None
        if watch is not None:
            self._keep(watch)
        self.state = State.CLOSED
        self._conclude("closed")
        self._finish(self._closed, quiet=True)

    async def _clean(self) -> None:
        """Wait until every socket is closed."""
        self._settings.route.close()
        self._drop_canary()
        self._cancel_backoff()
        self._no_settling()
        if self.watch is not None:
            self._keep(self.watch)
        self.surroundings.stop()
        for watch in self._links:
            if watch.link.closure is None:
                watch.link.abort()
        for watch in self._links:
            await watch.link.wait_gone()
