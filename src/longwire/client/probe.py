"""The canary: a second link with the same subscriptions, to tell a quiet feed from a deaf link."""

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
        if not self._told:
            self._told = True
            self.verdict = verdict
            self._tell(self, event)

    def stop(self) -> None:
        """Let go of it: no verdict any more, no link left."""
        self._told = True
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
        """Data: the feed is not quiet."""
        watch.link.loop.call_soon(self._judge, watch)

    def link_silent(self, watch: Watch) -> None:
        """Nothing, for as long as on the old link."""
        self._say("silent", Event.CANARY_QUIET)

    def link_ended(self, watch: Watch, closure: Closure) -> None:
        """It ended before it could tell."""
        watch.link.loop.call_soon(self._judge, watch)

    def _judge(self, watch: Watch) -> None:
        """Say what came of it, but not in the middle of a read, or of the dial.

        What was heard has to be in its inbox to be handed over.
        """
        if watch.link.closure is None:
            self._say("data", Event.CANARY_DATA)
        else:
            self._say("failed", Event.CANARY_FAILED)

    def link_paused(self, watch: Watch) -> None:
        """A full inbox is data enough."""

    def link_writable(self, watch: Watch) -> None:
        """Nothing is sent on it but subscriptions."""
