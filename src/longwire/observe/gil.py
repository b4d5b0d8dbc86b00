"""Whether the GIL was held, judged by a thread that could not run meanwhile.

It is a judgement after the fact. That the process was computing all the while shows that C code
held the GIL; a process that was stopped, or a machine that slept, computes nothing. C code that
holds the GIL while it waits looks like that, too: there "likely" is all that can be said.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Final

import msgspec

from longwire.observe.dump import DumpTimer, wanted
from longwire.observe.lag import THRESHOLD, Gil, Kept
from longwire.observe.stack import (
    Frame,
    Sample,
    at_rest,
    current_task_name,
    innermost,
    is_users,
    sample,
)

if TYPE_CHECKING:
    import asyncio

LATE: Final = 0.25
"""Seconds by which the watching thread must come late for that to be noted."""

ARM_EVERY: Final = 0.5
"""Seconds between two settings of `DumpTimer`, if it is used at all: each starts a thread, in C."""


class GilWatch:
    """Remembers, from look to look, what tells a held GIL from a stopped process.

    All methods are called under one lock of the owner's.
    """

    def __init__(self) -> None:
        self._dump = DumpTimer(THRESHOLD) if wanted() else None
        self._last_look = time.monotonic()
        self._last_armed = 0.0
        self._used = time.process_time()

    def look(self, now: float, due: float) -> Late | None:
        """The watching thread runs.

        Args:
            now: Seconds of the monotonic clock.
            due: When it should have run.

        Returns:
            What is known of why it comes late, if it does.
        """
        used = time.process_time()
        computing = used - self._used >= (now - self._last_look) / 2
        dump = None if self._dump is None else self._dump.take()
        self._used, self._last_look = used, now
        if self._dump is not None and now - self._last_armed >= ARM_EVERY:
            self._dump.arm()
            self._last_armed = now
        late = now - due
        if late < LATE:
            return None
        if dump is not None and dump[0] >= LATE:
            # Something ran and saw them while this could not: the process was not stopped.
            return Late(seconds=late, gil="sure", stacks=dict(dump[1]))
        return Late(seconds=late, gil="sure" if computing else "likely")

    def disarm(self) -> None:
        """Take faulthandler's timer back; the next look sets it anew."""
        if self._dump is not None:
            self._dump.disarm()

    def close(self) -> None:
        """Nobody looks any more."""
        if self._dump is not None:
            self._dump.close()


class Late(msgspec.Struct, frozen=True, kw_only=True):
    """That the watching thread came late, and what was seen meanwhile or right after."""

    seconds: float
    gil: Gil
    stacks: dict[int, tuple[Frame, ...]] | None = None
    """What all threads were doing meanwhile; None: nothing could see that."""

    def about(self, thread: int | None, loop: asyncio.AbstractEventLoop) -> Kept | None:
        """What it says of a loop that did not run; None: nothing.

        Args:
            thread: The identifier of the loop's thread; None: not known.
            loop: The loop.
        """
        own = self._frames(thread)
        if not at_rest(own):
            # If nothing saw it meanwhile, the meter looks where it stands now.
            seen = () if self.stacks is None else (Sample(own, current_task_name(loop)),)
            return Kept(seconds=self.seconds, gil=self.gil, seen=seen)
        # The loop had nothing to do. It was another thread, or the process was stopped.
        other = self._busy(thread)
        if self.gil == "likely" or other is None:
            return None
        return Kept(seconds=self.seconds, gil=self.gil, seen=(Sample(other, None),))

    def _frames(self, thread: int | None) -> tuple[Frame, ...]:
        if self.stacks is not None and thread is not None:
            return self.stacks.get(thread, ())
        # Who asks for its own thread is past what held it up.
        seen = None if thread == threading.get_ident() else sample(thread)
        return () if seen is None else seen.frames

    def _busy(self, but: int | None) -> tuple[Frame, ...] | None:
        """The stack of another thread that is in the midst of something of the user's."""
        ours = {each.ident for each in threading.enumerate() if each.name.startswith("longwire")}
        for thread in set(sys._current_frames()) - ours - {but, threading.get_ident()}:  # noqa: SLF001 - documented
            frames = self._frames(thread)
            found = None if at_rest(frames) else innermost(frames)
            if found is not None and is_users(found):
                return frames
        return None
