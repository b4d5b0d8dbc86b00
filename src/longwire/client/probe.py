"""The canary: a second link with the same subscriptions, to tell a quiet feed from a deaf link.

What proves that the old link is deaf? Not that the canary hears something: a greeting, an
acknowledgement and a snapshot come on every new link, on that of a quiet feed, too. And not that it
hears news first: the old link's copy may be a moment behind. So the canary must hear data that is
later than its own opening, and the old link must go on hearing none for a moment after that.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from longwire.client.opener import open_link
from longwire.core.lifecycle import Event
from longwire.errors import LongwireError
from longwire.link.inbox import Inbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from longwire.client.carriage import Carriage
    from longwire.client.settings import Settings
    from longwire.client.watch import Watch
    from longwire.link.base import Closure

OPENING = 5.0
"""Seconds from its first data on in which what a canary hears may be what every new link hears; at
most half of `Heartbeat.silence`. Feeds send a snapshot in a second or two."""

DELAY = 1.0
"""Seconds that the old link's copy of the same data may be behind; at most a quarter of
`Heartbeat.silence`."""


class Probe:
    """One canary. It tells exactly one verdict, unless it is stopped before.

    Args:
        settings: The client's settings.
        carriage: Where links live.
        turn: Which URL to use.
        tell: Called with the probe and ``CANARY_DATA``, ``CANARY_QUIET`` or ``CANARY_FAILED``.
    """

    def __init__(
        self,
        settings: Settings,
        carriage: Carriage,
        turn: int,
        *,
        tell: Callable[[Probe, Event], None],
    ) -> None:
        self._settings = settings
        self._carriage = carriage
        self._turn = turn
        self._tell = tell
        self._told = False
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._past_opening = False
        self._heard = False
        self.watch: Watch | None = None
        self.verdict: Literal["data", "silent", "failed"] | None = None

    async def run(self) -> None:
        """Open the link; what follows is told by its callbacks."""
        self._task = asyncio.current_task()
        inbox = Inbox(self._settings.inbox.messages, self._settings.inbox.bytes)
        try:
            await open_link(self._settings, self._carriage, self._turn, inbox=inbox, listener=self)
        except LongwireError:
            self._say("failed", Event.CANARY_FAILED)
        finally:
            self._task = None

    def _say(self, verdict: Literal["data", "silent", "failed"], event: Event) -> None:
        self._unset()
        if not self._told:
            self._told = True
            self.verdict = verdict
            self._tell(self, event)

    def stop(self) -> None:
        """Let go of it: no verdict any more, no link left."""
        self._told = True
        self._unset()
        if self._task is not None:
            self._task.cancel()
        if self.watch is not None and self.watch.link.closure is None:
            self.watch.link.abort()

    def link_opened(self, watch: Watch) -> None:
        """Ask for the same as the old link."""
        self.watch = watch
        if self._told:
            watch.link.abort()
        elif watch.link.closure is None:
            watch.subscribe()

    def link_spoke(self, watch: Watch) -> None:
        """Data: at first that of its opening, then news."""
        if self._past_opening:
            self._heard_enough(watch)
        else:
            self._set(watch, min(OPENING, self._settings.silence / 2), self._end_opening)

    def link_paused(self, watch: Watch) -> None:
        """Its inbox is full: it will hear no more, and that is data enough."""
        self._heard_enough(watch)

    def link_silent(self, watch: Watch) -> None:
        """No news, for as long as on the old link."""
        self._say("silent", Event.CANARY_QUIET)

    def link_ended(self, watch: Watch, closure: Closure) -> None:
        """It ended before it could tell."""
        # Not in the middle of a read, or of the dial.
        watch.link.loop.call_soon(self._say, "failed", Event.CANARY_FAILED)

    def link_writable(self, watch: Watch) -> None:
        """Nothing is sent on it but subscriptions."""

    def _end_opening(self, watch: Watch) -> None:
        self._past_opening = True
        watch.listen_again()

    def _heard_enough(self, watch: Watch) -> None:
        if not self._heard:
            self._heard = True
            self._set(watch, min(DELAY, self._settings.silence / 4), self._find_deaf)

    def _find_deaf(self, watch: Watch) -> None:
        """The old link has had its time, or this would have been stopped."""
        if watch.link.closure is None:
            self._say("data", Event.CANARY_DATA)

    def _set(self, watch: Watch, seconds: float, then: Callable[[Watch], None]) -> None:
        """What is to come next, unless something comes in between."""
        self._unset()
        self._timer = watch.link.loop.call_later(seconds, then, watch)

    def _unset(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
