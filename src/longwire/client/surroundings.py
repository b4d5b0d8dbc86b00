"""What surrounds the links of a client: how late its loops are, and what the clocks do."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Literal

from longwire.client.lateness import MEMORY, Lateness
from longwire.client.postmortem import Circumstances
from longwire.observe.watchdog import WATCHDOG

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Hashable

    from longwire.client.carriage import Carriage
    from longwire.client.chronicle import Chronicle
    from longwire.client.consumer import Consumer
    from longwire.client.settings import Settings
    from longwire.link.inbox import Inbox
    from longwire.observe.lag import Block
    from longwire.observe.watchdog import Watch

NOTABLE_JUMP = 1.0
"""Seconds by which the wall clock must differ from the monotonic one to be worth telling."""

JUMP_MEMORY = 60.0
"""Seconds for which a jump is remembered: a link that died in its sleep is found out by then."""


def clock_offset() -> float:
    """Wall clock minus monotonic clock, in seconds."""
    return time.time() - time.monotonic()


class Surroundings:
    """Measures while a client lives.

    Args:
        carriage: The loops.
        chronicle: Gets an alert when the user's loop is blocked.
        inbox: Shows whether the user takes messages.
        on_orphaned: Called, again and again, when the user's loop was found closed.
    """

    def __init__(
        self,
        carriage: Carriage,
        chronicle: Chronicle,
        inbox: Inbox,
        on_orphaned: Callable[[], None],
    ) -> None:
        self._chronicle = chronicle
        self._carriage = carriage
        self._user_loop = carriage.user_loop
        self._inbox = inbox
        # How many at the last look, and since when no more.
        self._count = 0
        self._idle_since = time.monotonic()
        self._on_orphaned = on_orphaned
        self._io = Lateness(carriage.loop, on_look=self._look)
        self._user: Watch | None = None
        self._own: Watch | None = None
        self._offset = clock_offset()
        self._jump: tuple[float, float] | None = None

    def start(self) -> None:
        """Begin to measure. Called on the links' loop, like `stop`."""
        self._io.start()
        carriage = self._carriage
        try:
            # Of code that has no loop nothing can be said.
            if carriage.watched or not carriage.isolated:
                self._user = WATCHDOG.watch(
                    carriage.user_loop,
                    thread=carriage.user_thread,
                    on_block=self._on_block,
                    on_clear=self._on_clear,
                    on_busy=self._on_busy,
                )
            if carriage.isolated:
                self._own = WATCHDOG.watch(
                    carriage.loop,
                    thread=carriage.thread,
                    on_block=self._on_own_block,
                    on_clear=lambda _: None,
                    on_busy=lambda _: None,
                )
        except RuntimeError as error:
            self._chronicle.note(f"no watchdog looks for blocked loops: {error}")

    def _on_block(self, block: Block) -> None:
        """In the watchdog's thread, as a rule."""
        self._tell_block(block, self._user_loop)

    def _tell_block(self, block: Block, loop: asyncio.AbstractEventLoop) -> None:
        if block.gil is not None:
            doubt = "" if block.gil == "sure" else ", or the process was stopped there"
            text = (
                f"the event loop did not run for {block.lag:.1f} s, nor did any other thread: C "
                f"code held the GIL at {block.seen}{doubt}; nothing can keep a link alive meanwhile"
            )
        else:
            kept = (
                "the link is kept alive from its own thread"
                if self._carriage.isolated
                else "the link waits with it; connect(isolate=True) keeps it alive"
            )
            text = (
                f"the event loop has not run for {block.lag:.1f} s; it is blocked at {block.seen}; "
                f"{kept}"
            )
        self._alert(text, block, loop)

    def _on_own_block(self, block: Block) -> None:
        if block.gil is not None:
            if self._user is None:
                self._tell_block(block, self._carriage.loop)
            # Else it is told of the user's loop, which stood still for the same reason.
            return
        self._alert(
            f"longwire's I/O thread has not run its loop for {block.lag:.1f} s, and no link with "
            f"it; it is blocked at {block.seen}; functions that run there (is_reply, is_ack, "
            "matches, key, retryable) must be quick",
            block,
            self._carriage.loop,
        )

    def _alert(self, text: str, block: Block, loop: asyncio.AbstractEventLoop) -> None:
        self._chronicle.alert(
            "blocked-loop",
            text,
            at=time.monotonic(),
            cause="blocked-event-loop",
            seen=block.seen,
            lag=block.lag,
            matter=self._matter("blocked", block, loop),
        )

    def _matter(self, what: str, block: Block, loop: asyncio.AbstractEventLoop) -> Hashable:
        """What every client of the same kind says in the same words of a loop that they share."""
        return what, id(loop), block.since, self._carriage.isolated

    def _on_clear(self, block: Block) -> None:
        self._chronicle.note(
            f"the event loop runs again after {block.lag:.1f} s",
            matter=self._matter("clear", block, self._user_loop),
        )

    def _handed_over(self) -> int:
        return self._inbox.received - self._inbox.queued()

    def _on_busy(self, block: Block) -> None:
        if self._handed_over() != self._count or self._idle_since > block.since:
            # It may well be busy with messages.
            return
        self._chronicle.alert(
            "busy-loop",
            f"the event loop's thread has used a whole core for {block.lag:.0f} s, and not one "
            f"message was taken in that time; it was seen at {block.seen}: if that polls, let it "
            "wait instead",
            at=time.monotonic(),
            cause="busy-poll-loop",
            seen=block.seen,
            lag=block.lag,
            matter=self._matter("busy", block, self._user_loop),
        )

    def _look(self) -> None:
        count = self._handed_over()
        if count != self._count:
            self._count, self._idle_since = count, time.monotonic()
        self._compare_clocks()
        if self._user_loop.is_closed():
            self._on_orphaned()

    def _compare_clocks(self) -> None:
        """Remember when the wall clock moved without the monotonic one: a machine that slept."""
        offset = clock_offset()
        if abs(offset - self._offset) >= NOTABLE_JUMP:
            self._jump = (time.monotonic(), offset - self._offset)
        self._offset = offset

    def _recent_jump(self, within: float) -> float | None:
        self._compare_clocks()
        if self._jump is None or time.monotonic() - self._jump[0] > within:
            return None
        return self._jump[1]

    def loop_lag(self) -> float:
        """How late the user's loop is now, in seconds; 0 where there is none."""
        if self._user is not None:
            return self._user.lag
        return 0.0 if self._carriage.isolated else self._io.late()

    def _worst_lag(self, within: float) -> float:
        """The same, the worst of the last seconds."""
        mark = time.monotonic() - within
        seen = 0.0 if self._user is None else self._user.worst_since(mark)
        # Inline both measure the same loop, from inside and from outside.
        return seen if self._carriage.isolated else max(seen, self._io.worst(within=within))

    def _recent_block(self, within: float) -> Block | None:
        """The latest block of one of the loops, if it is recent."""
        mark = time.monotonic() - within
        user = None if self._user is None else self._user.block_since(mark)
        own = None if self._own is None else self._own.block_since(mark)
        # The links' loop explains more; but a held GIL is seen best where it was held.
        return own if own is not None and (user is None or own.gil is None) else user

    def circumstances(
        self,
        settings: Settings,
        *,
        queued: int,
        consumer: Consumer | None,
        subscriptions: int,
        canary: Literal["data", "silent", "failed"] | None,
        age: float = math.inf,
    ) -> Circumstances:
        """What evidence says of everything but the link.

        What happened before ``age``, the seconds that the link has lived, explains nothing.
        """
        within = min(age, MEMORY)
        lag = self._worst_lag(within)
        return Circumstances(
            heartbeat=settings.heartbeat,
            isolated=settings.isolate,
            subscriptions=subscriptions,
            inbox_limit=settings.inbox.messages,
            queued=queued,
            consumer=consumer,
            loop_lag=lag,
            io_lag=self._io.worst(within=within) if self._carriage.isolated else lag,
            clock_jump=self._recent_jump(min(age, JUMP_MEMORY)),
            block=self._recent_block(within),
            canary=canary,
        )

    def stop(self) -> None:
        """Measure no more."""
        self._io.stop()
        for watch in (self._user, self._own):
            if watch is not None:
                watch.stop()
