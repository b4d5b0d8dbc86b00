"""Where the user's consumer is while messages wait for it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

from longwire.observe.sighting import Sighting, sum_up
from longwire.observe.stack import Sample, frames_of_task, sample, task_name

if TYPE_CHECKING:
    from longwire.link.inbox import Inbox


class Consumer(NamedTuple):
    """Where the task is that receives, and for how long it has not waited for a message."""

    seen: Sighting
    away: float
    """Seconds."""

    def __str__(self) -> str:
        away = f"has not waited for a message for {self.away:.1f} s"
        return f"the consumer is at {self.seen} and {away}"


def where_is(inbox: Inbox) -> Consumer | None:
    """Look for who receives, from whichever thread; None if nobody did or it has ended.

    Of several it is the one that waited last. Places only, and only when it is asked for.
    """
    known = inbox.consumer()
    if known is None:
        return None
    task, thread, since = known
    if task.done():
        return None
    frames = frames_of_task(task)
    running = sample(thread) if asyncio.current_task(task.get_loop()) is task else None
    if running is not None:
        frames = running.frames
    seen = sum_up([Sample(frames, task_name(task))])
    return Consumer(seen, max(0.0, time.monotonic() - since))
